import { z } from 'zod';
import type { SubjectKind } from '../../../domain/incident/incident.ts';
import type { Deps } from '../../context/context.ts';
import { startDeliveries } from '../../delivery/start.ts';
import { each } from '../../installation/reconcile/each.ts';
import { watchInstallation } from '../../installation/watch.ts';
import { closeIn } from './close.ts';
import { tellIn } from './notify.ts';
import { incidentOf } from './record.ts';
import { lockSubjects, type SubjectKey, saveSubjects } from './subject.ts';

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

type Due = SubjectKey & { orgId: string; incidentId: string; ruleIds: string[] };

function dueSubjects({ db, now }: Deps): Promise<Due[]> {
  return db.$queryRaw<Due[]>`
    SELECT i."orgId", i."id" AS "incidentId", i."subjectKind" AS "kind", i."subjectKey" AS "key",
      array_agg(d."ruleId"::text ORDER BY d."ruleId") AS "ruleIds"
    FROM (SELECT * FROM "IncidentTelling" WHERE "dueAt" <= ${now().toISOString()}::timestamptz
      ORDER BY "dueAt" LIMIT ${page}::int) d
    JOIN "Incident" i ON i."orgId" = d."orgId" AND i."id" = d."incidentId"
    GROUP BY i."orgId", i."id"`;
}

/** Asks the rules of what is due about one incident. */
async function lookAt(deps: Deps, { orgId, kind, key, incidentId, ruleIds }: Due) {
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

const goneRow = z.object({ orgId: z.uuid(), id: z.uuid(), kind: z.string(), key: z.string() });

/**
 * Subjects that nothing will be seen of any more: what paused or deleted them closes their incidents itself, but a run or check that
 * was under way can open another one, and a new version can drop a tester model.
 */
async function closeGone(deps: Deps): Promise<number> {
  const rows = await deps.db.$queryRaw<unknown[]>`
    SELECT i."orgId", i."id", i."subjectKind" AS "kind", i."subjectKey" AS "key" FROM "Incident" i
    LEFT JOIN "Server" s ON s."orgId" = i."orgId" AND s."id" = i."serverId"
    LEFT JOIN "Monitor" m ON m."orgId" = i."orgId" AND m."id" = i."monitorId"
    LEFT JOIN "Workflow" w ON w."orgId" = i."orgId" AND w."id" = i."workflowId"
    LEFT JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE i."closedAt" IS NULL AND (
      s."archivedAt" IS NOT NULL
      OR (i."subjectKind" = 'monitor' AND m."state" <> 'active')
      OR (i."subjectKind" = 'workflow' AND (w."state" <> 'active' OR NOT (v."definition"->'testerModels' ? i."model")))
      OR (i."subjectKind" = 'server'
        AND NOT EXISTS (SELECT 1 FROM "Monitor" n WHERE n."orgId" = i."orgId" AND n."serverId" = i."serverId" AND n."state" = 'active')))
    ORDER BY i."id" LIMIT ${page}::int`;
  const gone = rows.map((row) => goneRow.parse(row));
  let closed = 0;
  for (const { orgId, id, kind, key } of gone) {
    // Held to its list by the database.
    const incidents = [{ id, key, kind: kind as SubjectKind }];
    const ids = await deps.db.$transaction((tx) => closeIn(tx, { orgId, at: deps.now(), incidents, reason: 'gone' }));
    closed += ids.length;
  }
  return closed;
}
