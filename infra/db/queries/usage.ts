import type { Db, Tx } from '../index.ts';

/** What runs used. `cost`: US dollars, of runs whose price is known. */
export type Amount = {
  runs: number;
  testerTokens: number;
  judgeTokens: number;
  cost: number;
  /** Runs that used tokens without a known price. */
  unpricedRuns: number;
};

type Sums = Amount & { workflowId: string | null; model: string | null; serverId: string | null };

/** The use of one month: in all, by workflow, by model and by server. The other keys are null. */
export function sumUsage(db: Db, { orgId, month }: { orgId: string; month: string }): Promise<Sums[]> {
  return db.$queryRaw<Sums[]>`
    SELECT "workflowId", "model", "serverId", coalesce(sum("runs"), 0)::int AS "runs",
      coalesce(sum("testerTokens"), 0)::float8 AS "testerTokens", coalesce(sum("judgeTokens"), 0)::float8 AS "judgeTokens",
      coalesce(sum("cost"), 0)::float8 AS "cost", coalesce(sum("unpricedRuns"), 0)::int AS "unpricedRuns"
    FROM "RunUsage" WHERE "orgId" = ${orgId}::uuid AND "month" = ${month}
    GROUP BY GROUPING SETS ((), ("workflowId"), ("model"), ("serverId"))`;
}

/** The use of each month of a range that has some, oldest first. */
export function sumUsageByMonth(
  db: Db,
  { orgId, from, to }: { orgId: string; from: string; to: string },
): Promise<(Amount & { month: string })[]> {
  return db.$queryRaw<(Amount & { month: string })[]>`
    SELECT "month", sum("runs")::int AS "runs", sum("testerTokens")::float8 AS "testerTokens",
      sum("judgeTokens")::float8 AS "judgeTokens", sum("cost")::float8 AS "cost", sum("unpricedRuns")::int AS "unpricedRuns"
    FROM "RunUsage" WHERE "orgId" = ${orgId}::uuid AND "month" BETWEEN ${from} AND ${to}
    GROUP BY "month" ORDER BY "month"`;
}

/** The cost of each day (UTC) since one that has some, in US dollars. */
export function sumCostByDay(
  db: Db,
  { orgId, since }: { orgId: string; since: Date },
): Promise<{ at: Date; cost: number }[]> {
  return db.$queryRaw<{ at: Date; cost: number }[]>`
    SELECT "day" AS "at", sum("cost")::float8 AS "cost" FROM "RunUsage"
    WHERE "orgId" = ${orgId}::uuid AND "day" >= ${since.toISOString().slice(0, 10)}::date
    GROUP BY 1`;
}

/** Checks that were made in a range of days (UTC), by server. */
export function countChecksByServer(
  db: Db,
  { orgId, start, end }: { orgId: string; start: Date; end: Date },
): Promise<{ serverId: string; checks: number }[]> {
  return db.$queryRaw<{ serverId: string; checks: number }[]>`
    SELECT m."serverId", sum(d."checks")::float8 AS "checks" FROM (
      SELECT "monitorId", sum("pass" + "degraded" + "fail" + "error" + "inMaintenance") AS "checks" FROM "CheckDay"
      WHERE "orgId" = ${orgId}::uuid AND "day" >= ${start.toISOString()}::timestamptz AND "day" < ${end.toISOString()}::timestamptz
      GROUP BY "monitorId") d
    JOIN "Monitor" m ON m."orgId" = ${orgId}::uuid AND m."id" = d."monitorId"
    GROUP BY m."serverId"`;
}

export type UsageRow = Amount & {
  workflowId: string;
  workflowName: string;
  model: string;
  serverId: string;
  serverName: string;
};

/** The use of a month by workflow, model and server, the most expensive first. */
export function listUsage(db: Db, { orgId, month }: { orgId: string; month: string }): Promise<UsageRow[]> {
  return db.$queryRaw<UsageRow[]>`
    SELECT u."workflowId", w."name" AS "workflowName", u."model", u."serverId", s."name" AS "serverName",
      u."runs", u."testerTokens", u."judgeTokens", u."cost", u."unpricedRuns"
    FROM (
      SELECT "workflowId", "model", "serverId", sum("runs")::int AS "runs", sum("testerTokens")::float8 AS "testerTokens",
        sum("judgeTokens")::float8 AS "judgeTokens", sum("cost")::float8 AS "cost", sum("unpricedRuns")::int AS "unpricedRuns"
      FROM "RunUsage" WHERE "orgId" = ${orgId}::uuid AND "month" = ${month} GROUP BY 1, 2, 3) u
    JOIN "Workflow" w ON w."orgId" = ${orgId}::uuid AND w."id" = u."workflowId"
    JOIN "Server" s ON s."orgId" = ${orgId}::uuid AND s."id" = u."serverId"
    ORDER BY u."cost" DESC, u."testerTokens" + u."judgeTokens" DESC, u."workflowId", u."model", u."serverId"`;
}

/** Tokens and cost of a month: of the workspace, and of each of these workflows. */
export async function sumSpent(
  db: Db | Tx,
  { orgId, month, workflowIds }: { orgId: string; month: string; workflowIds: readonly string[] },
): Promise<{ workspace: Spent; workflows: Map<string, Spent> }> {
  const rows = await db.$queryRaw<(Spent & { workflowId: string | null })[]>`
    SELECT CASE WHEN "workflowId" = ANY(${[...workflowIds]}::uuid[]) THEN "workflowId" END AS "workflowId",
      sum("testerTokens" + "judgeTokens")::float8 AS "tokens", sum("cost")::float8 AS "cost"
    FROM "RunUsage" WHERE "orgId" = ${orgId}::uuid AND "month" = ${month} GROUP BY 1`;
  const add = (a: Spent, b: Spent): Spent => ({ tokens: a.tokens + b.tokens, cost: a.cost + b.cost });
  return {
    workspace: rows.reduce(add, { tokens: 0, cost: 0 }),
    workflows: new Map(
      rows.flatMap(({ workflowId, tokens, cost }) => (workflowId === null ? [] : [[workflowId, { tokens, cost }]])),
    ),
  };
}

export type Spent = { tokens: number; cost: number };
