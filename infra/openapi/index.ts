import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import type { ApiToolChange } from '../../domain/openapi/index.ts';
import type { Compilation, Inspection, Job, JobAnswer, JobRefusal, ProductSettings } from './job.ts';

export type * from './job.ts';

/**
 * Reads OpenAPI documents, which may be hostile and large, in a thread of its own with a time and memory limit, so that
 * the process answers others meanwhile.
 */
export type OpenApi = {
  /** @param document as uploaded: a text, or bytes that should be UTF-8 */
  inspect(document: string | Uint8Array, settings: ProductSettings): Promise<Inspection | JobRefusal>;
  /** The tools to serve. @param content the document, compressed by gzip */
  compile(content: Uint8Array, settings: ProductSettings): Promise<Compilation | JobRefusal>;
  /** What a new version of a document changes for callers. Both are compressed by gzip. */
  compare(
    before: Uint8Array,
    after: Uint8Array,
    settings: ProductSettings,
  ): Promise<{ changes: ApiToolChange[] } | JobRefusal>;
};

export type OpenApiOptions = {
  /** @default 15,000 */
  timeoutMs?: number;
  /** Of the thread's heap. @default 560 */
  maxMegabytes?: number;
  /** Threads at the same time; others wait. @default 2 */
  concurrency?: number;
};

export function createOpenApi({
  timeoutMs = 15_000,
  maxMegabytes = 560,
  concurrency = 2,
}: OpenApiOptions = {}): OpenApi {
  const limit = pLimit(concurrency);
  const run = <K extends Job['kind']>(job: Extract<Job, { kind: K }>): Promise<JobAnswer[K] | JobRefusal> =>
    limit(() => runInThread(job, { timeoutMs, maxMegabytes }));
  return {
    inspect: (document, settings) => run({ kind: 'inspect', document, settings }),
    compile: (content, settings) => run({ kind: 'compile', content, settings }),
    compare: (before, after, settings) => run({ kind: 'compare', before, after, settings }),
  };
}

const refusal = (reason: 'too_slow' | 'too_much_memory', message: string): JobRefusal => ({
  refusal: { reason, message },
});

async function runInThread<K extends Job['kind']>(
  job: Extract<Job, { kind: K }>,
  { timeoutMs, maxMegabytes }: { timeoutMs: number; maxMegabytes: number },
): Promise<JobAnswer[K] | JobRefusal> {
  const { promise, resolve, reject } = Promise.withResolvers<JobAnswer[K] | JobRefusal>();
  // Without the flags of this process, such as those of a test runner or of a debugger that would want a second port.
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: job,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: maxMegabytes, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  thread.once('message', resolve);
  thread.once('error', (error) =>
    'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? resolve(
          refusal('too_much_memory', 'Reading the document needs too much memory. Remove what agents do not need.'),
        )
      : reject(error),
  );
  thread.once('exit', () => reject(new Error('the thread that reads documents ended without an answer')));
  const timer = setTimeout(
    () =>
      resolve(
        refusal(
          'too_slow',
          `Reading the document takes more than ${timeoutMs / 1000} s. Remove what agents do not need.`,
        ),
      ),
    timeoutMs,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
