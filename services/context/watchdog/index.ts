import { Worker } from 'node:worker_threads';

/** What the watching thread is started with. */
export type Watched = {
  /** Goes up with each beat of the main thread. */
  beats: SharedArrayBuffer;
  /** The process is ended after this many seconds without a beat. */
  seconds: number;
  process: string;
  logLevel: string;
};

/** Looks of the watching thread until it gives up. More than one, because one is missed when the machine was asleep. */
export const maxMissed = 6;

/**
 * Ends this process by SIGKILL when its event loop answers nothing for some seconds, so that what supervises it starts
 * it anew: a hung process would keep its place for ever.
 * @param options.seconds 0: never
 */
export function startWatchdog({ seconds, ...options }: { seconds: number; process: string; logLevel: string }): {
  close(): Promise<void>;
} {
  if (seconds === 0) return { close: async () => {} };
  const beats = new SharedArrayBuffer(4);
  const count = new Int32Array(beats);
  const beat = setInterval(() => Atomics.add(count, 0, 1), (seconds * 1000) / maxMissed / 2);
  const workerData: Watched = { beats, seconds, ...options };
  // Without the flags of this process, such as those of a test runner or of a debugger that would want a second port.
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData, execArgv: [] });
  beat.unref();
  thread.unref();
  return {
    async close() {
      clearInterval(beat);
      await thread.terminate();
    },
  };
}
