import type { Db, Tx } from '../index.ts';

/** An active workflow with a schedule. */
export type ScheduledWorkflow = {
  id: string;
  orgId: string;
  serverId: string;
  name: string;
  cron: string;
  timezone: string;
  models: string[];
  updatedAt: Date;
  /** Whether the Schedule still has to follow a change. */
  isBehind: boolean;
  pausedByOperator: boolean;
  firesListedUntil: Date | null;
};

/** Active workflows with a schedule, of all organizations, by id. */
export function findScheduledWorkflows(
  db: Db,
  { after, limit }: { after: string | null; limit: number },
): Promise<ScheduledWorkflow[]> {
  return db.$queryRaw<ScheduledWorkflow[]>`
    SELECT w."id", w."orgId", w."serverId", w."name", w."updatedAt", w."schedulePausedByOperator" AS "pausedByOperator",
      w."firesListedUntil", w."scheduleSyncedRevision" < w."scheduleRevision" AS "isBehind",
      v."definition"->>'schedule' AS "cron", v."definition"->>'timezone' AS "timezone",
      ARRAY(SELECT jsonb_array_elements_text(v."definition"->'testerModels')) AS "models"
    FROM "Workflow" w JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."state" = 'active' AND v."definition"->>'schedule' IS NOT NULL
      AND (${after}::uuid IS NULL OR w."id" > ${after}::uuid)
    ORDER BY w."id" LIMIT ${limit}::int`;
}

/** Workflows that have no schedule any more, but whose Schedule may still be there. */
export function findUnsyncedUnscheduled(
  db: Db,
  { limit }: { limit: number },
): Promise<{ id: string; orgId: string }[]> {
  return db.$queryRaw<{ id: string; orgId: string }[]>`
    SELECT w."id", w."orgId" FROM "Workflow" w JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."scheduleSyncedRevision" < w."scheduleRevision"
      AND (w."state" <> 'active' OR v."definition"->>'schedule' IS NULL)
    ORDER BY w."id" LIMIT ${limit}::int`;
}

/** Raw, so that `updatedAt` stays: it says when people changed the workflow. */
export async function setPausedByOperator(
  db: Db,
  { orgId, id, pausedByOperator }: { orgId: string; id: string; pausedByOperator: boolean },
): Promise<void> {
  await db.$executeRaw`
    UPDATE "Workflow" SET "schedulePausedByOperator" = ${pausedByOperator}::boolean
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${id}::uuid`;
}

/** Raw, for the same reason. */
export async function setFiresListedUntil(
  tx: Tx,
  { orgId, id, at }: { orgId: string; id: string; at: Date },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Workflow" SET "firesListedUntil" = ${at.toISOString()}::timestamptz
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${id}::uuid`;
}

/**
 * Active workflows with a schedule of one organization, with their last fire time. Those paused in Temporal are left
 * out.
 */
export function findLastFires(
  db: Db,
  { orgId, limit }: { orgId: string; limit: number },
): Promise<{ cron: string; timezone: string | null; updatedAt: Date; lastAt: Date | null }[]> {
  return db.$queryRaw<{ cron: string; timezone: string | null; updatedAt: Date; lastAt: Date | null }[]>`
    SELECT v."definition"->>'schedule' AS "cron", v."definition"->>'timezone' AS "timezone", w."updatedAt",
      GREATEST((SELECT max("scheduledAt") FROM "SkippedRun" k WHERE k."orgId" = w."orgId" AND k."workflowId" = w."id"),
        (SELECT max("scheduledAt") FROM (SELECT "scheduledAt" FROM "Run" r WHERE r."orgId" = w."orgId" AND r."workflowId" = w."id"
          AND r."trigger" = 'scheduled' ORDER BY r."createdAt" DESC LIMIT 10) latest)) AS "lastAt"
    FROM "Workflow" w JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."orgId" = ${orgId}::uuid AND w."state" = 'active' AND NOT w."schedulePausedByOperator"
      AND v."definition"->>'schedule' IS NOT NULL
    ORDER BY w."id" LIMIT ${limit}::int`;
}
