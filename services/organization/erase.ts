import { eraseOrganizationRows } from '../../infra/db/queries/organization.ts';
import { forEachConcurrent } from '../context/concurrency.ts';
import type { Deps } from '../context/context.ts';

/** Erasures that one pass works on. */
const maxErasures = 20;
/** Rows of one kind that one transaction deletes, beside what refers to them. */
const chunkSize = 300;
/** Transactions of one organization in one pass, so that a large one doesn't hold up the rest of reconcile. */
const maxChunks = 100;

/**
 * Erases the organizations whose deletion was requested: first their secrets, then their Schedules and runs in
 * Temporal, then all rows. Safe to stop anywhere and to repeat: the next pass continues. Part of reconcile, over all
 * organizations.
 * @returns how many organizations were finished
 */
export async function eraseOrganizations(
  deps: Deps,
  { onProgress }: { onProgress: () => void },
): Promise<{ organizationsErased: number }> {
  const { db, log } = deps;
  const open = await db.erasure.findMany({
    where: { finishedAt: null },
    orderBy: { requestedAt: 'asc' },
    take: maxErasures,
  });
  let organizationsErased = 0;
  await forEachConcurrent(open, { concurrency: 1, onProgress, log }, async ({ orgId }) => {
    await deps.secrets.destroyAll(orgId);
    await stopTemporal(deps, orgId, onProgress);
    let isEmpty = false;
    for (let chunk = 0; chunk < maxChunks && !isEmpty; chunk++, onProgress())
      isEmpty = (await eraseOrganizationRows(db, { orgId, limit: chunkSize })) === 0;
    if (!isEmpty) return;
    // What a request that was under way stored since.
    await deps.secrets.destroyAll(orgId);
    await db.erasure.updateMany({ where: { orgId, finishedAt: null }, data: { finishedAt: deps.now() } });
    log.warn({ orgId }, 'a deleted workspace was erased');
    organizationsErased += 1;
  });
  return { organizationsErased };
}

/** Ends what Temporal still does for an organization. */
async function stopTemporal({ db, temporal }: Deps, orgId: string, onProgress: () => void): Promise<void> {
  const workflows = await db.workflow.findMany({ where: { orgId }, select: { id: true } });
  for (const { id } of workflows) {
    await temporal.deleteSchedule(id);
    onProgress();
  }
  for (const schedule of await db.monitorSchedule.findMany({ where: { orgId } })) {
    await temporal.deleteMonitorSchedule(schedule);
    onProgress();
  }
  const runs = await db.run.findMany({
    where: { orgId, status: { in: ['pending', 'running'] } },
    select: { id: true },
  });
  for (const { id } of runs) {
    await temporal.terminateRun(id);
    onProgress();
  }
}
