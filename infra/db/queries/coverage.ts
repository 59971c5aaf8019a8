import type { Db } from '../index.ts';

export type EndedRun = { serverId: string; runId: string; workflowId: string; createdAt: Date };

/** The latest ended runs of each server, newest first. */
export function findLatestEndedRuns(
  db: Db,
  query: { orgId: string; serverIds: readonly string[]; statuses: readonly string[]; limit: number },
): Promise<EndedRun[]> {
  return db.$queryRaw<EndedRun[]>`
    SELECT s."id" AS "serverId", r."id" AS "runId", r."workflowId", r."createdAt" FROM "Server" s CROSS JOIN LATERAL (
      SELECT "id", "workflowId", "createdAt" FROM "Run"
      WHERE "orgId" = s."orgId" AND "serverId" = s."id" AND "status" = ANY(${[...query.statuses]}::text[])
      ORDER BY "createdAt" DESC, "id" DESC LIMIT ${query.limit}::int) r
    WHERE s."orgId" = ${query.orgId}::uuid AND s."id" = ANY(${[...query.serverIds]}::uuid[])
    ORDER BY r."createdAt" DESC, r."id" DESC`;
}

export type CallCount = { runId: string; tool: string; calls: number; failed: number; lastOkAt: Date | null };

/** Calls of runs by tool. @param query.sent outcomes that count. @param query.failed those of them that are failures */
export function countCalls(
  db: Db,
  query: { orgId: string; runIds: readonly string[]; sent: readonly string[]; failed: readonly string[] },
): Promise<CallCount[]> {
  return db.$queryRaw<CallCount[]>`
    SELECT "runId", "tool", count(*)::int AS "calls",
      count(*) FILTER (WHERE "outcome" = ANY(${[...query.failed]}::text[]))::int AS "failed",
      max("startedAt") FILTER (WHERE "outcome" = 'ok') AS "lastOkAt"
    FROM "ToolCall"
    WHERE "orgId" = ${query.orgId}::uuid AND "runId" = ANY(${[...query.runIds]}::uuid[])
      AND "outcome" = ANY(${[...query.sent]}::text[])
    GROUP BY "runId", "tool"`;
}

export type WorkflowPolicy = { id: string; name: string; serverId: string; state: string; definition: unknown };

/** Active definitions of the named workflows, and of the servers' workflows that aren't archived. */
export function findPolicies(
  db: Db,
  query: { orgId: string; serverIds: readonly string[]; workflowIds: readonly string[] },
): Promise<WorkflowPolicy[]> {
  return db.$queryRaw<WorkflowPolicy[]>`
    SELECT w."id", w."name", w."serverId", w."state", v."definition" FROM "Workflow" w
    JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."orgId" = ${query.orgId}::uuid AND (w."id" = ANY(${[...new Set(query.workflowIds)]}::uuid[])
      OR (w."serverId" = ANY(${[...query.serverIds]}::uuid[]) AND w."state" <> 'archived'))`;
}
