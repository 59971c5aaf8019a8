import { sweepDeliveries } from '../alert/sweep.ts';
import type { Deps } from '../context.ts';
import { reconcileRuns } from './runs.ts';
import { reconcileSchedules } from './schedules.ts';

/**
 * One pass that makes Temporal agree with the database, which is the truth: this installation's Schedules, then its open runs.
 * Bounded; what doesn't fit is the next pass's. @returns where the next pass over the Schedules goes on.
 */
export async function reconcileAll(
  deps: Deps,
  { after, onProgress = () => {} }: { after: string | null; onProgress?: () => void },
): Promise<{ after: string | null }> {
  const schedules = await reconcileSchedules(deps, { after, onProgress });
  const runs = await reconcileRuns(deps, { onProgress });
  const deliveries = await sweepDeliveries(deps, { onProgress });
  const { after: next, ...changes } = schedules;
  const done = { ...changes, ...runs, ...deliveries };
  if (Object.values(done).some((count) => count > 0)) deps.log.info(done, 'reconciled');
  return { after: next };
}
