import { minuteMs } from '../../../domain/values/time.ts';
import { type DueIncident, findDueIncidents, findOrphanedIncidents } from '../../../infra/db/queries/incident.ts';
import { observeBudgets } from '../../budget/observe.ts';
import { forEachConcurrent } from '../../context/concurrency.ts';
import type { Deps } from '../../context/context.ts';
import { startDeliveries } from '../../delivery/start.ts';
import { watchInstallation } from '../../installation/watch.ts';
import { closeIn } from './close.ts';
import { sweepEndedRules } from './end-rule.ts';
import { findAbsorbed, notifyIn } from './notify.ts';
import { sweepOutages } from './outage.ts';
import { toIncident } from './record.ts';
import { lockSubjects, saveSubjects } from './subject.ts';

const pageSize = 200;
/** Pages of one sweep. The next sweep, a minute later, does the rest. */
const maxPages = 10;
/** When to look again at an absorbed incident. */
const absorbedRecheckMs = minuteMs;

/**
 * Does what is due without an observation: reminders, the ends of mutes, maintenance, cooldowns and flapping; incidents
 * whose subject is gone; problems of the installation. Over all organizations, bounded. Not a use case: part of
 * reconcile.
 */
export async function sweepIncidents(
  deps: Deps,
  { onProgress = () => {} }: { onProgress?: () => void } = {},
): Promise<{ incidentsDue: number; incidentsGone: number }> {
  const done = { incidentsDue: 0, incidentsGone: await closeOrphaned(deps) };
  await sweepOutages(deps);
  const failed = new Set<string>();
  for (let round = 0; round < maxPages; round++) {
    const due = (await findDueIncidents(deps.db, { at: deps.now(), limit: pageSize })).filter(
      ({ incidentId }) => !failed.has(incidentId),
    );
    if (due.length === 0) break;
    await forEachConcurrent(due, { concurrency: 4, onProgress, log: deps.log }, async (incident) => {
      failed.add(incident.incidentId);
      await startDeliveries(deps, await notifyDue(deps, incident));
      failed.delete(incident.incidentId);
      done.incidentsDue += 1;
    });
    if (due.length < pageSize) break;
  }
  await sweepBudgets(deps);
  await sweepEndedRules(deps);
  await watchInstallation(deps);
  return done;
}

/** Closes the incidents of budgets when the month (UTC) is over. */
async function sweepBudgets(deps: Deps): Promise<void> {
  const open = await deps.db.incident.findMany({
    where: { subjectKind: 'budget', closedAt: null },
    distinct: ['orgId'],
    select: { orgId: true },
  });
  for (const { orgId } of open) await observeBudgets(deps, { orgId });
}

/** Lets the rules that are due decide about one incident. */
async function notifyDue(deps: Deps, { orgId, kind, key, incidentId, ruleIds }: DueIncident) {
  return deps.db.$transaction(async (tx) => {
    const subjects = await lockSubjects(tx, orgId, [{ kind, key }]);
    const row = await tx.incident.findFirstOrThrow({ where: { orgId, id: incidentId } });
    const at = deps.now();
    const isAbsorbed = (await findAbsorbed(tx, { orgId, ids: [incidentId], at })).size > 0;
    // Paused and deleted rules are done with it; the others say when they are due again.
    await tx.incidentTelling.updateMany({
      where: { orgId, incidentId, ruleId: { in: ruleIds }, dueAt: { lte: at } },
      data: { dueAt: isAbsorbed ? new Date(at.getTime() + absorbedRecheckMs) : null },
    });
    const incidents = [toIncident(row)];
    const deliveries = await notifyIn(tx, deps, { orgId, subjects, incidents, ruleIds });
    await saveSubjects(tx, orgId, [...subjects.values()]);
    return deliveries;
  });
}

/**
 * Closes incidents of subjects that won't be observed again. Pausing and deleting do that themselves, but a run or
 * check in progress can open another incident, and a new version can drop a tester model.
 */
async function closeOrphaned(deps: Deps): Promise<number> {
  let closed = 0;
  for (const { orgId, reason, ...incident } of await findOrphanedIncidents(deps.db, { limit: pageSize })) {
    const ended = await deps.db.$transaction((tx) => closeIn(tx, deps, { orgId, incidents: [incident], reason }));
    await startDeliveries(deps, ended.deliveries);
    closed += ended.closed.length;
  }
  return closed;
}
