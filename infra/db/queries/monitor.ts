import { Prisma } from '../../../prisma/generated/client.ts';
import type { Db, Tx } from '../index.ts';
import { escapeLike } from './like.ts';

export type MonitorFilters = {
  serverId?: string | undefined;
  /** Of the latest check of an active monitor; `failing`: fail and error; `unchecked`: no check yet. */
  outcome?: string | undefined;
  /** Archived monitors only when this asks for them. */
  state?: string | undefined;
  /** Anywhere in name or tool. */
  search?: string | undefined;
  slug?: string | undefined;
};

export type ListedMonitor = {
  id: string;
  slug: string;
  name: string;
  serverId: string;
  serverName: string;
  authProfileId: string;
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
  isSettingUp: boolean;
};

/** Whether a monitor `m` with the health `h` has been checked, and has never passed. */
const isSettingUp = Prisma.sql`(h."outcome" IS NOT NULL AND NOT EXISTS (SELECT FROM "CheckDay" d
  WHERE d."orgId" = m."orgId" AND d."monitorId" = m."id" AND d."pass" + d."degraded" > 0))`;

/** Monitors with their health, newest first, by keyset. @param of.at time of which `inMaintenance` is said */
export function findMonitors(
  db: Db,
  of: MonitorFilters & { orgId: string; after?: { createdAt: Date; id: string } | null; limit: number; at: Date },
): Promise<ListedMonitor[]> {
  const at = of.at.toISOString();
  const where = [
    ...conditions(of),
    ...(of.after
      ? [Prisma.sql`(m."createdAt", m."id") < (${of.after.createdAt.toISOString()}::timestamptz, ${of.after.id}::uuid)`]
      : []),
  ];
  return db.$queryRaw<ListedMonitor[]>`
    SELECT m."id", m."slug", m."name", m."serverId", s."name" AS "serverName", m."authProfileId", m."tool", m."arguments", m."intervalSeconds", m."state",
      m."createdAt", h."outcome", h."errorKind", h."latencyMs", h."checkedAt", h."since", h."consecutiveFailures",
      i."id" AS "openIncidentId", ${isSettingUp} AS "isSettingUp",
      EXISTS (SELECT FROM "MaintenanceWindow" w WHERE w."orgId" = m."orgId"
        AND (w."serverId" = m."serverId" OR w."serverId" IS NULL)
        AND w."startsAt" <= ${at}::timestamptz AND w."endsAt" > ${at}::timestamptz) AS "inMaintenance"
    FROM "Monitor" m
    JOIN "Server" s ON s."orgId" = m."orgId" AND s."id" = m."serverId"
    LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    LEFT JOIN "Incident" i ON i."orgId" = m."orgId" AND i."subjectKind" = 'monitor' AND i."subjectKey" = m."id"::text
      AND i."closedAt" IS NULL
    WHERE ${Prisma.join(where, ' AND ')}
    ORDER BY m."createdAt" DESC, m."id" DESC LIMIT ${of.limit}::int`;
}

/** Monitors that aren't archived, by the outcome of their latest check, `unchecked`, or `paused`. */
export function countMonitorsByOutcome(
  db: Db,
  { orgId, serverId }: { orgId: string; serverId?: string | undefined },
): Promise<{ kind: string; count: number }[]> {
  return db.$queryRaw<{ kind: string; count: number }[]>`
    SELECT CASE WHEN m."state" = 'paused' THEN 'paused' ELSE coalesce(h."outcome", 'unchecked') END AS "kind", count(*)::int AS "count"
    FROM "Monitor" m LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE ${Prisma.join(conditions({ orgId, serverId }), ' AND ')} GROUP BY 1`;
}

function conditions({
  orgId,
  serverId,
  outcome,
  state,
  search,
  slug,
}: MonitorFilters & { orgId: string }): Prisma.Sql[] {
  const like = search ? `%${escapeLike(search)}%` : null;
  // The last outcome of a paused monitor says nothing of the present.
  const onlyState = state ?? (outcome === undefined ? undefined : 'active');
  return [
    Prisma.sql`m."orgId" = ${orgId}::uuid`,
    onlyState ? Prisma.sql`m."state" = ${onlyState}` : Prisma.sql`m."state" <> 'archived'`,
    ...(serverId ? [Prisma.sql`m."serverId" = ${serverId}::uuid`] : []),
    ...(outcome === undefined ? [] : [outcomeCondition(outcome)]),
    ...(slug === undefined ? [] : [Prisma.sql`m."slug" = ${slug}`]),
    ...(like ? [Prisma.sql`(m."name" ILIKE ${like} OR m."tool" ILIKE ${like})`] : []),
  ];
}

function outcomeCondition(outcome: string): Prisma.Sql {
  if (outcome === 'unchecked') return Prisma.sql`h."outcome" IS NULL`;
  return outcome === 'failing' ? Prisma.sql`h."outcome" IN ('fail', 'error')` : Prisma.sql`h."outcome" = ${outcome}`;
}

