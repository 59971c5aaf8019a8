import type { Trigger } from '../../../domain/run/run.ts';
import type { Db } from '../index.ts';

type Period = { orgId: string | null; before: Date; credibleUntil: Date };

/** Deletes the oldest runs past the retention of their organization, in its audit log. @returns how many */
export async function expireRuns(db: Db, { orgId, limit }: { orgId: string; limit: number }): Promise<number> {
  const [row] = await db.$queryRaw<{ deleted: number }[]>`
    SELECT armature_expire_runs(${orgId}::uuid, ${limit}::int) AS "deleted"`;
  return row?.deleted ?? 0;
}

/** Names of the migrations that are applied. */
export async function findAppliedMigrations(db: Db): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ migration_name: string }[]>`
    SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
  return new Set(rows.map(({ migration_name }) => migration_name));
}

export type OpenRun = {
  id: string;
  orgId: string;
  workflowId: string;
  serverId: string;
  trigger: Trigger;
  cancelRequestedBy: string | null;
};

/** Pending and running runs, oldest first, at most `limit` of each organization. */
export function findOpenRuns(
  db: Db,
  of: { manualBefore: Date; scheduledBefore: Date; limit: number },
): Promise<OpenRun[]> {
  return db.$queryRaw<OpenRun[]>`
    SELECT r.* FROM "Organization" o CROSS JOIN LATERAL (
      SELECT "id", "orgId", "workflowId", "serverId", "trigger", "cancelRequestedBy" FROM "Run"
      WHERE "orgId" = o."id" AND "status" IN ('pending', 'running')
        AND "createdAt" < CASE "trigger" WHEN 'manual' THEN ${of.manualBefore.toISOString()}::timestamptz
                                         ELSE ${of.scheduledBefore.toISOString()}::timestamptz END
      ORDER BY "createdAt" LIMIT ${of.limit}::int) r`;
}

/**
 * Messages of runs since a time that a refused API key ended, with no graded run of the same workflow and model after
 * them.
 */
export async function findRefusedKeyMessages(
  db: Db,
  { orgId, since }: { orgId: string; since: Date },
): Promise<string[]> {
  const rows = await db.$queryRaw<{ message: string }[]>`
    SELECT r."errorMessage" AS "message" FROM "Run" r
    WHERE r."orgId" = ${orgId}::uuid AND r."status" = 'error' AND r."errorKind" IN ('model', 'judge')
      AND r."createdAt" > ${since.toISOString()}::timestamptz
      AND r."errorMessage" LIKE '%refused its API key%'
      AND NOT EXISTS (SELECT 1 FROM "Run" l WHERE l."orgId" = r."orgId" AND l."workflowId" = r."workflowId" AND l."model" = r."model"
        AND l."createdAt" > r."createdAt" AND l."status" IN ('pass', 'partial', 'fail'))
    ORDER BY r."createdAt" DESC LIMIT 50`;
  return rows.map(({ message }) => message);
}

/**
 * Active monitors whose latest due time before `before` has no check, if no monitor at all has been checked since
 * `before`. `orgId` null: of all organizations. Times after `credibleUntil` were written by a wrong clock.
 */
export async function countForgottenMonitors(db: Db, { orgId, before, credibleUntil }: Period): Promise<number> {
  const [from, until] = [before.toISOString(), credibleUntil.toISOString()];
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS "count" FROM "Monitor" m
    JOIN "MonitorSchedule" s ON s."orgId" = m."orgId" AND s."serverId" = m."serverId"
      AND s."intervalSeconds" = m."intervalSeconds" AND NOT s."pausedByOperator"
    LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id" AND h."checkedAt" <= ${until}::timestamptz
    CROSS JOIN LATERAL (SELECT to_timestamp(s."offsetSeconds" + s."intervalSeconds"
      * floor((extract(epoch FROM ${from}::timestamptz) - s."offsetSeconds") / s."intervalSeconds")) AS "at") due
    WHERE m."state" = 'active' AND (${orgId}::uuid IS NULL OR m."orgId" = ${orgId}::uuid)
      AND m."updatedAt" < due."at" AND (h."checkedAt" IS NULL OR h."checkedAt" < due."at")
      AND NOT EXISTS (SELECT 1 FROM "MonitorHealth" r
        WHERE r."checkedAt" BETWEEN ${from}::timestamptz AND ${until}::timestamptz)`;
  return row?.count ?? 0;
}

/** Deliveries from before `before` that nobody has tried, though none of the same rule and incident is before them. */
export async function countForgottenDeliveries(
  db: Db,
  { orgId, before }: Omit<Period, 'credibleUntil'>,
): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS "count" FROM "Delivery" d
    WHERE d."state" = 'pending' AND d."attempts" = 0 AND d."createdAt" < ${before.toISOString()}::timestamptz
      AND (${orgId}::uuid IS NULL OR d."orgId" = ${orgId}::uuid)
      AND NOT EXISTS (SELECT 1 FROM "Delivery" e WHERE e."orgId" = d."orgId" AND e."incidentId" = d."incidentId"
        AND e."ruleId" = d."ruleId" AND e."sequence" < d."sequence" AND e."state" = 'pending')`;
  return row?.count ?? 0;
}
