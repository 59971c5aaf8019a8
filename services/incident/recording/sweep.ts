import { type DueIncident, findDueIncidents, findOrphanedIncidents } from '../../../infra/db/queries/incident.ts';
import type { Deps } from '../../context/context.ts';
import { startDeliveries } from '../../delivery/start.ts';
import { each } from '../../installation/reconcile/each.ts';
import { watchInstallation } from '../../installation/watch.ts';
import { closeIn } from './close.ts';
import { tellIn } from './notify.ts';
import { incidentOf } from './record.ts';
import { lockSubjects, saveSubjects } from './subject.ts';

const page = 200;
/** Of one sweep; what is left is the next one's, a minute later. */
const mostPages = 10;
/** An incident that a server incident speaks for is looked at again after this. */
const absorbedMs = 60_000;

/**
 * What happens to incidents without anything being seen: reminders, mutes, maintenance, cooldowns and flapping that are over; incidents
 * whose subject is gone; problems of Armature itself. For all organizations, bounded. Not a use case: called by reconcile.
 */
export async function sweepIncidents(
  deps: Deps,
  { onProgress = () => {} }: { onProgress?: () => void } = {},
): Promise<{ incidentsDue: number; incidentsGone: number }> {
  const done = { incidentsDue: 0, incidentsGone: await closeGone(deps) };
  const failed = new Set<string>();
  for (let round = 0; round < mostPages; round++) {
    const due = (await dueSubjects(deps)).filter((subject) => !failed.has(subject.incidentId));
    if (due.length === 0) break;
    await each(due, { atOnce: 4, onProgress, log: deps.log }, async (subject) => {
      failed.add(subject.incidentId);
      await startDeliveries(deps, await lookAt(deps, subject));
      failed.delete(subject.incidentId);
      done.incidentsDue += 1;
    });
    if (due.length < page) break;
  }
  await watchInstallation(deps);
  return done;
}

function dueSubjects({ db, now }: Deps): Promise<DueIncident[]> {
  return findDueIncidents(db, { at: now(), limit: page });
}

/** Asks the rules of what is due about one incident. */
async function lookAt(deps: Deps, { orgId, kind, key, incidentId, ruleIds }: DueIncident) {
  return deps.db.$transaction(async (tx) => {
    const subjects = await lockSubjects(tx, orgId, [{ kind, key }]);
    const row = await tx.incident.findFirstOrThrow({
      where: { orgId, id: incidentId },
      include: { parent: { select: { closedAt: true } } },
    });
    const isAbsorbed = row.closedAt === null && row.parent !== null && row.parent.closedAt === null;
    const at = deps.now();
    // Those that are not asked (paused rules, deleted ones) are done with; the others say when they want to be asked again.
    await tx.incidentTelling.updateMany({
      where: { orgId, incidentId, ruleId: { in: ruleIds }, dueAt: { lte: at } },
      data: { dueAt: isAbsorbed ? new Date(at.getTime() + absorbedMs) : null },
    });
    const incidents = [incidentOf(row, isAbsorbed)];
    const deliveries = await tellIn(tx, deps, { orgId, subjects, incidents, ruleIds });
    await saveSubjects(tx, orgId, [...subjects.values()]);
    return deliveries;
  });
}

/**
 * Subjects that nothing will be seen of any more: what paused or deleted them closes their incidents itself, but a run or check that
 * was under way can open another one, and a new version can drop a tester model.
 */
async function closeGone(deps: Deps): Promise<number> {
  let closed = 0;
  for (const { orgId, ...incident } of await findOrphanedIncidents(deps.db, { limit: page })) {
    const ids = await deps.db.$transaction((tx) =>
      closeIn(tx, { orgId, at: deps.now(), incidents: [incident], reason: 'gone' }),
    );
    closed += ids.length;
  }
  return closed;
}
