import { formatTable } from '../figures.ts';
import { createCounter } from '../mcp/counter.ts';
import type { Target } from '../mcp/rpc.ts';
import { calls } from './document.ts';

const slices = Number(process.env.ARMATURE_BENCH_SLICES ?? 9);
const sliceMs = 1500;
const minRatio = 0.4;

export type Throughput = {
  call: string;
  concurrency: number;
  armature: number;
  bare: number;
  ratio: number;
  /** CPU per call, in milliseconds. */
  apiMs: number;
  bareMs: number;
};

type Measured = { target: Target; pid: number };

/** Calls per second through a Product MCP and through a bare server that forwards the same request, in turns. */
export async function measureThroughput(ours: Measured, bare: Measured): Promise<Throughput[]> {
  const figures: Throughput[] = [];
  for (const [name, args] of calls)
    for (const concurrency of [1, 8]) {
      const counters = [ours, bare].map(({ target, pid }) =>
        createCounter({ target, name, args, concurrency, pids: [pid], sliceMs }),
      );
      // The first two slices of each are a warm-up.
      for (let slice = -2; slice < slices; slice += 1)
        for (const counter of counters) await counter.runSlice({ isCounted: slice >= 0 });
      const [armature = 0, bareRate = 0] = counters.map((counter) => counter.getRate());
      const [[apiMs = 0] = [], [bareMs = 0] = []] = counters.map((counter) => counter.getCpuMs());
      figures.push({ call: name, concurrency, armature, bare: bareRate, ratio: armature / bareRate, apiMs, bareMs });
    }
  const rows = figures.map(({ call, concurrency, armature, bare: bareRate, ratio, apiMs, bareMs }) => [
    call,
    String(concurrency),
    armature.toFixed(0),
    bareRate.toFixed(0),
    ratio.toFixed(2),
    apiMs.toFixed(2),
    bareMs.toFixed(2),
  ]);
  const head = ['', 'concurrency', 'Armature /s', 'bare /s', 'ratio', 'api CPU ms', 'bare CPU ms'];
  console.log(
    `\nCalls per second, median of ${slices} slices of ${sliceMs} ms, in turns\n\n${formatTable([head, ...rows])}`,
  );
  const worst = Math.min(...figures.map(({ ratio }) => ratio));
  console.log(`\nWorst ratio ${worst.toFixed(2)}, goal ≥ ${minRatio}: ${worst >= minRatio ? 'reached' : 'missed'}`);
  return figures;
}
