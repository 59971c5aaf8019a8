import type { Tx } from '../index.ts';

export type LabelCount = { label: string; count: number };
export type Quantiles = { p50: number; p95: number; max: number };

// Tables are indexed by organization first: joining the organizations keeps each query in its index.

/** Ends each further query of the transaction after this time. */
export async function limitStatements(tx: Tx, timeoutMs: number): Promise<void> {
  await tx.$executeRaw`SELECT set_config('statement_timeout', ${String(timeoutMs)}::text, true)`;
}

/** Since 00:00 UTC, by outcome. */
export async function countChecksToday(tx: Tx): Promise<LabelCount[]> {
  const [row] = await tx.$queryRaw<{ [outcome: string]: number }[]>`
    SELECT coalesce(sum(d."pass"), 0)::int AS "pass", coalesce(sum(d."degraded"), 0)::int AS "degraded",
      coalesce(sum(d."fail"), 0)::int AS "fail", coalesce(sum(d."error"), 0)::int AS "error",
      coalesce(sum(d."notReached"), 0)::int AS "not_reached", coalesce(sum(d."inMaintenance"), 0)::int AS "maintenance"
    FROM "Organization" o JOIN LATERAL (
      SELECT * FROM "CheckDay" c
      WHERE c."orgId" = o."id" AND c."day" = date_trunc('day', now(), 'UTC')) d ON true`;
  return Object.entries(row ?? {}).map(([label, count]) => ({ label, count }));
}

/** Created in the last hour, by status; canceled ones apart from errors. */
export const countRecentRuns = (tx: Tx): Promise<LabelCount[]> => tx.$queryRaw<LabelCount[]>`
  SELECT r."status" AS "label", sum(r."count")::int AS "count" FROM "Organization" o JOIN LATERAL (
    SELECT CASE WHEN "errorKind" = 'canceled' THEN 'canceled' ELSE "status" END AS "status", count(*) AS "count" FROM "Run"
    WHERE "orgId" = o."id" AND "createdAt" >= now() - interval '1 hour' GROUP BY 1) r ON true
  GROUP BY r."status"`;

/** Pending and running, however old. */
export const countUnfinishedRuns = (tx: Tx): Promise<LabelCount[]> => tx.$queryRaw<LabelCount[]>`
  SELECT r."status" AS "label", sum(r."count")::int AS "count" FROM "Organization" o JOIN LATERAL (
    SELECT "status", count(*) AS "count" FROM "Run"
    WHERE "orgId" = o."id" AND "status" IN ('pending', 'running') GROUP BY "status") r ON true
  GROUP BY r."status"`;

/** Created in the last hour, by state. */
export const countRecentDeliveries = (tx: Tx): Promise<LabelCount[]> => tx.$queryRaw<LabelCount[]>`
  SELECT d."state" AS "label", sum(d."count")::int AS "count" FROM "Organization" o JOIN LATERAL (
    SELECT "state", count(*) AS "count" FROM "Delivery"
    WHERE "orgId" = o."id" AND "createdAt" >= now() - interval '1 hour' GROUP BY "state") d ON true
  GROUP BY d."state"`;

export async function countPendingDeliveries(tx: Tx): Promise<{ count: number; oldestSeconds: number }> {
  const [row] = await tx.$queryRaw<{ count: number; oldestSeconds: number }[]>`
    SELECT count(*)::int AS "count",
      coalesce(extract(epoch FROM now() - min("createdAt")), 0)::float8 AS "oldestSeconds"
    FROM "Delivery" WHERE "state" = 'pending'`;
  return row ?? { count: 0, oldestSeconds: 0 };
}

export const countMonitors = (tx: Tx): Promise<LabelCount[]> => tx.$queryRaw<LabelCount[]>`
  SELECT "state" AS "label", count(*)::int AS "count" FROM "Monitor" WHERE "state" <> 'archived' GROUP BY "state"`;

export const countUnsyncedSchedules = (tx: Tx): Promise<LabelCount[]> => tx.$queryRaw<LabelCount[]>`
  SELECT 'workflow' AS "label", count(*)::int AS "count" FROM "Workflow"
  WHERE "scheduleSyncedRevision" < "scheduleRevision"
  UNION ALL
  SELECT 'monitors', count(*)::int FROM "MonitorSchedule" WHERE "syncedRevision" < "revision"`;