export type DueMonitorRow = {
  id: string;
  name: string;
  tool: string;
  arguments: { [name: string]: unknown };
  authProfileId: string;
  timeoutSeconds: number;
  degradedAboveMs: number | null;
  assertions: string[];
  checkOutputSchema: boolean;
  storeResults: boolean;
  updatedAt: Date;
  /** By its latest check. */
  standing: 'healthy' | 'unknown' | 'failing';
  /** Whether the check of this time is written already, and its error. */
  isDone: boolean;
  errorKind: string | null;
  serverFailure: string | null;
};

/**
 * Active monitors of a server and interval: healthy first, then unknown, then failing; the least recently checked
 * first.
 */
export function findDueMonitors(
  db: Db,
  {
    orgId,
    serverId,
    intervalSeconds,
    scheduledAt,
  }: { orgId: string; serverId: string; intervalSeconds: number; scheduledAt: Date },
): Promise<DueMonitorRow[]> {
  return db.$queryRaw<DueMonitorRow[]>`
    SELECT m."id", m."name", m."tool", m."arguments", m."authProfileId", m."timeoutSeconds", m."degradedAboveMs", m."assertions",
      m."checkOutputSchema", m."storeResults", m."updatedAt",
      CASE WHEN h."outcome" IS NULL THEN 'unknown' WHEN h."outcome" IN ('pass', 'degraded') THEN 'healthy' ELSE 'failing' END
        AS standing,
      c."monitorId" IS NOT NULL AS "isDone", c."errorKind", c."serverFailure"
    FROM "Monitor" m LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
      LEFT JOIN "Check" c
        ON c."monitorId" = m."id" AND c."scheduledAt" = ${scheduledAt.toISOString()}::timestamptz AND c."key" = ''
    WHERE m."orgId" = ${orgId}::uuid AND m."serverId" = ${serverId}::uuid AND m."intervalSeconds" = ${intervalSeconds}::int
      AND m."state" = 'active'
    ORDER BY CASE WHEN h."outcome" IS NULL THEN 1 WHEN h."outcome" IN ('pass', 'degraded') THEN 0 ELSE 2 END,
      h."checkedAt", m."id"`;
}

export type CalledToolRow = {
  name: string;
  /** Only if it asks for arguments in HTTP headers. */
  inputSchema: { [key: string]: unknown; type: 'object' } | null;
  /** JSON. */
  outputSchema: string | null;
};

/** What a call of these tools needs of the catalog. Tools that need nothing are left out. */
export function findCalledTools(
  db: Db,
  { orgId, serverId, tools }: { orgId: string; serverId: string; tools: readonly string[] },
): Promise<CalledToolRow[]> {
  return db.$queryRaw<CalledToolRow[]>`
    SELECT * FROM (
      SELECT "name", CASE WHEN "inputSchema"::text LIKE '%"x-mcp-header"%' THEN "inputSchema" END AS "inputSchema",
        NULLIF("outputSchema"::text, 'null') AS "outputSchema"
      FROM "CatalogTool"
      WHERE "orgId" = ${orgId}::uuid AND "serverId" = ${serverId}::uuid AND "name" = ANY(${[...tools]}::text[])) t
    WHERE "inputSchema" IS NOT NULL OR "outputSchema" IS NOT NULL`;
}

/**
 * Active monitors that have missed their checks for two intervals and a grace time. Those paused in Temporal don't
 * count.
 * @param of.since checks that were missed before this have another cause
 * @param of.credibleUntil later times were written by a wrong clock
 */
export async function countLateMonitors(
  db: Db,
  of: { orgId: string; at: Date; graceSeconds: number; since: Date; credibleUntil: Date },
): Promise<number> {
  const { orgId, graceSeconds } = of;
  const now = of.at.toISOString();
  const until = of.credibleUntil.toISOString();
  // Nearly all are on time by their health alone; for the rest, a check that was not reached was on time too.
  const [row] = await db.$queryRaw<{ late: number }[]>`
    SELECT count(*)::int AS "late" FROM (
      SELECT m."id", ${now}::timestamptz - make_interval(secs => 2 * m."intervalSeconds" + ${graceSeconds}::int) AS "since"
      FROM "Monitor" m
      JOIN "MonitorSchedule" s ON s."orgId" = m."orgId" AND s."serverId" = m."serverId" AND s."intervalSeconds" = m."intervalSeconds"
      LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
      WHERE m."orgId" = ${orgId}::uuid AND m."state" = 'active' AND NOT s."pausedByOperator"
        AND GREATEST(CASE WHEN m."updatedAt" <= ${until}::timestamptz THEN m."updatedAt" END,
          CASE WHEN h."checkedAt" <= ${until}::timestamptz THEN h."checkedAt" END, ${of.since.toISOString()}::timestamptz)
          < ${now}::timestamptz - make_interval(secs => 2 * m."intervalSeconds" + ${graceSeconds}::int)) m
    WHERE NOT EXISTS (SELECT 1 FROM "Check" c WHERE c."monitorId" = m."id" AND c."scheduledAt" >= m."since"
      AND c."scheduledAt" <= ${until}::timestamptz)`;
  return row?.late ?? 0;
}

