import { readCpuSeconds } from '../cpu.ts';
import { percentile } from '../figures.ts';
import { callTool, type Target } from './rpc.ts';

export type CounterOptions = {
  target: Target;
  name: string;
  args: object;
  concurrency: number;
  /** Processes whose CPU is counted. */
  pids: number[];
  sliceMs: number;
};

/** Calls a tool during slices of time and counts responses per second and the CPU of processes. */
export function createCounter({ target, name, args, concurrency, pids, sliceMs }: CounterOptions) {
  const rates: number[] = [];
  const cpu = pids.map(() => 0);
  let responses = 0;
  return {
    async runSlice({ isCounted }: { isCounted: boolean }): Promise<void> {
      const before = pids.map(readCpuSeconds);
      const from = performance.now();
      let done = 0;
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          while (performance.now() - from < sliceMs) {
            await callTool(target, name, args);
            done += 1;
          }
        }),
      );
      if (!isCounted) return;
      rates.push(done / ((performance.now() - from) / 1000));
      responses += done;
      for (const [index, pid] of pids.entries())
        cpu[index] = (cpu[index] ?? 0) + readCpuSeconds(pid) - (before[index] ?? 0);
    },
    /** @returns responses per second of the median slice. */
    getRate: () => percentile(rates, 0.5),
    /** @returns milliseconds per request of each process. */
    getCpuMs: () => cpu.map((seconds) => (seconds * 1000) / responses),
  };
}
