import { findMonitorSchedules, type MonitorScheduleKey } from '../../../infra/db/queries/monitor.ts';
import { forEachConcurrent } from '../../context/concurrency.ts';
import type { Deps } from '../../context/context.ts';
import { syncMonitorSchedule } from '../../monitor/schedule/sync.ts';

/** Schedules that one pass looks at closely. */
const closePage = 200;
const listPage = 500;

const nameOf = ({ serverId, intervalSeconds }: Omit<MonitorScheduleKey, 'orgId'>): string =>
  `${serverId}/${intervalSeconds}`;

/**
 * The same for the Schedules of monitors (schedules.ts): there is one for each server and interval with an active monitor. `after`: a
 * `serverId/interval`, where the close looks go on.
 */
export async function reconcileMonitorSchedules(
  deps: Deps,
  { after, onProgress }: { after: string | null; onProgress: () => void },
) {
  const { db, temporal, config, log } = deps;
  const done = { monitorSchedulesCreated: 0, monitorSchedulesDeleted: 0, monitorSchedulesRepaired: 0 };
  // Before the rows: a Schedule that is seen here was made after its row.
  const entries = new Map((await temporal.listMonitorSchedules()).map((entry) => [nameOf(entry), entry]));
  const limits = { concurrency: 8, onProgress, log };

  const wanted = new Set<string>();
  for (let from: string | null = null; ; ) {
    const rows = await findMonitorSchedules(db, { after: keyOf(from), limit: listPage });
    await forEachConcurrent(rows, limits, async (row) => {
      const entry = entries.get(nameOf(row));
      if (row.isWanted) wanted.add(nameOf(row));
      if (row.isBehind || (row.isWanted && !entry)) {
        await syncMonitorSchedule(deps, row);
        done.monitorSchedulesCreated += row.isWanted && !entry ? 1 : 0;
      } else if (row.isWanted && entry && entry.pausedByOperator !== row.pausedByOperator)
        await db.monitorSchedule.updateMany({
          where: { orgId: row.orgId, serverId: row.serverId, intervalSeconds: row.intervalSeconds },
          data: { pausedByOperator: entry.pausedByOperator },
        });
    });
    const last = rows.at(-1);
    if (!last || rows.length < listPage) break;
    from = nameOf(last);
  }

  const leftOver = [...entries].flatMap(([name, entry]) => (wanted.has(name) ? [] : [entry]));
  await forEachConcurrent(leftOver, limits, async (entry) => {
    await temporal.deleteMonitorSchedule(entry);
    done.monitorSchedulesDeleted += 1;
  });

  const close = await findMonitorSchedules(db, { after: keyOf(after), limit: closePage });
  await forEachConcurrent(
    close.filter(({ isWanted }) => isWanted),
    limits,
    async (row) => {
      const state = await temporal.checkMonitorSchedule({ ...row, heartbeatSeconds: config.heartbeatSeconds });
      if (!state?.changed) return;
      await syncMonitorSchedule(deps, row);
      done.monitorSchedulesRepaired += 1;
    },
  );
  const last = close.at(-1);
  return { ...done, after: last && close.length === closePage ? nameOf(last) : null };
}

function keyOf(name: string | null): Omit<MonitorScheduleKey, 'orgId'> | null {
  const [serverId, interval] = name?.split('/') ?? [];
  return serverId ? { serverId, intervalSeconds: Number(interval) } : null;
}
