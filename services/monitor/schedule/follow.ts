import type { Warning } from '../../../domain/error/error.ts';
import { type MonitorInterval, monitorInterval } from '../../../domain/monitor/monitor.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';
import { bumpSchedulesIn, followMonitorSchedules } from './sync.ts';

/** Servers and intervals whose Schedules have to follow a change. */
type Touched = { serverId: string; intervals: MonitorInterval[] }[];

/** Of monitors that changed. */
export function touchedBy(monitors: readonly { serverId: string; intervalSeconds: number }[]): Touched {
  const byServer = Map.groupBy(monitors, ({ serverId }) => serverId);
  return [...byServer]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([serverId, of]) => ({
      serverId,
      intervals: [...new Set(of.map(({ intervalSeconds }) => monitorInterval.parse(intervalSeconds)))].sort(
        (a, b) => a - b,
      ),
    }));
}

export async function bumpIn(tx: Tx, orgId: string, touched: Touched): Promise<void> {
  for (const each of touched) await bumpSchedulesIn(tx, { orgId, ...each });
}

export async function follow(deps: Deps, orgId: string, touched: Touched): Promise<Warning[]> {
  for (const each of touched) {
    const warnings = await followMonitorSchedules(deps, { orgId, ...each });
    // Each try takes seconds while Temporal is away, and the rows are marked for reconcile already.
    if (warnings.length > 0) return warnings;
  }
  return [];
}
