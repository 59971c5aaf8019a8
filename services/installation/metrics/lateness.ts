import type { Tx } from '../../../infra/db/index.ts';
import type { Quantiles } from './read.ts';

type Row = { p50: number | null; p95: number | null; max: number | null };
const shown = ([row]: readonly Row[]): Quantiles => ({ p50: row?.p50 ?? 0, p95: row?.p95 ?? 0, max: row?.max ?? 0 });

/**
 * Seconds from the nominal time of the latest tick of each monitors' Schedule to the start of its first call, as far as that tick is not
 * older than two intervals. Of each Schedule at most 20 monitors are looked at: an installation has far fewer Schedules than monitors.
 */
export const tickLateness = async (tx: Tx): Promise<Quantiles> =>
  shown(
    await tx.$queryRaw<Row[]>`
      WITH late AS (
        SELECT extract(epoch FROM tick."startedAt" - tick."scheduledAt")::float8 AS "seconds"
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
          GROUP BY c."scheduledAt" ORDER BY c."scheduledAt" DESC LIMIT 1) tick ON true)
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY "seconds") AS "p50",
        percentile_cont(0.95) WITHIN GROUP (ORDER BY "seconds") AS "p95", max("seconds") AS "max" FROM late`,
  );

/** Seconds from the fire time of scheduled runs of the last 15 minutes to their start; of those that still wait, until now. */
export const runLateness = async (tx: Tx): Promise<Quantiles> =>
  shown(
    await tx.$queryRaw<Row[]>`
      WITH late AS (
        SELECT greatest(extract(epoch FROM coalesce(r."startedAt", now()) - r."scheduledAt"), 0)::float8 AS "seconds"
        FROM "Organization" o JOIN LATERAL (
          SELECT "startedAt", "scheduledAt" FROM "Run"
          WHERE "orgId" = o."id" AND "createdAt" >= now() - interval '15 minutes' AND "scheduledAt" IS NOT NULL
            AND ("startedAt" IS NOT NULL OR "status" = 'pending')) r ON true)
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY "seconds") AS "p50",
        percentile_cont(0.95) WITHIN GROUP (ORDER BY "seconds") AS "p95", max("seconds") AS "max" FROM late`,
  );

/** By how many seconds the most overdue active monitor waits for its next check; Schedules that an operator paused don't count. */
export async function monitorsOverdue(tx: Tx): Promise<number> {
  const [row] = await tx.$queryRaw<{ seconds: number | null }[]>`
    SELECT max(extract(epoch FROM now() - greatest(h."checkedAt", m."updatedAt")) - m."intervalSeconds")::float8 AS "seconds"
    FROM "Monitor" m
    JOIN "MonitorSchedule" s ON s."orgId" = m."orgId" AND s."serverId" = m."serverId"
      AND s."intervalSeconds" = m."intervalSeconds" AND NOT s."pausedByOperator"
    LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."state" = 'active'`;
  return Math.max(0, row?.seconds ?? 0);
}
