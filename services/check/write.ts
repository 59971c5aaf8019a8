import { bucketOf, latencyBuckets } from '../../domain/monitor/latency.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { CheckRow } from './result.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const startOf = (time: Date, length: number): string =>
  new Date(Math.floor(time.getTime() / length) * length).toISOString();

/**
 * Writes checks of one nominal time, at most one of a monitor, with their roll-ups and what they say of their monitors' health: in one
 * statement, whose cost a check is what counts. One that is there already stays as it is and counts once.
 * @returns the monitors whose checks were written.
 */
export async function writeChecksIn(
  tx: Tx,
  { orgId, scheduledAt, key, checks }: { orgId: string; scheduledAt: Date; key: string; checks: readonly CheckRow[] },
): Promise<Set<string>> {
  if (checks.length === 0) return new Set();
  const rows = JSON.stringify(
    checks.map((check) => ({
      m: check.monitorId,
      s: check.startedAt,
      l: check.latencyMs,
      o: check.outcome,
      k: check.errorKind,
      x: check.excerpt,
      b: check.resultBytes,
      d: check.degradedBy,
      a: check.attempts,
      w: check.maintenance,
      // Counted as answered, in this bucket; from 1, as Postgres counts.
      h: isAnswered(check) ? bucketOf(check.latencyMs ?? 0) + 1 : null,
    })),
  );
  const at = scheduledAt.toISOString();
  const size = latencyBuckets.length;
  // Ordered by monitor throughout, so that two batches that share monitors wait for each other instead of locking up.
  const inserted = await tx.$queryRaw<{ monitorId: string }[]>`
    WITH given AS MATERIALIZED (
      SELECT *,
        (NOT w AND o = 'pass')::int AS pass, (NOT w AND o = 'degraded')::int AS degraded, (NOT w AND o = 'fail')::int AS fail,
        (NOT w AND o = 'error' AND k <> 'not_reached')::int AS error,
        (NOT w AND o = 'error' AND k = 'not_reached')::int AS unreached, w::int AS maintained,
        array_fill(0, ARRAY[coalesce(h, 1) - 1]) || (h IS NOT NULL)::int || array_fill(0, ARRAY[${size}::int - coalesce(h, 1)]) AS latency
      FROM json_to_recordset(${rows}::json) AS given
        (m uuid, s timestamptz, l int, o text, k text, x text, b int, d text[], a int, w boolean, h int)
    ), written AS (
      INSERT INTO "Check" ("orgId", "monitorId", "scheduledAt", "key", "startedAt", "latencyMs", "outcome", "errorKind", "excerpt",
        "resultBytes", "degradedBy", "attempts", "maintenance")
      SELECT ${orgId}::uuid, m, ${at}::timestamptz, ${key}::text, s, l, o, k, x, b, d, a, w FROM given ORDER BY m
      ON CONFLICT DO NOTHING RETURNING "monitorId"
    ), fresh AS MATERIALIZED (
      SELECT given.* FROM given JOIN written ON written."monitorId" = given.m ORDER BY m
    ), hours AS (
      INSERT INTO "CheckHour" AS sum ("orgId", "monitorId", "hour", "pass", "degraded", "fail", "error", "notReached", "inMaintenance",
        "latency")
      SELECT ${orgId}::uuid, m, ${startOf(scheduledAt, hourMs)}::timestamptz, pass, degraded, fail, error, unreached, maintained, latency
      FROM fresh ORDER BY m
      ON CONFLICT ("monitorId", "hour") DO UPDATE SET
        "pass" = sum."pass" + excluded."pass", "degraded" = sum."degraded" + excluded."degraded",
        "fail" = sum."fail" + excluded."fail", "error" = sum."error" + excluded."error",
        "notReached" = sum."notReached" + excluded."notReached",
        "inMaintenance" = sum."inMaintenance" + excluded."inMaintenance",
        "latency"[coalesce(array_position(excluded."latency", 1), 1)] =
          sum."latency"[coalesce(array_position(excluded."latency", 1), 1)] + (array_position(excluded."latency", 1) IS NOT NULL)::int
    ), days AS (
      INSERT INTO "CheckDay" AS sum ("orgId", "monitorId", "day", "pass", "degraded", "fail", "error", "notReached", "inMaintenance",
        "latency")
      SELECT ${orgId}::uuid, m, ${startOf(scheduledAt, dayMs)}::timestamptz, pass, degraded, fail, error, unreached, maintained, latency
      FROM fresh ORDER BY m
      ON CONFLICT ("monitorId", "day") DO UPDATE SET
        "pass" = sum."pass" + excluded."pass", "degraded" = sum."degraded" + excluded."degraded",
        "fail" = sum."fail" + excluded."fail", "error" = sum."error" + excluded."error",
        "notReached" = sum."notReached" + excluded."notReached",
        "inMaintenance" = sum."inMaintenance" + excluded."inMaintenance",
        "latency"[coalesce(array_position(excluded."latency", 1), 1)] =
          sum."latency"[coalesce(array_position(excluded."latency", 1), 1)] + (array_position(excluded."latency", 1) IS NOT NULL)::int
    ), health AS (
      INSERT INTO "MonitorHealth" AS known ("orgId", "monitorId", "outcome", "errorKind", "latencyMs", "checkedAt", "since",
        "consecutiveFailures")
      SELECT ${orgId}::uuid, m, o, k, l, ${at}::timestamptz, ${at}::timestamptz, (o IN ('fail', 'error'))::int
      FROM fresh WHERE k IS DISTINCT FROM 'not_reached' ORDER BY m
      ON CONFLICT ("orgId", "monitorId") DO UPDATE SET
        "outcome" = excluded."outcome", "errorKind" = excluded."errorKind", "latencyMs" = excluded."latencyMs",
        "checkedAt" = excluded."checkedAt",
        "since" = CASE WHEN (known."outcome" IN ('fail', 'error')) = (excluded."outcome" IN ('fail', 'error'))
          THEN known."since" ELSE excluded."checkedAt" END,
        "consecutiveFailures" = CASE WHEN excluded."outcome" IN ('fail', 'error') THEN known."consecutiveFailures" + 1 ELSE 0 END
      WHERE known."checkedAt" < excluded."checkedAt"
    )
    SELECT "monitorId" FROM written`;
  return new Set(inserted.map(({ monitorId }) => monitorId));
}

const isAnswered = ({ outcome, latencyMs, maintenance }: CheckRow): boolean =>
  !maintenance && latencyMs !== null && outcome !== 'error';