export type MonitorScheduleKey = { orgId: string; serverId: string; intervalSeconds: number };

/**
 * Marks that a Schedule has to follow a change of its monitors, and creates its row when it has none. The golden ratio
 * spreads the offsets of any number of rows evenly over the interval.
 */
export async function bumpMonitorSchedule(tx: Tx, key: MonitorScheduleKey): Promise<void> {
  const { orgId, serverId, intervalSeconds } = key;
  const raised = await tx.$executeRaw`
    UPDATE "MonitorSchedule" SET "revision" = "revision" + 1
    WHERE "orgId" = ${orgId}::uuid AND "serverId" = ${serverId}::uuid AND "intervalSeconds" = ${intervalSeconds}::int`;
  if (raised > 0) return;
  await tx.$executeRaw`
    INSERT INTO "MonitorSchedule" ("orgId", "serverId", "intervalSeconds", "offsetSeconds")
    SELECT ${orgId}::uuid, ${serverId}::uuid, ${intervalSeconds}::int, floor((turn - floor(turn)) * ${intervalSeconds}::int)
    FROM (SELECT nextval('"MonitorSchedule_number"') * 0.6180339887498949::float8 AS turn) AS next
    ON CONFLICT ("orgId", "serverId", "intervalSeconds") DO UPDATE SET "revision" = "MonitorSchedule"."revision" + 1`;
}

export type MonitorScheduleRow = MonitorScheduleKey & {
  revision: number;
  offsetSeconds: number;
  serverName: string;
  pausedByOperator: boolean;
  /** Whether the Schedule still has to follow a change. */
  isBehind: boolean;
  /** Whether the server has an active monitor of this interval. */
  isWanted: boolean;
};

// One statement, so that the revision and what it stands for belong together.
const scheduleRows = Prisma.sql`
  SELECT m."orgId", m."serverId", m."intervalSeconds", m."revision", m."offsetSeconds", m."pausedByOperator",
    m."syncedRevision" < m."revision" AS "isBehind", s."name" AS "serverName",
    s."archivedAt" IS NULL AND EXISTS (
      SELECT FROM "Monitor" WHERE "orgId" = m."orgId" AND "serverId" = m."serverId"
        AND "intervalSeconds" = m."intervalSeconds" AND "state" = 'active') AS "isWanted"
  FROM "MonitorSchedule" m JOIN "Server" s ON s."orgId" = m."orgId" AND s."id" = m."serverId"`;

export async function findMonitorSchedule(
  db: Db,
  { orgId, serverId, intervalSeconds }: MonitorScheduleKey,
): Promise<MonitorScheduleRow | null> {
  const [row] = await db.$queryRaw<MonitorScheduleRow[]>`${scheduleRows}
    WHERE m."orgId" = ${orgId}::uuid AND m."serverId" = ${serverId}::uuid AND m."intervalSeconds" = ${intervalSeconds}::int`;
  return row ?? null;
}

/** Never moves it back. @param of.at nominal time until which every check is recorded */
export async function setRecordedUntil(
  db: Db,
  { orgId, serverId, intervalSeconds, at }: MonitorScheduleKey & { at: Date },
): Promise<void> {
  await db.$executeRaw`
    UPDATE "MonitorSchedule" SET "recordedUntil" = GREATEST("recordedUntil", ${at.toISOString()}::timestamptz)
    WHERE "orgId" = ${orgId}::uuid AND "serverId" = ${serverId}::uuid AND "intervalSeconds" = ${intervalSeconds}::int`;
}

/** Monitor Schedules of all organizations, by server and interval. */
export function findMonitorSchedules(
  db: Db,
  { after, limit }: { after: Omit<MonitorScheduleKey, 'orgId'> | null; limit: number },
): Promise<MonitorScheduleRow[]> {
  const [serverId, interval] = [after?.serverId ?? null, after?.intervalSeconds ?? 0];
  return db.$queryRaw<MonitorScheduleRow[]>`${scheduleRows}
    WHERE ${serverId}::uuid IS NULL OR (m."serverId", m."intervalSeconds") > (${serverId}::uuid, ${interval}::int)
    ORDER BY m."serverId", m."intervalSeconds" LIMIT ${limit}::int`;
}

/** Active monitors of an organization by the outcome of their latest check; null for none yet. */
export function countActiveByOutcome(
  db: Db,
  { orgId }: { orgId: string },
): Promise<{ outcome: string | null; count: number }[]> {
  return db.$queryRaw<{ outcome: string | null; count: number }[]>`
    SELECT h."outcome", count(*)::int AS "count" FROM "Monitor" m
    LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."orgId" = ${orgId}::uuid AND m."state" = 'active' GROUP BY h."outcome"`;
}
