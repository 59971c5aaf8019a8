import type { Db } from '../index.ts';

type Of = { orgId: string; workflowId: string };

/** Graded runs by the day (UTC) of their creation. */
export function listPassDays(
  db: Db,
  { orgId, workflowId, since }: Of & { since: Date },
): Promise<{ day: Date; pass: number; graded: number }[]> {
  return db.$queryRaw`
    SELECT "slot" AS "day", "pass", "graded" FROM "PassTally"
    WHERE "orgId" = ${orgId}::uuid AND "workflowId" = ${workflowId}::uuid AND "slot" >= ${since.toISOString()}::timestamptz`;
}

export type ModelRun = {
  runId: string;
  model: string;
  /** `canceled` for an error of that kind. */
  status: string;
  flagged: boolean;
  versionNumber: number;
  createdAt: Date;
};

/** The newest ended runs of each model, newest first. @param of.models one range of an index is read for each */
export function listRunsByModel(
  db: Db,
  { orgId, workflowId, models, each }: Of & { models: readonly string[]; each: number },
): Promise<ModelRun[]> {
  return db.$queryRaw<ModelRun[]>`
    SELECT r."id" AS "runId", r."model", CASE WHEN r."errorKind" = 'canceled' THEN 'canceled' ELSE r."status" END AS "status",
      r."flagged", v."number" AS "versionNumber", r."createdAt"
    FROM unnest(${[...models]}::text[]) AS m ("model"), LATERAL (
      SELECT * FROM "Run" WHERE "orgId" = ${orgId}::uuid AND "workflowId" = ${workflowId}::uuid AND "model" = m."model"
        AND "status" IN ('pass', 'partial', 'fail', 'error')
      ORDER BY "createdAt" DESC, "id" DESC LIMIT ${each}::int) r
    JOIN "WorkflowVersion" v ON v."orgId" = r."orgId" AND v."id" = r."versionId"
    ORDER BY r."createdAt" DESC, r."id" DESC`;
}

/** Verdicts of runs by criterion. */
export function listVerdicts(
  db: Db,
  { orgId, runIds }: { orgId: string; runIds: readonly string[] },
): Promise<{ runId: string; criterionId: string; verdict: string }[]> {
  return db.$queryRaw`
    SELECT "runId", "criterionId", "verdict" FROM "CriterionResult"
    WHERE "orgId" = ${orgId}::uuid AND "runId" = ANY(${[...runIds]}::uuid[])`;
}

/** How many runs of each of these workflows called a blocked tool since then. Workflows without any are left out. */
export function countFlagged(
  db: Db,
  { orgId, workflowIds, since }: { orgId: string; workflowIds: readonly string[]; since: Date },
): Promise<{ workflowId: string; count: number }[]> {
  return db.$queryRaw`
    SELECT "workflowId", count(*)::int AS "count" FROM "Run"
    WHERE "orgId" = ${orgId}::uuid AND "flagged" AND "createdAt" >= ${since.toISOString()}::timestamptz
      AND "workflowId" = ANY(${[...workflowIds]}::uuid[])
    GROUP BY 1`;
}

/** Tags of the workspace's workflows that aren't archived, in alphabetical order. */
export async function listTags(db: Db, { orgId, limit }: { orgId: string; limit: number }): Promise<string[]> {
  const rows = await db.$queryRaw<{ tag: string }[]>`
    SELECT DISTINCT unnest("tags") AS "tag" FROM "Workflow" WHERE "orgId" = ${orgId}::uuid AND "state" <> 'archived'
    ORDER BY 1 LIMIT ${limit}::int`;
  return rows.map(({ tag }) => tag);
}

/** Cost of the newest ended runs of each model in US dollars, on average; null where no price is known. */
export function listModelCosts(
  db: Db,
  { orgId, workflowId, models, each }: Of & { models: readonly string[]; each: number },
): Promise<{ model: string; cost: number | null }[]> {
  return db.$queryRaw`
    SELECT m."model", (SELECT avg("cost")::float8 FROM (
      SELECT "cost" FROM "Run" WHERE "orgId" = ${orgId}::uuid AND "workflowId" = ${workflowId}::uuid AND "model" = m."model"
        AND "status" IN ('pass', 'partial', 'fail') ORDER BY "createdAt" DESC, "id" DESC LIMIT ${each}::int) r) AS "cost"
    FROM unnest(${[...models]}::text[]) AS m ("model")`;
}
