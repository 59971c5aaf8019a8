import type { Db, Tx } from '../index.ts';
import type { LabelCount } from './metrics.ts';

type Of = { orgId: string; productMcpId: string; tool: string };

export type UsageRow = Of & {
  hour: Date;
  succeeded: number;
  invalidArguments: number;
  unauthorized: number;
  rejected: number;
  failed: number;
  totalMs: number;
  maxMs: number;
  totalBytes: number;
};

/** Adds calls to the sums of their hours, in one order, so that two processes never wait for each other. */
export async function addUsage(db: Db, rows: readonly UsageRow[]): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "ProductMcpUsage" AS u ("orgId", "productMcpId", "tool", "hour", "succeeded", "invalidArguments",
      "unauthorized", "rejected", "failed", "totalMs", "maxMs", "totalBytes")
    SELECT r.* FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("orgId" uuid, "productMcpId" uuid,
      "tool" text, "hour" timestamptz, "succeeded" int, "invalidArguments" int, "unauthorized" int, "rejected" int,
      "failed" int, "totalMs" bigint, "maxMs" int, "totalBytes" bigint)
    JOIN "ProductMcp" p ON p."orgId" = r."orgId" AND p."id" = r."productMcpId"
    ORDER BY r."productMcpId", r."hour", r."tool"
    ON CONFLICT ("orgId", "productMcpId", "hour", "tool") DO UPDATE SET
      "succeeded" = u."succeeded" + EXCLUDED."succeeded",
      "invalidArguments" = u."invalidArguments" + EXCLUDED."invalidArguments",
      "unauthorized" = u."unauthorized" + EXCLUDED."unauthorized",
      "rejected" = u."rejected" + EXCLUDED."rejected",
      "failed" = u."failed" + EXCLUDED."failed",
      "totalMs" = u."totalMs" + EXCLUDED."totalMs",
      "maxMs" = greatest(u."maxMs", EXCLUDED."maxMs"),
      "totalBytes" = u."totalBytes" + EXCLUDED."totalBytes"`;
}

export type MistakeRow = Of & { path: string; rule: string; day: Date; count: number };

/** As `addUsage`. */
export async function addMistakes(db: Db, rows: readonly MistakeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.$executeRaw`
    INSERT INTO "ProductMcpMistake" AS m ("orgId", "productMcpId", "tool", "path", "rule", "day", "count")
    SELECT r.* FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("orgId" uuid, "productMcpId" uuid,
      "tool" text, "path" text, "rule" text, "day" date, "count" int)
    JOIN "ProductMcp" p ON p."orgId" = r."orgId" AND p."id" = r."productMcpId"
    ORDER BY r."productMcpId", r."day", r."tool", r."path", r."rule"
    ON CONFLICT ("orgId", "productMcpId", "day", "tool", "path", "rule")
      DO UPDATE SET "count" = m."count" + EXCLUDED."count"`;
}

type Period = { orgId: string; productMcpId: string; since: Date };

export type ToolUsage = {
  tool: string;
  calls: number;
  succeeded: number;
  invalidArguments: number;
  unauthorized: number;
  rejected: number;
  failed: number;
  /** Milliseconds. */
  averageMs: number;
  maxMs: number;
  /** Of an answer, in bytes. */
  averageBytes: number;
};

/** Calls of each tool, most first. */
export const sumUsage = (db: Db, { orgId, productMcpId, since }: Period): Promise<ToolUsage[]> =>
  db.$queryRaw<ToolUsage[]>`
    SELECT "tool", calls::float8 AS "calls", "succeeded"::float8, "invalidArguments"::float8, "unauthorized"::float8,
      "rejected"::float8, "failed"::float8, round(ms / calls)::float8 AS "averageMs", "maxMs"::float8,
      round(bytes / calls)::float8 AS "averageBytes"
    FROM (
      SELECT "tool", sum("succeeded" + "invalidArguments" + "unauthorized" + "rejected" + "failed") AS calls,
        sum("succeeded") AS "succeeded", sum("invalidArguments") AS "invalidArguments",
        sum("unauthorized") AS "unauthorized", sum("rejected") AS "rejected", sum("failed") AS "failed",
        sum("totalMs") AS ms, max("maxMs") AS "maxMs", sum("totalBytes") AS bytes
      FROM "ProductMcpUsage"
      WHERE "orgId" = ${orgId}::uuid AND "productMcpId" = ${productMcpId}::uuid AND "hour" >= ${since}
      GROUP BY "tool") AS sums
    WHERE calls > 0 ORDER BY calls DESC, "tool"`;

export type MistakeSum = { tool: string; path: string; rule: string; count: number };

/** The arguments that were wrong most often. */
export const sumMistakes = (
  db: Db,
  { orgId, productMcpId, since, limit }: Period & { limit: number },
): Promise<MistakeSum[]> =>
  db.$queryRaw<MistakeSum[]>`
    SELECT "tool", "path", "rule", sum("count")::float8 AS "count" FROM "ProductMcpMistake"
    WHERE "orgId" = ${orgId}::uuid AND "productMcpId" = ${productMcpId}::uuid AND "day" >= ${since}::date
    GROUP BY "tool", "path", "rule" ORDER BY sum("count") DESC, "tool", "path", "rule" LIMIT ${limit}`;

/** Calls since 00:00 UTC over all organizations, by outcome. */
export const countProductCallsToday = (tx: Tx): Promise<LabelCount[]> =>
  tx.$queryRaw<LabelCount[]>`
    SELECT label, count::float8 AS count FROM (
      SELECT sum("succeeded") AS succeeded, sum("invalidArguments") AS invalid_arguments, sum("unauthorized") AS unauthorized,
        sum("rejected") AS rejected, sum("failed") AS failed
      FROM "ProductMcpUsage" WHERE "hour" >= date_trunc('day', now(), 'UTC')) AS sums,
      LATERAL (VALUES ('succeeded', succeeded), ('invalid_arguments', invalid_arguments), ('unauthorized', unauthorized),
        ('rejected', rejected), ('failed', failed)) AS each(label, count)
    WHERE count > 0`;

/** Deletes the usage of an organization from before this time. */
export async function deleteProductUsage(db: Db, { orgId, before }: { orgId: string; before: Date }): Promise<number> {
  const usage = await db.productMcpUsage.deleteMany({ where: { orgId, hour: { lt: before } } });
  const mistakes = await db.productMcpMistake.deleteMany({ where: { orgId, day: { lt: before } } });
  return usage.count + mistakes.count;
}

/**
 * Keeps names of operations that have none yet. One statement, however many: a large API has a thousand operations.
 */
export async function insertPinnedNames(
  db: Db | Tx,
  {
    orgId,
    productMcpId,
    rows,
  }: { orgId: string; productMcpId: string; rows: readonly { operation: string; name: string }[] },
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "ProductMcpTool" AS t ("orgId", "productMcpId", "operation", "pinnedName")
    SELECT ${orgId}::uuid, ${productMcpId}::uuid, r."operation", r."name"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("operation" text, "name" text)
    ON CONFLICT ("orgId", "productMcpId", "operation") DO UPDATE SET "pinnedName" = EXCLUDED."pinnedName"
      WHERE t."pinnedName" IS NULL`;
}
