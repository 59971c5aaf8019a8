import type { OpenIncident } from '../../../domain/incident/outage.ts';
import type { Db, Tx } from '../index.ts';

/** Servers of an organization with an active monitor, and those of them that have answered a check after a time. */
export async function countServersByAnswer(
  tx: Tx,
  { orgId, after }: { orgId: string; after: Date },
): Promise<{ servers: number; answered: number }> {
  const [row] = await tx.$queryRaw<{ servers: number; answered: number }[]>`
    SELECT count(DISTINCT m."serverId")::int AS "servers", (count(DISTINCT m."serverId") FILTER (
      WHERE h."checkedAt" > ${after.toISOString()}::timestamptz AND h."outcome" <> 'error'))::int AS "answered"
    FROM "Monitor" m LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."orgId" = ${orgId}::uuid AND m."state" = 'active'`;
  return row ?? { servers: 0, answered: 0 };
}

/** Servers of an organization with their number of active monitors, which isn't 0. */
export function findMonitoredServers(
  tx: Tx,
  { orgId }: { orgId: string },
): Promise<{ id: string; name: string; activeMonitors: number }[]> {
  return tx.$queryRaw<{ id: string; name: string; activeMonitors: number }[]>`
    SELECT s."id", s."name", count(*)::int AS "activeMonitors"
    FROM "Monitor" m JOIN "Server" s ON s."orgId" = m."orgId" AND s."id" = m."serverId"
    WHERE m."orgId" = ${orgId}::uuid AND m."state" = 'active' GROUP BY s."id", s."name" ORDER BY s."name", s."id"`;
}

/** Open incidents of servers, and those of monitors whose server did not answer. */
export function findServerLevelIncidents(db: Db | Tx, { orgId }: { orgId: string }): Promise<OpenIncident[]> {
  return db.$queryRaw<OpenIncident[]>`
    SELECT "id", "serverId", "monitorId", "openedAt", "parentId" FROM "Incident"
    WHERE "orgId" = ${orgId}::uuid AND "closedAt" IS NULL
      AND ("subjectKind" = 'server' OR ("subjectKind" = 'monitor' AND "cause"->>'reason' IS NOT NULL))`;
}

/** Organizations in which most servers fail, or have recently begun to fail. */
export function findOrganizationsInOutage(
  db: Db,
  { openedAfter, limit }: { openedAfter: Date; limit: number },
): Promise<{ orgId: string }[]> {
  return db.$queryRaw<{ orgId: string }[]>`
    SELECT "orgId" FROM "Incident" WHERE "closedAt" IS NULL AND ("subjectKind" = 'all_servers'
      OR ("openedAt" > ${openedAfter.toISOString()}::timestamptz AND "subjectKind" IN ('server', 'monitor')))
    GROUP BY "orgId" HAVING bool_or("subjectKind" = 'all_servers') OR count(DISTINCT "serverId") >= 3
    ORDER BY "orgId" LIMIT ${limit}::int`;
}
