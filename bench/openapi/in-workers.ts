import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { CorpusFile } from './corpus.ts';

/** What a script found in a document. `cpuMs`: of the thread, so that a busy machine doesn't count. */
export type Outcome<T> = { file: CorpusFile } & (
  | { kind: 'done'; result: T; cpuMs: number }
  | { kind: 'threw' | 'out_of_memory' | 'hung'; message: string }
);

const small = 3 * 1024 * 1024;
export const limitsOf = ({ bytes }: CorpusFile) =>
  bytes <= small ? { cpuMs: 2000, megabytes: 512 } : { cpuMs: 15_000, megabytes: 600 };

type Reply<T> = { result: T; cpuMs: number } | { error: string };

/**
 * Runs a script (`parentPort` gets a path and answers with a `Reply`) for every document, in threads with limited
 * memory. A thread that runs out of memory or never answers is replaced.
 */
export async function inWorkers<T>(script: URL, files: readonly CorpusFile[], wallMs = 300_000): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  const pending = files.map((file, index) => ({ file, index }));
  const lane = async (megabytes: number, isMine: (file: CorpusFile) => boolean) => {
    let worker: Worker | null = null;
    for (;;) {
      const at = pending.findIndex(({ file }) => isMine(file));
      const [next] = at === -1 ? [] : pending.splice(at, 1);
      if (!next) break;
      worker ??= new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: megabytes } });
      const outcome: Outcome<T> = { file: next.file, ...(await ask<T>(worker, next.file, wallMs)) };
      if (outcome.kind === 'out_of_memory' || outcome.kind === 'hung') {
        await worker.terminate();
        worker = null;
      }
      outcomes[next.index] = outcome;
      if (outcomes.length % 100 === 0) process.stderr.write('.');
    }
    await worker?.terminate();
  };
  const lanes = availableParallelism() + 1;
  await Promise.all(Array.from({ length: lanes }, () => lane(512, (file) => limitsOf(file).megabytes === 512)));
  await lane(600, () => true);
  process.stderr.write('\n');
  return outcomes;
}

type Answer<T> = Outcome<T> extends infer O ? (O extends { file: CorpusFile } ? Omit<O, 'file'> : never) : never;

async function ask<T>(worker: Worker, file: CorpusFile, wallMs: number): Promise<Answer<T>> {
  const { promise, resolve } = Promise.withResolvers<Answer<T>>();
  const onMessage = (reply: Reply<T>) =>
    resolve('error' in reply ? { kind: 'threw', message: reply.error } : { kind: 'done', ...reply });
  const onError = (error: unknown) =>
    resolve({ kind: 'out_of_memory', message: error instanceof Error ? error.message : String(error) });
  const timer = setTimeout(() => resolve({ kind: 'hung', message: `no answer in ${wallMs} ms` }), wallMs);
  worker.once('message', onMessage).once('error', onError);
  worker.postMessage(file.path);
  const answer = await promise;
  clearTimeout(timer);
  worker.off('message', onMessage).off('error', onError);
  return answer;
}

/** The thread's side. */
export async function serve<T>(check: (path: string) => T | Promise<T>): Promise<void> {
  const { parentPort } = await import('node:worker_threads');
  parentPort?.on('message', async (path: string) => {
    const { user: before } = process.threadCpuUsage();
    try {
      const result = await check(path);
      parentPort.postMessage({ result, cpuMs: (process.threadCpuUsage().user - before) / 1000 });
    } catch (error) {
      parentPort.postMessage({ error: inspect(error) });
    }
  });
}
