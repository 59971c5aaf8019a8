import type { Db } from '../index.ts';

export type ApiKeyRow = {
  orgId: string;
  role: string;
  hash: string;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  /** Role that the key's creator has now; null when the creator is no longer a member. */
  creatorRole: string | null;
};

export async function findApiKey(db: Pick<Db, '$queryRaw'>, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await db.$queryRaw<ApiKeyRow[]>`
    SELECT k."orgId", k."role", k."hash", k."lastUsedAt", k."expiresAt", m."role" AS "creatorRole" FROM "ApiKey" k
    LEFT JOIN "Member" m ON m."orgId" = k."orgId" AND m."userId" = k."createdById"
    WHERE k."id" = ${id}`;
  return row;
}

/** Deletes OAuth clients that registered before then and aren't signed in. @returns how many */
export const deleteUnusedClients = (db: Pick<Db, '$executeRaw'>, before: Date): Promise<number> =>
  db.$executeRaw`
    DELETE FROM "AuthorizationRecord" r WHERE r."kind" = 'Client' AND r."createdAt" < ${before}
    AND NOT EXISTS (SELECT 1 FROM "ApiKey" k WHERE k."clientId" = r."payload"->>'client_id')`;
