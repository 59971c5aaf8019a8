import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

const { reconcileAll } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { maximumAttempts: 3 },
});

/**
 * Makes Schedules and runs agree with the database. Returns where the next pass over the Schedules goes on; Temporal hands the
 * result of one firing to the next.
 */
export async function reconcile(): Promise<{ after: string | null }> {
  const last: unknown = workflowInfo().lastResult;
  const after =
    typeof last === 'object' && last !== null && 'after' in last && typeof last.after === 'string' ? last.after : null;
  return await reconcileAll({ after });
}
