import { Prisma } from '../../../prisma/generated/client.ts';
import type { CheckModel } from '../../../prisma/generated/models.ts';
import type { Db, Tx } from '../index.ts';

/**
 * Checks of one monitor between two times (`to` excluded), newest first, by keyset. Checks are partitioned by day, so
 * the times say how many partitions are read.
 * @param of.outcome `failing`: fail and error
 */
export function findChecks(
  db: Db,
  of: {
    orgId: string;
    monitorId: string;
    from: Date;
    to: Date;
    outcome?: string | undefined;
    after?: { scheduledAt: Date; key: string } | null;
    limit: number;
  },
): Promise<CheckModel[]> {
  const { orgId, monitorId, from, to, outcome, after } = of;
  const where = [
    Prisma.sql`"orgId" = ${orgId}::uuid`,
    Prisma.sql`"monitorId" = ${monitorId}::uuid`,
    Prisma.sql`"scheduledAt" >= ${from.toISOString()}::timestamptz`,
    Prisma.sql`"scheduledAt" < ${to.toISOString()}::timestamptz`,
    ...(outcome === undefined
      ? []
      : [outcome === 'failing' ? Prisma.sql`"outcome" IN ('fail', 'error')` : Prisma.sql`"outcome" = ${outcome}`]),
    ...(after
      ? [Prisma.sql`("scheduledAt", "key") < (${after.scheduledAt.toISOString()}::timestamptz, ${after.key})`]
      : []),
  ];
  return db.$queryRaw<CheckModel[]>`
    SELECT * FROM "Check" WHERE ${Prisma.join(where, ' AND ')}
    ORDER BY "scheduledAt" DESC, "key" DESC LIMIT ${of.limit}::int`;
}

/** Of these checks, the monitors that a later check has reached. @param of.until later times are a wrong clock's */
export async function findOvertakenMonitors(
  tx: Tx,
  { orgId, checks, until }: { orgId: string; checks: readonly { monitorId: string; at: Date }[]; until: Date },
): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ monitorId: string }[]>`
    SELECT n."monitorId" FROM unnest(${checks.map(({ monitorId }) => monitorId)}::uuid[],
      ${checks.map(({ at }) => at.toISOString())}::timestamptz[]) AS n("monitorId", "at")
    WHERE EXISTS (SELECT 1 FROM "Check" c WHERE c."monitorId" = n."monitorId" AND c."orgId" = ${orgId}::uuid
      AND c."scheduledAt" > n."at" AND c."scheduledAt" <= ${until.toISOString()}::timestamptz
      AND c."errorKind" IS DISTINCT FROM 'not_reached')`;
  return new Set(rows.map(({ monitorId }) => monitorId));
}

/** A check to write. */
export type NewCheck = {
  monitorId: string;
  startedAt: Date | null;
  latencyMs: number | null;
  outcome: string;
  errorKind: string | null;
  serverFailure: string | null;
  excerpt: string | null;
  resultBytes: number | null;
  degradedBy: readonly string[];
  attempts: number;
  maintenance: boolean;
  /** Bucket of its latency in the histograms, from 1 as Postgres counts; null when it doesn't count. */
  bucket: number | null;
};

export type WrittenCheck = {
  monitorId: string;
  /** Of the monitor. The check of one that isn't changes nothing but the list of its checks. */
  isActive: boolean;
  /** Whether the monitor has ever passed. */
  hasPassed: boolean;
};

/**
 * Writes checks of one nominal time with their roll-ups by hour and day and their monitors' health, in one statement:
 * its cost a check is what limits an installation. A check that exists already stays as it is and counts once.
 * Everything is ordered by monitor, so that two batches that share monitors wait for each other instead of deadlocking.
 * @param batch.buckets number of latency buckets
 * @param batch.credibleUntil what a check later than this has left in a monitor's health came from a wrong clock
 * @returns the checks that were written
 */
