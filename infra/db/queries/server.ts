import type { Db, Tx } from '../index.ts';

type ServerRef = { orgId: string; serverId: string };
export type LockedServer = { name: string; syncedAt: Date | null; archivedAt: Date | null };

/**
 * Locks a server's row until the transaction ends: changes of the server, its profiles and its catalog run one after
 * the other.
 */
export async function lockServerRow(tx: Tx, { orgId, serverId }: ServerRef): Promise<LockedServer | null> {
  const [server] = await tx.$queryRaw<LockedServer[]>`
    SELECT "name", "syncedAt", "archivedAt" FROM "Server" WHERE "orgId" = ${orgId}::uuid AND "id" = ${serverId}::uuid
    FOR UPDATE`;
  return server ?? null;
}

/**
 * Weaker than `lockServerRow`: a batch of checks that holds an incident's subject may still insert rows that refer to
 * the server.
 */
export async function lockServerToArchive(tx: Tx, { orgId, serverId }: ServerRef): Promise<LockedServer | null> {
  const [server] = await tx.$queryRaw<LockedServer[]>`
    SELECT "name", "syncedAt", "archivedAt" FROM "Server" WHERE "orgId" = ${orgId}::uuid AND "id" = ${serverId}::uuid
    FOR NO KEY UPDATE`;
  return server ?? null;
}

/**
 * A page of the servers whose catalog is due to be synced, of all organizations, by id. A hash of its id gives each
 * server its own minute within its period.
 * @param options.attemptedBefore servers with a later attempt are left out
 */
export function findServersToSync(
  db: Db,
  { now, after, attemptedBefore, limit }: { now: Date; after: string | null; attemptedBefore: Date; limit: number },
): Promise<{ id: string; orgId: string }[]> {
  return db.$queryRaw<{ id: string; orgId: string }[]>`
    SELECT "id", "orgId" FROM (
      SELECT "id", "orgId", "syncAttemptedAt", "syncEveryMinutes" AS "every",
        mod(hashtext("id"::text)::bigint + 2147483648, "syncEveryMinutes") AS "offset",
        COALESCE("syncAttemptedAt", "syncedAt", "createdAt") AS "last"
      FROM "Server" WHERE "archivedAt" IS NULL AND "syncEveryMinutes" > 0
        AND (${after}::uuid IS NULL OR "id" > ${after}::uuid)) s
    WHERE floor((extract(epoch FROM ${now.toISOString()}::timestamptz) / 60 + "offset") / "every")
        > floor((extract(epoch FROM "last") / 60 + "offset") / "every")
      AND ("syncAttemptedAt" IS NULL OR "syncAttemptedAt" <= ${attemptedBefore.toISOString()}::timestamptz)
    ORDER BY "id" LIMIT ${limit}::int`;
}

export type MonitorCount = { tool: string; state: string; outcome: string | null; count: number };

/** Monitors of a server that aren't archived, counted by tool, state and outcome of the latest check. */
export function countMonitorsByTool(db: Db, { orgId, serverId }: ServerRef): Promise<MonitorCount[]> {
  return db.$queryRaw<MonitorCount[]>`
    SELECT m."tool", m."state", h."outcome", count(*)::int AS "count"
    FROM "Monitor" m LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."orgId" = ${orgId}::uuid AND m."serverId" = ${serverId}::uuid AND m."state" <> 'archived'
    GROUP BY m."tool", m."state", h."outcome"`;
}
