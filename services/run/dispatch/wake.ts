import { findAdmissible } from '../../../infra/db/queries/run-admission.ts';
import type { Deps } from '../../context/context.ts';

/**
 * Lets runs that wait for others begin, when there is room. Not a use case: part of the end of a run and of reconcile,
 * which makes up for a process that died in between.
 */
export async function wakeWaitingRuns(
  { db, temporal, config, log }: Pick<Deps, 'db' | 'temporal' | 'config' | 'log'>,
  orgId: string,
): Promise<void> {
  try {
    const runIds = await findAdmissible(db, { orgId, most: config.ceilings.concurrentRuns });
    await Promise.all(runIds.map((runId) => temporal.wakeRun(runId)));
  } catch (error) {
    log.warn({ err: error, orgId }, 'waiting runs were not woken; reconcile wakes them');
  }
}
