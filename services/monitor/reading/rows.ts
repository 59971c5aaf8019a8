import { compactJson } from '../../../domain/json/json.ts';
import { monitorStates } from '../../../domain/monitor/monitor.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import { dayMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { sumOutcomesByMonitor } from '../../../infra/db/queries/check.ts';
import {
  countMonitorsByOutcome,
  findMonitors,
  type ListedMonitor,
  type MonitorFilters,
} from '../../../infra/db/queries/monitor.ts';
import type { Redactor } from '../../../infra/redaction/index.ts';
import type { Deps } from '../../context/context.ts';
import type { Position } from '../../context/pagination.ts';
import { loadRedactors } from '../../server/secret/redactor.ts';
import { getUptime, noChecks, toCounts } from './uptime.ts';
import { healthView, type MonitorRow, type MonitorTotals, type OutcomeCounts, objectOf } from './view.ts';

const maxHintLength = 120;

/**
 * Monitors, newest first, each with its health and the uptime of its last day: a few statements, however many they are.
 */
export async function listMonitorRows(
  deps: Pick<Deps, 'db' | 'secrets'>,
  of: MonitorFilters & { orgId: string; after?: Position | null; limit: number; now: Date },
): Promise<MonitorRow[]> {
  const { db } = deps;
  const { orgId, now } = of;
  const rows = await findMonitors(db, { ...of, at: now });
  const [counts, redactorOf] = await Promise.all([
    countLastDay(db, { orgId, monitorIds: rows.map(({ id }) => id), now }),
    loadRedactors(deps, orgId, rows),
  ]);
  return rows.map((row) => ({
    id: row.id,
    slug: row.slug,
    name: row.name,
    serverId: row.serverId,
    serverName: row.serverName,
    tool: row.tool,
    argumentsHint: toHint(row.arguments, redactorOf(row)),
    intervalSeconds: row.intervalSeconds,
    state: oneOf(monitorStates, row.state),
    createdAt: row.createdAt.toISOString(),
    health: toHealth(row),
    uptime: getUptime(counts.get(row.id) ?? noChecks),
    openIncidentId: row.openIncidentId,
    inMaintenance: row.inMaintenance,
    isSettingUp: row.isSettingUp,
  }));
}

const toHealth = ({ outcome, errorKind, latencyMs, checkedAt, since, consecutiveFailures }: ListedMonitor) =>
  outcome !== null && checkedAt !== null && since !== null
    ? healthView({
        outcome,
        errorKind,
        latencyMs,
        checkedAt,
        since,
        consecutiveFailures: consecutiveFailures ?? 0,
      })
    : null;

function toHint(args: unknown, redactor: Redactor): string {
  const shown = objectOf(redactor.value(args));
  if (Object.keys(shown).length === 0) return '';
  const json = compactJson(shown) ?? '';
  return json.length > maxHintLength ? `${json.slice(0, maxHintLength)}…` : json;
}

/** Checks of the last 24 hours, whole hours, by monitor. */
export async function countLastDay(
  db: Db,
  { orgId, monitorIds, now }: { orgId: string; monitorIds: readonly string[]; now: Date },
): Promise<Map<string, OutcomeCounts>> {
  if (monitorIds.length === 0) return new Map();
  const rows = await sumOutcomesByMonitor(db, { orgId, monitorIds, after: new Date(now.getTime() - dayMs) });
  return new Map(rows.map((row) => [row.monitorId, toCounts(row)]));
}

/** Counts all monitors that aren't archived, of one server or of the workspace: one statement. */
export async function countMonitors(
  db: Db,
  filter: { orgId: string; serverId?: string | undefined },
): Promise<MonitorTotals> {
  const rows = await countMonitorsByOutcome(db, filter);
  const count = (kind: string) => rows.find((row) => row.kind === kind)?.count ?? 0;
  return {
    all: rows.reduce((total, row) => total + row.count, 0),
    pass: count('pass'),
    degraded: count('degraded'),
    fail: count('fail'),
    error: count('error'),
    unchecked: count('unchecked'),
    paused: count('paused'),
  };
}
