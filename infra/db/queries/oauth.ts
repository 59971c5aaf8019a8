import type { Db } from '../index.ts';

type ProfileRef = { orgId: string; authProfileId: string };

/**
 * Takes the lease on an auth profile's tokens, if nobody has it. By the database's clock: those of processes differ.
 * @returns false if another process has it
 */
export async function takeTokenLease(
  db: Db,
  { orgId, authProfileId, holder, seconds }: ProfileRef & { holder: string; seconds: number },
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE "OAuthProfile" SET "leaseHolder" = ${holder}, "leaseUntil" = now() + ${seconds} * interval '1 second'
    WHERE "orgId" = ${orgId}::uuid AND "authProfileId" = ${authProfileId}::uuid
      AND ("leaseUntil" IS NULL OR "leaseUntil" < now())`;
  return count === 1;
}

/** Does nothing if another process has the lease by now. */
export async function releaseTokenLease(
  db: Db,
  { orgId, authProfileId, holder }: ProfileRef & { holder: string },
): Promise<void> {
  await db.oAuthProfile.updateMany({
    where: { orgId, authProfileId, leaseHolder: holder },
    data: { leaseHolder: null, leaseUntil: null },
  });
}
