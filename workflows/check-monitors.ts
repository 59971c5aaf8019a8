import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type CheckMonitorsInput = {
  orgId: string;
  serverId: string;
  intervalSeconds: number;
  heartbeatSeconds: number;
};

const nominalTime = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/** Started by a Schedule at each due time: runs all checks of one server's monitors of one interval. */
export async function checkMonitors({
  orgId,
  serverId,
  intervalSeconds,
  heartbeatSeconds,
}: CheckMonitorsInput): Promise<{ checks: number }> {
  const info = workflowInfo();
  const at = info.typedSearchAttributes.get(nominalTime) ?? info.startTime;
  // The batch ends itself before the next due time; a later attempt records what is left. The next batch waits for this
  // one, so a batch that can't be recorded fails after a while.
  const { runChecks } = proxyActivities<Activities>({
    startToCloseTimeout: (intervalSeconds + 30) * 1000,
    scheduleToCloseTimeout: (intervalSeconds + 15 * 60) * 1000,
    heartbeatTimeout: heartbeatSeconds * 1000,
    retry: { maximumAttempts: 100, initialInterval: '1 second', maximumInterval: '15 seconds' },
  });
  const { checks } = await runChecks({ orgId, serverId, intervalSeconds, scheduledAt: at.toISOString() });
  return { checks };
}
