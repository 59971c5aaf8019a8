import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { isTerminal } from '../../../domain/run/run.ts';
import type { StartedRun } from './schema.ts';

const pollIntervalMs = 300;
const progressIntervalMs = 5_000;

export const waitOptions = z.object({
  /** Aborted when the caller has gone away. */
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal).optional(),
  /** Called when runs end, and every few seconds, so that the client's own time limit starts again. */
  progress: z.custom<(message: string) => Promise<void>>((value) => typeof value === 'function').optional(),
});

/**
 * Polls until all runs have ended, or the caller has gone away.
 * @throws ArmatureError `run_wait_timeout` after `waitSeconds`; the runs go on
 */
export async function waitForRuns(
  started: readonly StartedRun[],
  { waitSeconds, signal, progress }: { waitSeconds: number } & z.output<typeof waitOptions>,
  read: () => Promise<StartedRun[]>,
): Promise<StartedRun[]> {
  const deadline = performance.now() + waitSeconds * 1000;
  let reported = { done: -1, at: 0 };
  for (let runs = [...started]; ; runs = await read()) {
    const done = runs.filter(({ status }) => isTerminal(status)).length;
    const at = performance.now();
    if (progress && (done !== reported.done || at - reported.at >= progressIntervalMs)) {
      reported = { done, at };
      await progress(`${done} of ${runs.length} runs have ended.`);
    }
    if (done === runs.length || signal?.aborted) return runs;
    if (at >= deadline) {
      const runIds = runs.map(({ runId }) => runId);
      throw new ArmatureError(
        'run_wait_timeout',
        `After ${waitSeconds} s ${runs.length - done} of ${runs.length} runs have not ended: ${runIds.join(', ')}.`,
        'They continue. Wait for the same runs again by their reason or key, without asking for a new run.',
        { runIds, runId: runIds[0], runs: runs.map(({ runId, model, status }) => ({ runId, model, status })) },
      );
    }
    await sleep(Math.min(pollIntervalMs, Math.max(1, deadline - at)));
  }
}
