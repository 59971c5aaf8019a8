import type { Db } from '../index.ts';

/** @returns whether the row is the caller's: there was none, or it had expired. */
export async function claimIdempotentRequest(
  db: Db,
  of: { orgId: string; operation: string; key: string; inputHash: string; at: Date; expired: Date },
): Promise<boolean> {
  const claimed = await db.$executeRaw`
    INSERT INTO "IdempotentRequest" AS r ("orgId", "operation", "key", "inputHash", "createdAt")
    VALUES (${of.orgId}::uuid, ${of.operation}, ${of.key}, ${of.inputHash}, ${of.at.toISOString()}::timestamptz)
    ON CONFLICT ("orgId", "operation", "key") DO UPDATE
      SET "inputHash" = excluded."inputHash", "answer" = NULL, "createdAt" = excluded."createdAt"
      WHERE r."createdAt" < ${of.expired.toISOString()}::timestamptz`;
  return claimed > 0;
}

/** Rows that one pass deletes. The next pass does the rest. */
const maxDeleted = 10_000;

export async function deleteOldIdempotentRequests(db: Db, expired: Date): Promise<number> {
  return db.$executeRaw`
    DELETE FROM "IdempotentRequest" WHERE ("orgId", "operation", "key") IN (
      SELECT "orgId", "operation", "key" FROM "IdempotentRequest"
      WHERE "createdAt" < ${expired.toISOString()}::timestamptz ORDER BY "createdAt" LIMIT ${maxDeleted}::int)`;
}