export async function insertChecks(
  tx: Tx,
  batch: {
    orgId: string;
    scheduledAt: Date;
    key: string;
    hour: Date;
    day: Date;
    buckets: number;
    credibleUntil: Date;
    checks: readonly NewCheck[];
  },
): Promise<WrittenCheck[]> {
  const { orgId, key, buckets } = batch;
  const at = batch.scheduledAt.toISOString();
  return tx.$queryRaw<WrittenCheck[]>`
    WITH given AS MATERIALIZED (
      SELECT *,
        (NOT "maintenance" AND "outcome" = 'pass')::int AS pass, (NOT "maintenance" AND "outcome" = 'degraded')::int AS degraded,
        (NOT "maintenance" AND "outcome" = 'fail')::int AS fail,
        (NOT "maintenance" AND "outcome" = 'error' AND "errorKind" <> 'not_reached')::int AS error,
        (NOT "maintenance" AND "outcome" = 'error' AND "errorKind" = 'not_reached')::int AS unreached,
        "maintenance"::int AS maintained,
        array_fill(0, ARRAY[coalesce("bucket", 1) - 1]) || ("bucket" IS NOT NULL)::int
          || array_fill(0, ARRAY[${buckets}::int - coalesce("bucket", 1)]) AS latency
      FROM json_to_recordset(${JSON.stringify(batch.checks)}::json) AS given
        ("monitorId" uuid, "startedAt" timestamptz, "latencyMs" int, "outcome" text, "errorKind" text, "serverFailure" text, "excerpt" text,
        "resultBytes" int, "degradedBy" text[], "attempts" int, "maintenance" boolean, "bucket" int)
    ), written AS (
      INSERT INTO "Check" ("orgId", "monitorId", "scheduledAt", "key", "startedAt", "latencyMs", "outcome", "errorKind",
        "serverFailure", "excerpt", "resultBytes", "degradedBy", "attempts", "maintenance")
      SELECT ${orgId}::uuid, "monitorId", ${at}::timestamptz, ${key}::text, "startedAt", "latencyMs", "outcome", "errorKind",
        "serverFailure", "excerpt", "resultBytes", "degradedBy", "attempts", "maintenance" FROM given ORDER BY "monitorId"
      ON CONFLICT DO NOTHING RETURNING "monitorId"
    ), fresh AS MATERIALIZED (
      SELECT given.*, CASE WHEN "bucket" IS NULL THEN NULL ELSE "latencyMs" END AS measured
      FROM given JOIN written USING ("monitorId")
      JOIN "Monitor" m ON m."orgId" = ${orgId}::uuid AND m."id" = given."monitorId" AND m."state" = 'active'
      ORDER BY "monitorId"
    ), hours AS (
      INSERT INTO "CheckHour" AS sum ("orgId", "monitorId", "hour", "pass", "degraded", "fail", "error", "notReached", "inMaintenance",
        "latency", "minMs", "maxMs")
      SELECT ${orgId}::uuid, "monitorId", ${batch.hour.toISOString()}::timestamptz, pass, degraded, fail, error, unreached,
        maintained, latency, measured, measured
      FROM fresh ORDER BY "monitorId"
      ON CONFLICT ("monitorId", "hour") DO UPDATE SET ${addToRollUp}
    ), days AS (
      INSERT INTO "CheckDay" AS sum ("orgId", "monitorId", "day", "pass", "degraded", "fail", "error", "notReached", "inMaintenance",
        "latency", "minMs", "maxMs")
      SELECT ${orgId}::uuid, "monitorId", ${batch.day.toISOString()}::timestamptz, pass, degraded, fail, error, unreached,
        maintained, latency, measured, measured
      FROM fresh ORDER BY "monitorId"
      ON CONFLICT ("monitorId", "day") DO UPDATE SET ${addToRollUp}
    ), health AS (
      INSERT INTO "MonitorHealth" AS known ("orgId", "monitorId", "outcome", "errorKind", "latencyMs", "checkedAt", "since",
        "consecutiveFailures")
      SELECT ${orgId}::uuid, "monitorId", "outcome", "errorKind", "latencyMs", ${at}::timestamptz, ${at}::timestamptz,
        ("outcome" IN ('fail', 'error'))::int
      FROM fresh WHERE "errorKind" IS DISTINCT FROM 'not_reached' ORDER BY "monitorId"
      ON CONFLICT ("orgId", "monitorId") DO UPDATE SET
        "outcome" = excluded."outcome", "errorKind" = excluded."errorKind", "latencyMs" = excluded."latencyMs",
        "checkedAt" = excluded."checkedAt",
        "since" = CASE WHEN (known."outcome" IN ('fail', 'error')) = (excluded."outcome" IN ('fail', 'error'))
          THEN LEAST(known."since", excluded."checkedAt") ELSE excluded."checkedAt" END,
        "consecutiveFailures" = CASE WHEN excluded."outcome" IN ('fail', 'error') THEN known."consecutiveFailures" + 1 ELSE 0 END
      WHERE known."checkedAt" < excluded."checkedAt" OR known."checkedAt" > ${batch.credibleUntil.toISOString()}::timestamptz
    )
    SELECT w."monitorId", f."monitorId" IS NOT NULL AS "isActive",
      coalesce(f."outcome" IN ('pass', 'degraded') OR EXISTS (SELECT FROM "CheckDay" d
        WHERE d."orgId" = ${orgId}::uuid AND d."monitorId" = f."monitorId" AND d."pass" + d."degraded" > 0), false) AS "hasPassed"
    FROM written w LEFT JOIN fresh f USING ("monitorId")`;
}

