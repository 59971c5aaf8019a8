import type { Db, Tx } from '../index.ts';

export type CallShareRef = { orgId: string; serverId: string; processId: string };

/** A process that doesn't renew its shares for this long is taken for dead. */
export const shareSeconds = 10;

type ClaimRow = {
  limit: number;
  /** The database's clock. */
  now: Date;
  /** Null if no process has a claim. */
  processId: string | null;
  wanted: number;
  held: number;
  since: Date;
};

/** The limit of a server with the claims of live processes on its calls. Removes those of dead ones. */
export function readCallClaims(tx: Tx, { orgId, serverId, processId }: CallShareRef): Promise<ClaimRow[]> {
  // An expiry too far ahead is from before the clock was set back.
  return tx.$queryRaw<ClaimRow[]>`
    WITH dead AS (
      DELETE FROM "CallShare" WHERE "orgId" = ${orgId}::uuid AND "serverId" = ${serverId}::uuid
        AND "processId" <> ${processId}::uuid AND NOT "expiresAt" BETWEEN clock_timestamp()
          AND clock_timestamp() + ${shareSeconds + 1}::int * interval '1 second'
      RETURNING "processId")
    SELECT s."maxConcurrency" AS "limit", clock_timestamp() AS "now", c."processId", c."wanted", c."held", c."since"
    FROM "Server" s LEFT JOIN "CallShare" c ON c."orgId" = s."orgId" AND c."serverId" = s."id"
      AND c."processId" NOT IN (SELECT "processId" FROM dead)
    WHERE s."orgId" = ${orgId}::uuid AND s."id" = ${serverId}::uuid`;
}

export async function writeCallShare(
  tx: Tx,
  { orgId, serverId, processId }: CallShareRef,
  { wanted, held, since }: { wanted: number; held: number; since: Date },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "CallShare" ("orgId", "serverId", "processId", "wanted", "held", "since", "expiresAt")
    VALUES (${orgId}::uuid, ${serverId}::uuid, ${processId}::uuid, ${wanted}::int, ${held}::int,
      ${since.toISOString()}::timestamptz, clock_timestamp() + ${shareSeconds}::int * interval '1 second')
    ON CONFLICT ("orgId", "serverId", "processId") DO UPDATE SET "wanted" = EXCLUDED."wanted",
      "held" = EXCLUDED."held", "since" = EXCLUDED."since", "expiresAt" = EXCLUDED."expiresAt"`;
}

/**
 * Renews all shares of a process.
 * @returns the servers of those that are still there, their limits, and whether another process waits for calls
 */
export function renewCallShares(
  db: Db,
  { processId }: { processId: string },
): Promise<{ serverId: string; limit: number; isContended: boolean }[]> {
  return db.$queryRaw<{ serverId: string; limit: number; isContended: boolean }[]>`
    UPDATE "CallShare" c SET "expiresAt" = clock_timestamp() + ${shareSeconds}::int * interval '1 second'
    FROM "Server" s WHERE c."processId" = ${processId}::uuid AND s."orgId" = c."orgId" AND s."id" = c."serverId"
    RETURNING c."serverId", s."maxConcurrency" AS "limit", EXISTS (
      SELECT 1 FROM "CallShare" o WHERE o."orgId" = c."orgId" AND o."serverId" = c."serverId"
        AND o."processId" <> c."processId" AND o."wanted" > o."held") AS "isContended"`;
}
