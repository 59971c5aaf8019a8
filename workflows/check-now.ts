import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type CheckNowInput = { orgId: string; monitorId: string; key: string; heartbeatSeconds: number };

/** Runs one requested check. */
export async function checkNow({
  orgId,
  monitorId,
  key,
  heartbeatSeconds,
}: CheckNowInput): Promise<{ outcome: string }> {
  // The maximum time limit of a call is two minutes.
  const { runCheckNow } = proxyActivities<Activities>({
    startToCloseTimeout: '4 minutes',
    scheduleToCloseTimeout: '30 minutes',
    heartbeatTimeout: heartbeatSeconds * 1000,
    retry: { maximumAttempts: 100, initialInterval: '1 second', maximumInterval: '15 seconds' },
  });
  return await runCheckNow({ orgId, monitorId, key, requestedAt: workflowInfo().startTime.toISOString() });
}
