import type { Warning } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import {
  bumpMonitorSchedule,
  findMonitorSchedule,
  type MonitorScheduleKey,
} from '../../../infra/db/queries/monitor.ts';
import type { Deps } from '../../context/context.ts';

type Following = Pick<Deps, 'db' | 'temporal' | 'config' | 'log'>;
type Of = { orgId: string; serverId: string; intervals: readonly number[] };

/** Saves that may overtake one sync before it leaves the rest to reconcile. */
const mostRounds = 5;

/**
 * Marks what the Schedules of a server's intervals have to follow, in the transaction that changes its monitors. An interval's first
 * mark makes its row, with the offset of its ticks: the golden ratio spreads any number of rows evenly over the interval.
 */
export async function bumpSchedulesIn(tx: Tx, { orgId, serverId, intervals }: Of): Promise<void> {
  for (const intervalSeconds of [...new Set(intervals)].sort((a, b) => a - b))
    await bumpMonitorSchedule(tx, { orgId, serverId, intervalSeconds });
}

/**
 * Makes one Schedule in Temporal follow its row: there is one while the server has an active monitor of that interval. What an operator
 * paused in Temporal stays paused, and the row says so. Safe to call at any time and at once with others. Not a use case.
 * @throws when Temporal can't be reached; the row then stays marked as not synced, for reconcile.
 */
export async function syncMonitorSchedule({ db, temporal, config }: Following, key: MonitorScheduleKey): Promise<void> {
  const { orgId, serverId, intervalSeconds } = key;
  for (let round = 0; round < mostRounds; round++) {
    const row = await findMonitorSchedule(db, key);
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
    const marked = await db.monitorSchedule.updateMany({
      where: { orgId, serverId, intervalSeconds, revision },
      data: { syncedRevision: revision, pausedByOperator },
    });
    if (marked.count === 1) return;
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
