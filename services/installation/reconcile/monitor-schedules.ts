import {
  findMonitorSchedules,
  type MonitorScheduleKey,
  type MonitorScheduleRow,
} from '../../../infra/db/queries/monitor.ts';
import type { MonitorScheduleEntry } from '../../../infra/temporal/index.ts';
import type { Deps } from '../../context/context.ts';
import { syncMonitorSchedule } from '../../monitor/schedule/sync.ts';
import { reconcileSchedules, type ScheduleKind } from './schedule-pass.ts';

/** Reconciles the Schedules of monitors: one for each server and interval with an active monitor. */
export async function reconcileMonitorSchedules(deps: Deps, page: { after: string | null; onProgress: () => void }) {
  const { db, temporal, config, now } = deps;
  const kind: ScheduleKind<MonitorScheduleRow, MonitorScheduleEntry, { changed: boolean; pausedByOperator: boolean }> =
    {
      toKey: ({ serverId, intervalSeconds }) => `${serverId}/${intervalSeconds}`,
      findRows: ({ after, limit }) => findMonitorSchedules(db, { after: parseKey(after), limit }),
      listSchedules: () => temporal.listMonitorSchedules(),
      sync: (row) => syncMonitorSchedule(deps, row),
      async setPausedByOperator({ orgId, serverId, intervalSeconds }, pausedByOperator) {
        await db.monitorSchedule.updateMany({
          where: { orgId, serverId, intervalSeconds },
          // Nothing was missed during a pause.
          data: { pausedByOperator, ...(!pausedByOperator && { recordedUntil: now() }) },
        });
      },
      async deleteSchedule(entry) {
        await temporal.deleteMonitorSchedule(entry);
      },
      compare: (row) => temporal.checkMonitorSchedule({ ...row, heartbeatSeconds: config.heartbeatSeconds }),
    };
  const { created, deleted, repaired, after } = await reconcileSchedules(deps, kind, page);
  return {
    monitorSchedulesCreated: created,
    monitorSchedulesDeleted: deleted,
    monitorSchedulesRepaired: repaired,
    after,
  };
}

function parseKey(key: string | null): Omit<MonitorScheduleKey, 'orgId'> | null {
  const [serverId, interval] = key?.split('/') ?? [];
  return serverId ? { serverId, intervalSeconds: Number(interval) } : null;
}
