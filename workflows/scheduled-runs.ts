import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { ParentClosePolicy, proxyActivities, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { run } from './run.ts';

export type ScheduledRunsInput = { workflowId: string; orgId: string; heartbeatSeconds: number };

const { startScheduledRuns } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  // Until the database is back, however long that takes: a fire time without runs is at least listed as skipped.
  scheduleToCloseTimeout: '7 days',
  retry: { maximumAttempts: 100_000, initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const nominalTime = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/** Started by a Schedule at each fire time: starts one `run` for each tester model whose previous one is over. */
export async function scheduledRuns({ workflowId, orgId, heartbeatSeconds }: ScheduledRunsInput): Promise<void> {
  const info = workflowInfo();
  const at = info.typedSearchAttributes.get(nominalTime) ?? info.startTime;
  const { runs, idPrefix, gapSeconds } = await startScheduledRuns({
    workflowId,
    orgId,
    at: at.toISOString(),
    // In a workflow, now is when a worker took its first task.
    waitedMs: Date.now() - info.startTime.getTime(),
  });
  for (const [index, { runId, attributes }] of runs.entries()) {
    if (index) await sleep(gapSeconds * 1000);
    try {
      await startChild(run, {
        workflowId: `${idPrefix}${runId}`,
        args: [{ runId, orgId, heartbeatSeconds }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        typedSearchAttributes: Object.entries(attributes).map(([name, value]) => ({
          key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
          value,
        })),
        memo: { run: `run ${runId} of workflow ${workflowId}` },
      });
    } catch (error) {
      // A second execution for this fire time, or reconcile, has started it.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}
