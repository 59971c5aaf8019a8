import type { Warning } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';

type Following = Pick<Deps, 'db' | 'temporal' | 'config' | 'log'>;
export type ScheduleKey = { orgId: string; serverId: string; intervalSeconds: number };
type Of = { orgId: string; serverId: string; intervals: readonly number[] };

/** Saves that may overtake one sync before it leaves the rest to reconcile. */
const mostRounds = 5;

/**
 * Marks what the Schedules of a server's intervals have to follow, in the transaction that changes its monitors. An interval's first
 * mark makes its row, with the offset of its ticks: the golden ratio spreads any number of rows evenly over the interval.
 */
export async function bumpSchedulesIn(tx: Tx, { orgId, serverId, intervals }: Of): Promise<void> {
  for (const intervalSeconds of [...new Set(intervals)].sort((a, b) => a - b)) {
    const raised = await tx.$executeRaw`
      UPDATE "MonitorSchedule" SET "revision" = "revision" + 1
      WHERE "orgId" = ${orgId}::uuid AND "serverId" = ${serverId}::uuid AND "intervalSeconds" = ${intervalSeconds}::int`;
    if (raised > 0) continue;
    await tx.$executeRaw`
      INSERT INTO "MonitorSchedule" ("orgId", "serverId", "intervalSeconds", "offsetSeconds")
      SELECT ${orgId}::uuid, ${serverId}::uuid, ${intervalSeconds}::int, floor((turn - floor(turn)) * ${intervalSeconds}::int)
      FROM (SELECT nextval('"MonitorSchedule_number"') * 0.6180339887498949::float8 AS turn) AS next
      ON CONFLICT ("orgId", "serverId", "intervalSeconds") DO UPDATE SET "revision" = "MonitorSchedule"."revision" + 1`;
  }
}

/**
 * Makes one Schedule in Temporal follow its row: there is one while the server has an active monitor of that interval. What an operator
 * paused in Temporal stays paused, and the row says so. Safe to call at any time and at once with others. Not a use case.
 * @throws when Temporal can't be reached; the row then stays marked as not synced, for reconcile.
 */
export async function syncMonitorSchedule({ db, temporal, config }: Following, key: ScheduleKey): Promise<void> {
  const { orgId, serverId, intervalSeconds } = key;
  for (let round = 0; round < mostRounds; round++) {
    const row = await readRow(db, key);
    if (!row) return;
    const { revision, offsetSeconds, serverName } = row;
    let pausedByOperator = false;
    if (!row.isWanted) await temporal.deleteMonitorSchedule({ serverId, intervalSeconds });
    else
      ({ pausedByOperator } = await temporal.syncMonitorSchedule({
        ...key,
        serverName,
        offsetSeconds,
        heartbeatSeconds: config.heartbeatSeconds,
      }));
    const marked = await db.$executeRaw`
      UPDATE "MonitorSchedule" SET "syncedRevision" = ${revision}::int, "pausedByOperator" = ${pausedByOperator}::boolean
      WHERE "orgId" = ${orgId}::uuid AND "serverId" = ${serverId}::uuid AND "intervalSeconds" = ${intervalSeconds}::int
        AND "revision" = ${revision}::int`;
    if (marked === 1) return;
  }
}

/** The same for the intervals of a server, after the commit: what was saved stands, whatever Temporal says. */
export async function followMonitorSchedules(deps: Following, { orgId, serverId, intervals }: Of): Promise<Warning[]> {
  try {
    for (const intervalSeconds of new Set(intervals))
      await syncMonitorSchedule(deps, { orgId, serverId, intervalSeconds });
    return [];
  } catch (error) {
    deps.log.warn({ err: error, serverId }, 'a Schedule of monitors did not follow; reconcile will make it');
    const message =
      'Saved, but Temporal can not be reached right now: the checks follow by themselves within minutes of its return.';
    return [{ code: 'schedule_not_synced', message }];
  }
}

type Row = { revision: number; offsetSeconds: number; serverName: string; isWanted: boolean };

async function readRow(
  db: Following['db'],
  { orgId, serverId, intervalSeconds }: ScheduleKey,
): Promise<Row | undefined> {
  // One statement, so that the revision and what it stands for belong together.
  const [row] = await db.$queryRaw<Row[]>`
    SELECT m."revision", m."offsetSeconds", s."name" AS "serverName",
      s."archivedAt" IS NULL AND EXISTS (
        SELECT FROM "Monitor" WHERE "orgId" = m."orgId" AND "serverId" = m."serverId"
          AND "intervalSeconds" = m."intervalSeconds" AND "state" = 'active') AS "isWanted"
    FROM "MonitorSchedule" m JOIN "Server" s ON s."orgId" = m."orgId" AND s."id" = m."serverId"
    WHERE m."orgId" = ${orgId}::uuid AND m."serverId" = ${serverId}::uuid AND m."intervalSeconds" = ${intervalSeconds}::int`;
  return row;
}
