import type { Tx } from '../index.ts';

/**
 * Takes the advisory lock of a name until the transaction ends: transactions that take the same name run one after the
 * other.
 */
export async function lockName(tx: Tx, name: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

/** As `lockName`, without waiting. @returns false when another transaction has it */
export async function tryLockName(tx: Tx, name: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ got: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) AS "got"`;
  return row?.got ?? false;
}

/**
 * Takes the row locks of servers in the order of their ids, so that two bulk actions never wait for each other. `NO
 * KEY`: a batch of checks that holds an incident's subject, which this transaction may want too, writes rows that refer
 * to the server.
 */
export async function lockServers(
  tx: Tx,
  { orgId, serverIds }: { orgId: string; serverIds: readonly string[] },
): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Server" WHERE "orgId" = ${orgId}::uuid
    AND "id" = ANY(${[...new Set(serverIds)]}::uuid[]) ORDER BY "id" FOR NO KEY UPDATE`;
}
