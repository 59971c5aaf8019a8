import { type CheckOutcome, checkOutcomes } from '../../../domain/monitor/monitor.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Db } from '../../../infra/db/index.ts';
import { countMonitorsByTool } from '../../../infra/db/queries/server.ts';

/** How the monitors of one tool do. `worst`: of the latest checks of the active ones; null before the first. */
export type ToolMonitors = { count: number; paused: number; worst: CheckOutcome | null };

export const noMonitors: ToolMonitors = { count: 0, paused: 0, worst: null };

export async function monitorsByTool(
  db: Db,
  { orgId, serverId }: { orgId: string; serverId: string },
): Promise<Map<string, ToolMonitors>> {
  const rows = await countMonitorsByTool(db, { orgId, serverId });
  const found = new Map<string, ToolMonitors>();
  for (const { tool, state, outcome, count } of rows) {
    const sum = found.get(tool) ?? noMonitors;
    const isPaused = state === 'paused';
    const last = isPaused || outcome === null ? null : oneOf(checkOutcomes, outcome);
    found.set(tool, {
      count: sum.count + count,
      paused: sum.paused + (isPaused ? count : 0),
      worst: worse(sum.worst, last),
    });
  }
  return found;
}

/** `checkOutcomes` go from good to bad. */
function worse(one: CheckOutcome | null, other: CheckOutcome | null): CheckOutcome | null {
  if (one === null || other === null) return one ?? other;
  return checkOutcomes.indexOf(one) > checkOutcomes.indexOf(other) ? one : other;
}
