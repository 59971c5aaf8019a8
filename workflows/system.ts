import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

const { reconcileAll } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { maximumAttempts: 3 },
});

const { sweepOrganizations } = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '2 hours',
  heartbeatTimeout: '1 minute',
  retry: { maximumAttempts: 20, initialInterval: '5 seconds', maximumInterval: '5 minutes' },
});

const { syncDueCatalogs } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { maximumAttempts: 3 },
});

/** Pages of servers per execution. The rest is still due a minute later. */
const maxSyncPages = 20;

/** Syncs the due catalogs, page by page. */
export async function syncCatalog(): Promise<void> {
  let after: string | null = null;
  for (let page = 0; page < maxSyncPages; page++) {
    ({ after } = await syncDueCatalogs({ after }));
    if (after === null) return;
  }
}

/**
 * Makes Schedules and runs agree with the database. Returns where the next pass over the Schedules continues; Temporal
 * passes the result of one execution to the next.
 */
export async function reconcile(): Promise<{ after: string | null }> {
  const last: unknown = workflowInfo().lastResult;
  const after =
    typeof last === 'object' && last !== null && 'after' in last && typeof last.after === 'string' ? last.after : null;
  return await reconcileAll({ after });
}

/** Pages of organizations per execution, which keeps its history short. */
const maxPages = 200;

/** Deletes expired data once a day. `after`: where the previous execution stopped. */
export async function housekeeping({ after = null }: { after?: string | null } = {}): Promise<void> {
  let next = after;
  for (let page = 0; page < maxPages; page++) {
    ({ after: next } = await sweepOrganizations({ after: next }));
    if (next === null) return;
  }
  await continueAsNew<typeof housekeeping>({ after: next });
}
