import { compactJson } from '../../../domain/json/json.ts';
import { monitorStates } from '../../../domain/monitor/monitor.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Db } from '../../../infra/db/index.ts';
import type { Redactor } from '../../../infra/redaction/index.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Position } from '../../context/pagination.ts';
import { countsOf, noChecks, uptimeOf } from './uptime.ts';
import { healthView, type MonitorRow, type MonitorTotals, type OutcomeCounts, objectOf } from './view.ts';

const hourMs = 3_600_000;
const longestHint = 120;

export type RowFilters = {
  serverId?: string | undefined;
  /** Of the latest check. */
  outcome?: string | undefined;
  /** Archived ones only when asked for. */
  state?: string | undefined;
  search?: string | undefined;
};

/** Monitors, newest first, each with its health and the uptime of its last day: two statements, however many they are. */
export async function monitorRows(
  db: Db,
  of: RowFilters & { orgId: string; after?: Position | null; limit: number; now: Date; redactor: Redactor },
): Promise<MonitorRow[]> {
  const { orgId, after, now } = of;
  const at = now.toISOString();
  const where = [
    ...conditions(of),
    ...(after
      ? [Prisma.sql`(m."createdAt", m."id") < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`]
      : []),
  ];
  const found = await db.$queryRaw<Found[]>`
    SELECT m."id", m."name", m."serverId", s."name" AS "serverName", m."tool", m."arguments", m."intervalSeconds", m."state",
      m."createdAt", h."outcome", h."errorKind", h."latencyMs", h."checkedAt", h."since", h."consecutiveFailures",
      i."id" AS "openIncidentId",
      EXISTS (SELECT FROM "MaintenanceWindow" w WHERE w."orgId" = m."orgId" AND w."serverId" = m."serverId"
        AND w."startsAt" <= ${at}::timestamptz AND w."endsAt" > ${at}::timestamptz) AS "inMaintenance"
    FROM "Monitor" m
    JOIN "Server" s ON s."orgId" = m."orgId" AND s."id" = m."serverId"
    LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    LEFT JOIN "Incident" i ON i."orgId" = m."orgId" AND i."subjectKind" = 'monitor' AND i."subjectKey" = m."id"::text
      AND i."closedAt" IS NULL
    WHERE ${Prisma.join(where, ' AND ')}
    ORDER BY m."createdAt" DESC, m."id" DESC LIMIT ${of.limit}::int`;
  const counts = await dayCounts(db, { orgId, monitorIds: found.map(({ id }) => id), now });
  return found.map((row) => ({
    id: row.id,
    name: row.name,
    serverId: row.serverId,
    serverName: row.serverName,
    tool: row.tool,
    argumentsHint: hintOf(row.arguments, of.redactor),
    intervalSeconds: row.intervalSeconds,
    state: oneOf(monitorStates, row.state),
    createdAt: row.createdAt.toISOString(),
    health: healthOf(row),
    uptime: uptimeOf(counts.get(row.id) ?? noChecks),
    openIncidentId: row.openIncidentId,
    inMaintenance: row.inMaintenance,
  }));
}

type Found = {
  id: string;
  name: string;
  serverId: string;
  serverName: string;
  tool: string;
  arguments: unknown;
  intervalSeconds: number;
  state: string;
  createdAt: Date;
  outcome: string | null;
  errorKind: string | null;
  latencyMs: number | null;
  checkedAt: Date | null;
  since: Date | null;
  consecutiveFailures: number | null;
  openIncidentId: string | null;
  inMaintenance: boolean;
};

function conditions({ orgId, serverId, outcome, state, search }: RowFilters & { orgId: string }): Prisma.Sql[] {
  const like = search ? `%${search.replace(/[\\%_]/g, '\\$&')}%` : null;
  // What a paused monitor said last is no longer how it does.
  const wanted = state ?? (outcome === undefined ? undefined : 'active');
  return [
    Prisma.sql`m."orgId" = ${orgId}::uuid`,
    wanted ? Prisma.sql`m."state" = ${wanted}` : Prisma.sql`m."state" <> 'archived'`,
    ...(serverId ? [Prisma.sql`m."serverId" = ${serverId}::uuid`] : []),
    ...(outcome === undefined ? [] : [outcomeCondition(outcome)]),
    ...(like ? [Prisma.sql`(m."name" ILIKE ${like} OR m."tool" ILIKE ${like})`] : []),
  ];
}

function outcomeCondition(outcome: string): Prisma.Sql {
  if (outcome === 'unchecked') return Prisma.sql`h."outcome" IS NULL`;
  return outcome === 'failing' ? Prisma.sql`h."outcome" IN ('fail', 'error')` : Prisma.sql`h."outcome" = ${outcome}`;
}

const healthOf = ({ outcome, errorKind, latencyMs, checkedAt, since, consecutiveFailures }: Found) =>
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

function hintOf(args: unknown, redactor: Redactor): string {
  const shown = objectOf(redactor.value(args));
  if (Object.keys(shown).length === 0) return '';
  const json = compactJson(shown) ?? '';
  return json.length > longestHint ? `${json.slice(0, longestHint)}…` : json;
}

/** Checks of the last 24 hours, whole hours, by monitor. */
export async function dayCounts(
  db: Db,
  { orgId, monitorIds, now }: { orgId: string; monitorIds: readonly string[]; now: Date },
): Promise<Map<string, OutcomeCounts>> {
  if (monitorIds.length === 0) return new Map();
  const rows = await db.$queryRaw<(OutcomeCounts & { monitorId: string })[]>`
    SELECT "monitorId", sum("pass")::int AS "pass", sum("degraded")::int AS "degraded", sum("fail")::int AS "fail",
      sum("error")::int AS "error", sum("notReached")::int AS "notReached", sum("inMaintenance")::int AS "inMaintenance"
    FROM "CheckHour"
    WHERE "orgId" = ${orgId}::uuid AND "monitorId" = ANY(${[...monitorIds]}::uuid[])
      AND "hour" > ${new Date(now.getTime() - 24 * hourMs).toISOString()}::timestamptz
    GROUP BY "monitorId"`;
  return new Map(rows.map((row) => [row.monitorId, countsOf(row)]));
}

/** How all monitors do that aren't archived, of one server or of the workspace: one statement. */
export async function monitorTotals(
  db: Db,
  { orgId, serverId }: { orgId: string; serverId?: string | undefined },
): Promise<MonitorTotals> {
  const rows = await db.$queryRaw<{ kind: string; count: number }[]>`
    SELECT CASE WHEN m."state" = 'paused' THEN 'paused' ELSE coalesce(h."outcome", 'unchecked') END AS "kind", count(*)::int AS "count"
    FROM "Monitor" m LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE ${Prisma.join(conditions({ orgId, serverId }), ' AND ')} GROUP BY 1`;
  const of = (kind: string) => rows.find((row) => row.kind === kind)?.count ?? 0;
  return {
    all: rows.reduce((total, { count }) => total + count, 0),
    pass: of('pass'),
    degraded: of('degraded'),
    fail: of('fail'),
    error: of('error'),
    unchecked: of('unchecked'),
    paused: of('paused'),
  };
}
