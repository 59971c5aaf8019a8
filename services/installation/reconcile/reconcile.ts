import { keepSignedIn } from '../../auth-profile/oauth/keep.ts';
import type { Deps } from '../../context/context.ts';
import { sweepDeliveries } from '../../delivery/sweep.ts';
import { sweepIncidents } from '../../incident/recording/sweep.ts';
import { eraseOrganizations } from '../../organization/erase.ts';
import { startDueReports } from '../../report/start.ts';
import { reconcileMonitorSchedules } from './monitor-schedules.ts';
import { reconcileRuns } from './runs.ts';
import { reconcileWorkflowSchedules } from './workflow-schedules.ts';

/**
 * One pass that makes Temporal agree with the database, over all organizations of this installation: Schedules, open
 * runs, deliveries, incidents, reports, tokens. It also erases deleted organizations. Bounded: the next pass continues.
 * @param of.after what the pass before returned: where comparing Schedules continues, `<workflow>|<monitors>`
 */
export async function reconcileAll(
  deps: Deps,
  { after, onProgress = () => {} }: { after: string | null; onProgress?: () => void },
): Promise<{ after: string | null }> {
  const [afterWorkflow, afterMonitors] = (after ?? '').split('|');
  const erased = await eraseOrganizations(deps, { onProgress });
  const schedules = await reconcileWorkflowSchedules(deps, { after: afterWorkflow || null, onProgress });
  const monitors = await reconcileMonitorSchedules(deps, { after: afterMonitors || null, onProgress });
  const runs = await reconcileRuns(deps, { onProgress });
  const deliveries = await sweepDeliveries(deps, { onProgress });
  const incidents = await sweepIncidents(deps, { onProgress });
  const reports = await startDueReports(deps, { onProgress });
  const tokens = await keepSignedIn(deps, { onProgress });
  const { after: nextWorkflow, ...changes } = schedules;
  const { after: nextMonitors, ...monitorChanges } = monitors;
  const done = {
    ...erased,
    ...changes,
    ...monitorChanges,
    ...runs,
    ...deliveries,
    ...incidents,
    ...reports,
    ...tokens,
  };
  if (Object.values(done).some((count) => count > 0)) deps.log.info(done, 'reconciled');
  return {
    after: nextWorkflow === null && nextMonitors === null ? null : `${nextWorkflow ?? ''}|${nextMonitors ?? ''}`,
  };
}
