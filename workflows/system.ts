import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

const { reconcileAll } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  retry: { maximumAttempts: 3 },
});

/** Makes Schedules and runs agree with the database. */
export async function reconcile(): Promise<void> {
  await reconcileAll();
}
