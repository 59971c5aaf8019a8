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

/** Keeps the lease for longer. @returns false if another process has it by now */
export async function extendTokenLease(
  db: Db,
  { orgId, authProfileId, holder, seconds }: ProfileRef & { holder: string; seconds: number },
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE "OAuthProfile" SET "leaseUntil" = now() + ${seconds} * interval '1 second'
    WHERE "orgId" = ${orgId}::uuid AND "authProfileId" = ${authProfileId}::uuid AND "leaseHolder" = ${holder}`;
  return count === 1;
}

/**
 * Records that a refresh with the tokens of this generation begins.
 * @returns false if another process has the lease by now
 */
export async function recordRefreshAttempt(
  db: Db,
  { orgId, authProfileId, holder, generation }: ProfileRef & { holder: string; generation: number },
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE "OAuthProfile" SET
      "attemptedAt" = CASE WHEN "attemptedGeneration" = ${generation}::int THEN "attemptedAt" ELSE now() END,
      "attemptedGeneration" = ${generation}::int
    WHERE "orgId" = ${orgId}::uuid AND "authProfileId" = ${authProfileId}::uuid AND "leaseHolder" = ${holder}`;
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
