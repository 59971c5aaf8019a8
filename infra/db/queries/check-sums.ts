import { Prisma } from '../../../prisma/generated/client.ts';
import type { Db } from '../index.ts';

export type CheckSum = {
  pass: number;
  degraded: number;
  fail: number;
  error: number;
  notReached: number;
  inMaintenance: number;
  /** Answers by latency bucket (domain/monitor/latency.ts). */
  latency: number[];
  minMs: number | null;
  maxMs: number | null;
};

type Of = { orgId: string; serverId?: string | undefined; since: Date };

/** Checks of all monitors of the workspace, or of a server, by day (UTC), or by hour. */
export function sumChecksByTime(
  db: Db,
  { by, ...of }: Of & { by: 'day' | 'hour' },
): Promise<(CheckSum & { at: Date })[]> {
  return db.$queryRaw<(CheckSum & { at: Date })[]>(sumChecks(of, by, Prisma.sql`"at"`));
}

/** Checks of all monitors of a server by tool, from whole days (UTC). */
export function sumChecksByTool(db: Db, of: Of & { serverId: string }): Promise<(CheckSum & { tool: string })[]> {
  return db.$queryRaw<(CheckSum & { tool: string })[]>(sumChecks(of, 'day', Prisma.sql`"tool"`));
}

function sumChecks({ orgId, serverId, since }: Of, by: 'day' | 'hour', key: Prisma.Sql): Prisma.Sql {
  const [table, at] =
    by === 'day' ? [Prisma.sql`"CheckDay"`, Prisma.sql`"day"`] : [Prisma.sql`"CheckHour"`, Prisma.sql`"hour"`];
  const ofServer = serverId === undefined ? Prisma.empty : Prisma.sql`AND m."serverId" = ${serverId}::uuid`;
  return Prisma.sql`
    WITH "rows" AS MATERIALIZED (
      SELECT c.${at} AS "at", m."tool", c."pass", c."degraded", c."fail", c."error", c."notReached", c."inMaintenance",
        c."latency", c."minMs", c."maxMs"
      FROM ${table} c JOIN "Monitor" m ON m."orgId" = c."orgId" AND m."id" = c."monitorId"
      WHERE c."orgId" = ${orgId}::uuid AND c.${at} >= ${since.toISOString()}::timestamptz ${ofServer}),
    "buckets" AS (
      SELECT ${key}, b."bucket", sum(b."count")::int AS "count"
      FROM "rows", unnest("latency") WITH ORDINALITY AS b ("count", "bucket")
      GROUP BY 1, 2),
    "latencies" AS (SELECT ${key}, array_agg("count" ORDER BY "bucket") AS "latency" FROM "buckets" GROUP BY 1),
    "sums" AS (
      SELECT ${key}, sum("pass")::int AS "pass", sum("degraded")::int AS "degraded", sum("fail")::int AS "fail",
        sum("error")::int AS "error", sum("notReached")::int AS "notReached", sum("inMaintenance")::int AS "inMaintenance",
        min("minMs") AS "minMs", max("maxMs") AS "maxMs"
      FROM "rows" GROUP BY 1)
    SELECT s.*, coalesce(l."latency", '{}') AS "latency" FROM "sums" s LEFT JOIN "latencies" l USING (${key})`;
}
