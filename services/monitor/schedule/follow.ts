import type { Warning } from '../../../domain/error/error.ts';
import { type MonitorInterval, monitorInterval } from '../../../domain/monitor/monitor.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';
import { bumpSchedulesIn, syncMonitorSchedules } from './sync.ts';

/** Servers and intervals whose Schedules have to follow a change. */
type AffectedSchedules = { serverId: string; intervals: MonitorInterval[] }[];

/** The Schedules of monitors that changed. */
export function toAffectedSchedules(
  monitors: readonly { serverId: string; intervalSeconds: number }[],
): AffectedSchedules {
  const byServer = Map.groupBy(monitors, ({ serverId }) => serverId);
  return [...byServer]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([serverId, group]) => ({
      serverId,
      intervals: [...new Set(group.map(({ intervalSeconds }) => monitorInterval.parse(intervalSeconds)))].sort(
        (a, b) => a - b,
      ),
    }));
}

/** Marks Schedules that have to follow a change, in the transaction that makes it. */
export async function bumpIn(tx: Tx, orgId: string, affected: AffectedSchedules): Promise<void> {
  for (const schedules of affected) await bumpSchedulesIn(tx, { orgId, ...schedules });
}

/** Syncs Schedules after the commit. */
export async function followSchedules(deps: Deps, orgId: string, affected: AffectedSchedules): Promise<Warning[]> {
  for (const schedules of affected) {
    const warnings = await syncMonitorSchedules(deps, { orgId, ...schedules });
    // While Temporal is away each try takes seconds, and reconcile syncs the marked rows anyway.
    if (warnings.length > 0) return warnings;
  }
  return [];
}
