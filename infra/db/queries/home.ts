import type { Db } from '../index.ts';

/** Graded runs of the workspace by the day (UTC) of their creation. */
export function sumPassDays(
  db: Db,
  { orgId, since }: { orgId: string; since: Date },
): Promise<{ at: Date; pass: number; graded: number }[]> {
  return db.$queryRaw`
    SELECT t."slot" AS "at", sum(t."pass")::int AS "pass", sum(t."graded")::int AS "graded"
    FROM "Workflow" w JOIN "PassTally" t ON t."workflowId" = w."id"
    WHERE w."orgId" = ${orgId}::uuid AND t."slot" >= ${since.toISOString()}::timestamptz
    GROUP BY 1`;
}

export type StandingWorkflow = {
  id: string;
  name: string;
  state: string;
  pass: number;
  graded: number;
  /** Of the last run; null without any. `canceled` for an error of that kind. */
  runId: string | null;
  status: string | null;
  flagged: boolean | null;
};

/** Workflows that aren't archived, with their last run, those that fail first, then by pass rate since a day. */
export function listWorkflowsByStanding(
  db: Db,
  { orgId, since, limit }: { orgId: string; since: Date; limit: number },
): Promise<StandingWorkflow[]> {
  return db.$queryRaw<StandingWorkflow[]>`
    SELECT w."id", w."name", w."state", coalesce(t."pass", 0)::int AS "pass", coalesce(t."graded", 0)::int AS "graded",
      l."runId", l."status", l."flagged"
    FROM "Workflow" w
    LEFT JOIN "LastRun" l ON l."workflowId" = w."id"
    LEFT JOIN LATERAL (SELECT sum("pass") AS "pass", sum("graded") AS "graded" FROM "PassTally"
      WHERE "workflowId" = w."id" AND "slot" >= ${since.toISOString()}::timestamptz) t ON true
    WHERE w."orgId" = ${orgId}::uuid AND w."state" <> 'archived'
    ORDER BY CASE l."status" WHEN 'fail' THEN 0 WHEN 'error' THEN 1 WHEN 'partial' THEN 2 ELSE 3 END,
      t."pass"::float8 / nullif(t."graded", 0) NULLS LAST, l."createdAt" DESC NULLS LAST, w."id"
    LIMIT ${limit}::int`;
}

export type StripRun = {
  workflowId: string;
  runId: string;
  /** `canceled` for an error of that kind. */
  status: string;
  flagged: boolean;
  model: string;
  createdAt: Date;
};

/** The newest runs of each of these workflows, newest first. */
export function listLatestRuns(
  db: Db,
  { orgId, workflowIds, each }: { orgId: string; workflowIds: readonly string[]; each: number },
): Promise<StripRun[]> {
  return db.$queryRaw<StripRun[]>`
    SELECT w."id" AS "workflowId", r."id" AS "runId",
      CASE WHEN r."errorKind" = 'canceled' THEN 'canceled' ELSE r."status" END AS "status", r."flagged", r."model", r."createdAt"
    FROM unnest(${[...workflowIds]}::uuid[]) AS w ("id"), LATERAL (
      SELECT "id", "status", "errorKind", "flagged", "model", "createdAt" FROM "Run"
      WHERE "orgId" = ${orgId}::uuid AND "workflowId" = w."id"
      ORDER BY "createdAt" DESC, "id" DESC LIMIT ${each}::int) r
    ORDER BY r."createdAt" DESC, r."id" DESC`;
}

export type StandingMonitor = {
  id: string;
  name: string;
  serverName: string;
  outcome: string | null;
  since: Date | null;
};

/** Active monitors, those that fail longest first, then degraded ones, then those with most failures since an hour. */
export function listMonitorsByStanding(
  db: Db,
  { orgId, since, limit }: { orgId: string; since: Date; limit: number },
): Promise<StandingMonitor[]> {
  return db.$queryRaw<StandingMonitor[]>`
    SELECT m."id", m."name", s."name" AS "serverName", h."outcome", h."since"
    FROM "Monitor" m
    JOIN "Server" s ON s."orgId" = m."orgId" AND s."id" = m."serverId"
    LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    LEFT JOIN (SELECT "monitorId", sum("fail" + "error") AS "failures" FROM "CheckHour"
      WHERE "orgId" = ${orgId}::uuid AND "hour" >= ${since.toISOString()}::timestamptz GROUP BY 1) c ON c."monitorId" = m."id"
    WHERE m."orgId" = ${orgId}::uuid AND m."state" = 'active'
    ORDER BY CASE h."outcome" WHEN 'error' THEN 0 WHEN 'fail' THEN 0 WHEN 'degraded' THEN 1 ELSE 2 END,
      CASE WHEN h."outcome" <> 'pass' THEN h."since" END, c."failures" DESC NULLS LAST, m."name", m."id"
    LIMIT ${limit}::int`;
}

/** Active workflows with a schedule that Temporal follows. */
export function listSchedules(
  db: Db,
  { orgId }: { orgId: string },
): Promise<{ id: string; name: string; cron: string; timezone: string }[]> {
  return db.$queryRaw`
    SELECT w."id", w."name", v."definition"->>'schedule' AS "cron", v."definition"->>'timezone' AS "timezone"
    FROM "Workflow" w JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."orgId" = ${orgId}::uuid AND w."state" = 'active' AND NOT w."schedulePausedByOperator"
      AND v."definition"->>'schedule' IS NOT NULL`;
}

export type SetUp = {
  server: boolean;
  monitor: boolean;
  workflow: boolean;
  passed: boolean;
  colleague: boolean;
  alert: boolean;
  apiKey: boolean;
};

/** Which first steps the workspace has taken. */
export async function findSetUp(db: Db, { orgId }: { orgId: string }): Promise<SetUp> {
  const [row] = await db.$queryRaw<SetUp[]>`
    SELECT EXISTS (SELECT FROM "Server" WHERE "orgId" = ${orgId}::uuid) AS "server",
      EXISTS (SELECT FROM "Monitor" WHERE "orgId" = ${orgId}::uuid) AS "monitor",
      EXISTS (SELECT FROM "Workflow" WHERE "orgId" = ${orgId}::uuid) AS "workflow",
      EXISTS (SELECT FROM "Run" WHERE "orgId" = ${orgId}::uuid AND "status" = 'pass') AS "passed",
      (SELECT count(*) > 1 FROM (SELECT FROM "Member" WHERE "orgId" = ${orgId}::uuid LIMIT 2) m) AS "colleague",
      EXISTS (SELECT FROM "AlertRule" WHERE "orgId" = ${orgId}::uuid AND "archivedAt" IS NULL AND "targetKind" <> 'installation') AS "alert",
      EXISTS (SELECT FROM "ApiKey" WHERE "orgId" = ${orgId}::uuid) AS "apiKey"`;
  if (!row) throw new Error('A SELECT without FROM returned no row.');
  return row;
}