/** Adds the one check that `excluded` counts to a roll-up. */
const addToRollUp = Prisma.sql`
  "pass" = sum."pass" + excluded."pass", "degraded" = sum."degraded" + excluded."degraded",
  "fail" = sum."fail" + excluded."fail", "error" = sum."error" + excluded."error",
  "notReached" = sum."notReached" + excluded."notReached", "inMaintenance" = sum."inMaintenance" + excluded."inMaintenance",
  "minMs" = LEAST(sum."minMs", excluded."minMs"), "maxMs" = GREATEST(sum."maxMs", excluded."maxMs"),
  "latency"[coalesce(array_position(excluded."latency", 1), 1)] =
    sum."latency"[coalesce(array_position(excluded."latency", 1), 1)] + (array_position(excluded."latency", 1) IS NOT NULL)::int`;

const toDate = (time: Date): string => time.toISOString().slice(0, 10);

/** Creates the partitions of these days (UTC), both included, where missing. @returns how many were created */
export async function createCheckPartitions(db: Db, { from, until }: { from: Date; until: Date }): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT armature_make_check_partitions(${toDate(from)}::date, ${toDate(until)}::date) AS count`;
  return row?.count ?? 0;
}

/** Drops the partitions of the days before. @returns how many were dropped */
export async function dropCheckPartitions(db: Db, { before }: { before: Date }): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT armature_drop_check_partitions(${toDate(before)}::date) AS count`;
  return row?.count ?? 0;
}

/** The hours of these monitors since an hour. */
export function listCheckHours(
  db: Db,
  { orgId, monitorIds, since }: { orgId: string; monitorIds: readonly string[]; since: Date },
): Promise<(OutcomeSums & { monitorId: string; hour: Date })[]> {
  return db.$queryRaw<(OutcomeSums & { monitorId: string; hour: Date })[]>`
    SELECT "monitorId", "hour", "pass", "degraded", "fail", "error", "notReached", "inMaintenance" FROM "CheckHour"
    WHERE "orgId" = ${orgId}::uuid AND "monitorId" = ANY(${[...monitorIds]}::uuid[])
      AND "hour" >= ${since.toISOString()}::timestamptz`;
}

/** Deletes up to `limit` hours and as many days of an organization's roll-ups. @returns how many of each went */
export async function deleteRollUps(
  db: Db,
  { orgId, before, limit }: { orgId: string; before: Date; limit: number },
): Promise<{ hours: number; days: number }> {
  const at = before.toISOString();
  const hours = await db.$executeRaw`
    DELETE FROM "CheckHour" WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM "CheckHour" WHERE "orgId" = ${orgId}::uuid AND "hour" < ${at}::timestamptz LIMIT ${limit}::int))`;
  const days = await db.$executeRaw`
    DELETE FROM "CheckDay" WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM "CheckDay" WHERE "orgId" = ${orgId}::uuid AND "day" < ${at}::timestamptz LIMIT ${limit}::int))`;
  return { hours, days };
}

/**
 * Monitors' days since a time, as a JSON list for each: `day` (UTC date), `up` (pass and degraded), `down` (fail and
 * error). A list for each monitor costs far less than a row for each day.
 */
export function sumDaysByMonitor(
  db: Db,
  { orgId, monitorIds, since }: { orgId: string; monitorIds: readonly string[]; since: Date },
): Promise<{ monitorId: string; days: unknown }[]> {
  return db.$queryRaw<{ monitorId: string; days: unknown }[]>`
    SELECT "monitorId", json_agg(json_build_object('day', to_char("day" AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
      'up', "pass" + "degraded", 'down', "fail" + "error")) AS "days"
    FROM "CheckDay" WHERE "orgId" = ${orgId}::uuid AND "monitorId" = ANY(${[...monitorIds]}::uuid[])
      AND "day" >= ${since.toISOString()}::timestamptz
    GROUP BY "monitorId"`;
}

export type OutcomeSums = {
  pass: number;
  degraded: number;
  fail: number;
  error: number;
  notReached: number;
  inMaintenance: number;
};

/** Checks by outcome of each monitor in the hours after a time. */
export function sumOutcomesByMonitor(
  db: Db,
  { orgId, monitorIds, after }: { orgId: string; monitorIds: readonly string[]; after: Date },
): Promise<(OutcomeSums & { monitorId: string })[]> {
  return db.$queryRaw<(OutcomeSums & { monitorId: string })[]>`
    SELECT "monitorId", sum("pass")::int AS "pass", sum("degraded")::int AS "degraded", sum("fail")::int AS "fail",
      sum("error")::int AS "error", sum("notReached")::int AS "notReached", sum("inMaintenance")::int AS "inMaintenance"
    FROM "CheckHour"
    WHERE "orgId" = ${orgId}::uuid AND "monitorId" = ANY(${[...monitorIds]}::uuid[])
      AND "hour" > ${after.toISOString()}::timestamptz
    GROUP BY "monitorId"`;
}
