import type { Warning } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import {
  bumpMonitorSchedule,
  findMonitorSchedule,
  type MonitorScheduleKey,
} from '../../../infra/db/queries/monitor.ts';
import type { Deps } from '../../context/context.ts';

type SyncDeps = Pick<Deps, 'db' | 'temporal' | 'config' | 'log' | 'now'>;
type ServerIntervals = { orgId: string; serverId: string; intervals: readonly number[] };

/** Concurrent saves that one sync follows before it leaves the rest to reconcile. */
const maxRounds = 5;

/**
 * Marks that the Schedules of a server's intervals have to follow a change, in the transaction that changes its
 * monitors.
 */
export async function bumpSchedulesIn(tx: Tx, { orgId, serverId, intervals }: ServerIntervals): Promise<void> {
  for (const intervalSeconds of [...new Set(intervals)].sort((a, b) => a - b))
    await bumpMonitorSchedule(tx, { orgId, serverId, intervalSeconds });
}

/**
 * Makes one Schedule in Temporal follow its row: it exists while the server has an active monitor of that interval. One
 * that an operator paused stays paused, and the row says so. Can run at any time and concurrently. Not a use case.
 * @throws when Temporal is not available; the row then stays unsynced, for reconcile
 */
export async function syncMonitorSchedule(
  { db, temporal, config, now }: SyncDeps,
  key: MonitorScheduleKey,
): Promise<void> {
  const { orgId, serverId, intervalSeconds } = key;
  for (let round = 0; round < maxRounds; round++) {
    const row = await findMonitorSchedule(db, key);
    if (!row) return;
    const { revision, offsetSeconds, serverName } = row;
    let { pausedByOperator } = row;
    if (!row.isWanted) {
      const removed = await temporal.deleteMonitorSchedule({ serverId, intervalSeconds });
      // Pausing all monitors here doesn't end the operator's pause in Temporal.
      pausedByOperator = removed?.pausedByOperator ?? pausedByOperator;
    } else
      ({ pausedByOperator } = await temporal.syncMonitorSchedule(
        { ...key, serverName, offsetSeconds, heartbeatSeconds: config.heartbeatSeconds },
        pausedByOperator,
      ));
    const marked = await db.monitorSchedule.updateMany({
      where: { orgId, serverId, intervalSeconds, revision },
      data: {
        syncedRevision: revision,
        pausedByOperator,
        // Nothing was missed during an operator's pause that has just ended.
        ...(row.pausedByOperator && !pausedByOperator && { recordedUntil: now() }),
      },
    });
    if (marked.count === 1) return;
  }
}

/** Syncs the intervals of a server after the commit: what was saved stays, whatever Temporal answers. */
export async function syncMonitorSchedules(
  deps: SyncDeps,
  { orgId, serverId, intervals }: ServerIntervals,
): Promise<Warning[]> {
  try {
    for (const intervalSeconds of new Set(intervals))
      await syncMonitorSchedule(deps, { orgId, serverId, intervalSeconds });
    return [];
  } catch (error) {
    deps.log.warn({ err: error, serverId }, 'a Schedule of monitors was not synced; reconcile repairs it');
    const message =
      'Saved, but Temporal is not available. The checks follow automatically within minutes of its return.';
    return [{ code: 'schedule_not_synced', message }];
  }
}
