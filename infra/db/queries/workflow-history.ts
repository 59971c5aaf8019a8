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