export const countOpenIncidents = (tx: Tx): Promise<{ kind: string; level: string; count: number }[]> =>
  tx.$queryRaw<{ kind: string; level: string; count: number }[]>`
    SELECT "subjectKind" AS "kind", "level", count(*)::int AS "count" FROM "Incident"
    WHERE "closedAt" IS NULL GROUP BY "subjectKind", "level"`;

type QuantilesRow = { p50: number | null; p95: number | null; max: number | null };
const toQuantiles = ([row]: readonly QuantilesRow[]): Quantiles => ({
  p50: row?.p50 ?? 0,
  p95: row?.p95 ?? 0,
  max: row?.max ?? 0,
});

/**
 * Seconds from the nominal time of each Schedule's latest batch of checks to its first call. Batches older than two
 * intervals are left out. At most 20 monitors of each Schedule are read: an installation has far fewer Schedules than
 * monitors.
 */
export const findCheckLateness = async (tx: Tx): Promise<Quantiles> =>
  toQuantiles(
    await tx.$queryRaw<QuantilesRow[]>`
      WITH late AS (
        SELECT extract(epoch FROM batch."startedAt" - batch."scheduledAt")::float8 AS "seconds"
        FROM "MonitorSchedule" s JOIN LATERAL (
          SELECT c."scheduledAt", min(c."startedAt") AS "startedAt"
          FROM (
            SELECT "id" FROM "Monitor"
            WHERE "orgId" = s."orgId" AND "serverId" = s."serverId" AND "intervalSeconds" = s."intervalSeconds"
              AND "state" = 'active'
            LIMIT 20) m
          JOIN LATERAL (
            SELECT "scheduledAt", "startedAt" FROM "Check"
            WHERE "monitorId" = m."id" AND "key" = '' AND "startedAt" IS NOT NULL
              AND "scheduledAt" >= now() - 2 * s."intervalSeconds" * interval '1 second' AND "scheduledAt" <= now()
            ORDER BY "scheduledAt" DESC LIMIT 1) c ON true
          GROUP BY c."scheduledAt" ORDER BY c."scheduledAt" DESC LIMIT 1) batch ON true)
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY "seconds") AS "p50",
        percentile_cont(0.95) WITHIN GROUP (ORDER BY "seconds") AS "p95", max("seconds") AS "max" FROM late`,
  );

/**
 * Seconds from the fire time of scheduled runs of the last 15 minutes to their start; until now for those that still
 * wait.
 */
export const findRunLateness = async (tx: Tx): Promise<Quantiles> =>
  toQuantiles(
    await tx.$queryRaw<QuantilesRow[]>`
      WITH late AS (
        SELECT greatest(extract(epoch FROM coalesce(r."startedAt", now()) - r."scheduledAt"), 0)::float8 AS "seconds"
        FROM "Organization" o JOIN LATERAL (
          SELECT "startedAt", "scheduledAt" FROM "Run"
          WHERE "orgId" = o."id" AND "createdAt" >= now() - interval '15 minutes' AND "scheduledAt" IS NOT NULL
            AND ("startedAt" IS NOT NULL OR "status" = 'pending')) r ON true)
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY "seconds") AS "p50",
        percentile_cont(0.95) WITHIN GROUP (ORDER BY "seconds") AS "p95", max("seconds") AS "max" FROM late`,
  );

/**
 * Seconds by which the most overdue active monitor's next check is late; 0 when none is. Those paused in Temporal don't
 * count, and neither do times in the future, which a wrong clock has written.
 */
export async function findMaxOverdueSeconds(tx: Tx): Promise<number> {
  const [row] = await tx.$queryRaw<{ seconds: number | null }[]>`
    SELECT max(extract(epoch FROM now() - greatest(
        CASE WHEN h."checkedAt" <= now() + interval '1 minute' THEN h."checkedAt" END,
        CASE WHEN m."updatedAt" <= now() + interval '1 minute' THEN m."updatedAt" END)) - m."intervalSeconds")::float8 AS "seconds"
    FROM "Monitor" m
    JOIN "MonitorSchedule" s ON s."orgId" = m."orgId" AND s."serverId" = m."serverId"
      AND s."intervalSeconds" = m."intervalSeconds" AND NOT s."pausedByOperator"
    LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."state" = 'active'`;
  return Math.max(0, row?.seconds ?? 0);
}
