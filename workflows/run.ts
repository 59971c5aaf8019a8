import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type RunInput = { runId: string; orgId: string; heartbeatSeconds: number };

/** Sent to a run that waits for others, when it may begin. */
const wake = defineSignal('wake');

const statusAttribute = defineSearchAttributeKey('ArmatureStatus', SearchAttributeType.KEYWORD);

/** Carries out one run, from the agent's work to the terminal row. A failing test is a successful workflow. */
export async function run({ runId, orgId, heartbeatSeconds }: RunInput): Promise<{ status: string }> {
  // Attempts allow for dead workers and outages: the agent resumes where it was. A run may take an hour at most; the
  // agent enforces the limit of the run.
  const { runAgent } = proxyActivities<Activities>({
    startToCloseTimeout: '75 minutes',
    scheduleToCloseTimeout: '6 hours',
    heartbeatTimeout: heartbeatSeconds * 1000,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 30, initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const { evaluateRun } = proxyActivities<Activities>({
    startToCloseTimeout: '15 minutes',
    scheduleToCloseTimeout: '2 hours',
    heartbeatTimeout: heartbeatSeconds * 1000,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 20, initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  // Local: a few milliseconds of database work, without a round trip through Temporal's queues.
  const { finishRun, evaluateAlerts } = proxyLocalActivities<Activities>({
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: '6 hours',
    retry: { maximumAttempts: 1000, initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const { refreshCoverage } = proxyLocalActivities<Activities>({
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: '10 minutes',
    retry: { maximumAttempts: 20, initialInterval: '1 second', maximumInterval: '30 seconds' },
  });

  let isWoken = false;
  setHandler(wake, () => {
    isWoken = true;
  });
  let end: 'worked' | 'canceled' | 'abandoned' = 'worked';
  try {
    let part = await runAgent({ runId, orgId });
    // Only where a ceiling is set, so a history without one has no other steps. A lost signal is made up for.
    while (part.isWaiting) {
      await condition(() => isWoken, '10 minutes');
      isWoken = false;
      part = await runAgent({ runId, orgId });
    }
    const { toGrade } = part;
    if (toGrade) await evaluateRun({ runId, orgId });
    // An activity may have handled the cancellation and returned normally.
    if (CancellationScope.current().consideredCancelled) end = 'canceled';
  } catch (error) {
    end = isCancellation(error) ? 'canceled' : 'abandoned';
    if (end === 'abandoned') log.error('the run could not be carried out', { runId, error: String(error) });
  }
  return await CancellationScope.nonCancellable(async () => {
    const { status } = await finishRun({ runId, orgId, end });
    upsertSearchAttributes([{ key: statusAttribute, value: status }]);
    // Runs that started before this was deployed end without it.
    if (patched('refresh-coverage'))
      try {
        await refreshCoverage({ runId, orgId });
      } catch (error) {
        // Without it, the report is computed from the runs themselves.
        log.warn('the coverage of the run was not stored', { runId, error: String(error) });
      }
    if (patched('alerts'))
      try {
        await evaluateAlerts({ runId, orgId });
      } catch (error) {
        log.error('alert evaluation failed', { runId, error: String(error) });
      }
    return { status };
  });
}
