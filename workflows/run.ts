import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type RunInput = { runId: string; orgId: string; heartbeatSeconds: number };

/** One run, from the agent's work to the terminal row. A failing test is a successful workflow. */
export async function run({ runId, orgId, heartbeatSeconds }: RunInput): Promise<{ status: string }> {
  // Attempts allow for workers that die and for outages: the agent resumes where it was. An hour is the longest time limit of
  // a run; the agent keeps to its own.
  const { runAgent } = proxyActivities<Activities>({
    startToCloseTimeout: '75 minutes',
    scheduleToCloseTimeout: '6 hours',
    heartbeatTimeout: heartbeatSeconds * 1000,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 10, initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const { evaluateRun } = proxyActivities<Activities>({
    startToCloseTimeout: '15 minutes',
    scheduleToCloseTimeout: '2 hours',
    heartbeatTimeout: heartbeatSeconds * 1000,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 5, initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const { finishRun } = proxyActivities<Activities>({
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: '6 hours',
    retry: { maximumAttempts: 1000, initialInterval: '1 second', maximumInterval: '30 seconds' },
  });

  let end: Parameters<Activities['finishRun']>[0]['end'];
  try {
    end = await runAgent({ runId, orgId });
    if (end.outcome !== 'error') await evaluateRun({ runId, orgId });
  } catch (error) {
    const canceled = isCancellation(error);
    if (!canceled) log.error('the run could not be carried out', { runId, error: String(error) });
    end = canceled
      ? { outcome: 'error', error: { kind: 'canceled', message: 'The run was canceled.' } }
      : {
          outcome: 'error',
          error: { kind: 'abandoned', message: "Armature could not carry this run out; its worker's log says why." },
        };
  }
  const ended = end;
  return CancellationScope.nonCancellable(() => finishRun({ runId, orgId, end: ended }));
}
