import type { WorkflowModel } from '../../../prisma/generated/models.ts';
import type { Db, Tx } from '../index.ts';

type WorkflowRef = { orgId: string; workflowId: string };

/** Locks a workflow's row until the transaction ends: its changes run one after the other. */
export async function lockWorkflowRow(tx: Tx, { orgId, workflowId }: WorkflowRef): Promise<WorkflowModel | null> {
  const [workflow] = await tx.$queryRaw<WorkflowModel[]>`
    SELECT * FROM "Workflow" WHERE "orgId" = ${orgId}::uuid AND "id" = ${workflowId}::uuid FOR UPDATE`;
  return workflow ?? null;
}

/**
 * Locks a workflow's row while its scheduled runs are created, so that two deliveries of fire times see each other's
 * rows.
 */
export async function lockWorkflowToSchedule(
  tx: Tx,
  { orgId, workflowId }: WorkflowRef,
): Promise<{ state: string; activeVersionId: string } | null> {
  const [workflow] = await tx.$queryRaw<{ state: string; activeVersionId: string }[]>`
    SELECT "state", "activeVersionId" FROM "Workflow" WHERE "orgId" = ${orgId}::uuid AND "id" = ${workflowId}::uuid
    FOR NO KEY UPDATE`;
  return workflow ?? null;
}

export type ActiveVersion = {
  state: string;
  scheduleRevision: number;
  schedulePausedByOperator: boolean;
  definition: unknown;
};

/** State, revision and active definition of a workflow, by one statement so that they belong together. */
export async function findActiveVersion(db: Db, { orgId, workflowId }: WorkflowRef): Promise<ActiveVersion | null> {
  const [row] = await db.$queryRaw<ActiveVersion[]>`
    SELECT w."state", w."scheduleRevision", w."schedulePausedByOperator", v."definition" FROM "Workflow" w
    JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."orgId" = ${orgId}::uuid AND w."id" = ${workflowId}::uuid`;
  return row ?? null;
}

/**
 * Marks a revision as synced with Temporal. Leaves `updatedAt` as it is: that is when people changed the workflow.
 * @returns false when the workflow has a newer revision
 */
export async function markScheduleSynced(
  db: Db,
  { orgId, workflowId, revision, pausedByOperator }: WorkflowRef & { revision: number; pausedByOperator: boolean },
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE "Workflow" SET "scheduleSyncedRevision" = ${revision}::int,
      "schedulePausedByOperator" = ${pausedByOperator}::boolean
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${workflowId}::uuid AND "scheduleRevision" = ${revision}::int`;
  return count === 1;
}

/** Workflows of a server, not archived, whose active version names an auth profile. */
export function findWorkflowsOfProfile(
  db: Db,
  { orgId, serverId, authProfileId }: { orgId: string; serverId: string; authProfileId: string },
): Promise<{ id: string; name: string }[]> {
  return db.$queryRaw<{ id: string; name: string }[]>`
    SELECT w."id", w."name" FROM "Workflow" w
    JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."orgId" = ${orgId}::uuid AND w."serverId" = ${serverId}::uuid AND w."state" <> 'archived'
      AND v."definition"->>'authProfileId' = ${authProfileId}
    ORDER BY w."name"`;
}

/** Workflows whose active version names a model of a provider, by name, at most 100. */
export function findWorkflowsOfProvider(
  db: Db,
  { orgId, provider }: { orgId: string; provider: string },
): Promise<{ workflowId: string; name: string }[]> {
  const models = `${provider}/`;
  return db.$queryRaw<{ workflowId: string; name: string }[]>`
    SELECT w."id" AS "workflowId", w."name" FROM "Workflow" w
    JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."orgId" = ${orgId}::uuid AND w."state" <> 'archived'
      AND (starts_with(v."definition"->>'judgeModel', ${models})
        OR EXISTS (SELECT FROM jsonb_array_elements_text(v."definition"->'testerModels') t WHERE starts_with(t, ${models})))
    ORDER BY w."name", w."id" LIMIT 100`;
}
