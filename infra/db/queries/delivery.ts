import type { Db, Tx } from '../index.ts';

type RoundRef = { orgId: string; deliveryId: string; round: number };

/**
 * Locks a delivery's row until the transaction ends.
 * @returns its state; null when the organization has no such delivery
 */
export async function lockDelivery(
  tx: Tx,
  { orgId, deliveryId }: { orgId: string; deliveryId: string },
): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ state: string }[]>`
    SELECT "state" FROM "Delivery" WHERE "orgId" = ${orgId}::uuid AND "id" = ${deliveryId}::uuid FOR UPDATE`;
  return row?.state ?? null;
}

/**
 * Counts an attempt and marks that its message is about to be sent. @returns false when it must not be: the round has
 * ended, or of a message that may be sent only once (`once`) another attempt has begun.
 */
export async function beginAttempt(
  db: Db,
  { orgId, deliveryId, round }: RoundRef,
  { at, once }: { at: Date; once: boolean },
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE "Delivery" SET "attempts" = "attempts" + 1,
      "sendStartedAt" = coalesce("sendStartedAt", ${at.toISOString()}::timestamptz)
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${deliveryId}::uuid AND "round" = ${round}::int
      AND "state" = 'pending' AND (NOT ${once}::boolean OR "sendStartedAt" IS NULL)`;
  return count === 1;
}

/**
 * Records why an attempt failed. `startedAt`: of this attempt, when its message was certainly not accepted; else null.
 */
export async function recordAttemptError(
  db: Db,
  { orgId, deliveryId, round }: RoundRef,
  { error, startedAt }: { error: string; startedAt: Date | null },
): Promise<void> {
  await db.$executeRaw`
    UPDATE "Delivery" SET "error" = ${error},
      "sendStartedAt" = CASE WHEN "sendStartedAt" = ${startedAt?.toISOString() ?? null}::timestamptz THEN NULL ELSE "sendStartedAt" END
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${deliveryId}::uuid AND "round" = ${round}::int AND "state" = 'pending'`;
}

/**
 * Ends a round as `failed`, or as `unknown` when an attempt other than the one of `startedAt` may have been accepted.
 */
export async function failDelivery(
  db: Db,
  { orgId, deliveryId, round }: RoundRef,
  { at, error, startedAt }: { at: Date; error: string; startedAt: Date | null },
): Promise<void> {
  const started = startedAt?.toISOString() ?? null;
  await db.$executeRaw`
    UPDATE "Delivery" SET "error" = ${error}, "endedAt" = ${at.toISOString()}::timestamptz,
      "state" = CASE WHEN "sendStartedAt" IS NULL OR "sendStartedAt" = ${started}::timestamptz THEN 'failed' ELSE 'unknown' END
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${deliveryId}::uuid AND "round" = ${round}::int
      AND ("state" = 'pending' OR ("state" = 'unknown' AND "sendStartedAt" = ${started}::timestamptz))`;
}
