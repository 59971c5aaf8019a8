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

/** What a Schedule starts at each tick: all checks of one server's monitors of one interval. */
export async function checkMonitors({
  orgId,
  serverId,
  intervalSeconds,
  heartbeatSeconds,
}: CheckMonitorsInput): Promise<{ checks: number }> {
  const info = workflowInfo();
  const at = info.typedSearchAttributes.get(nominalTime) ?? info.startTime;
  // The batch ends itself before the next tick; an attempt after that records what is left. The next tick waits for this one, so
  // that one that can't be recorded is given up after a while.
  const { runChecks } = proxyActivities<Activities>({
    startToCloseTimeout: (intervalSeconds + 30) * 1000,
    scheduleToCloseTimeout: (intervalSeconds + 15 * 60) * 1000,
    heartbeatTimeout: heartbeatSeconds * 1000,
    retry: { maximumAttempts: 100, initialInterval: '1 second', maximumInterval: '15 seconds' },
  });
  const { checks } = await runChecks({ orgId, serverId, intervalSeconds, scheduledAt: at.toISOString() });
  return { checks };
}
