import { Prisma } from '../../../prisma/generated/client.ts';
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

type Queued = { id: string; kind: string; state: string; mayHaveArrived: boolean };

/** Locks the deliveries of one rule and incident until the transaction ends, in their order. */
export function lockQueue(
  tx: Tx,
  { orgId, ruleId, incidentId }: { orgId: string; ruleId: string; incidentId: string },
): Promise<Queued[]> {
  return tx.$queryRaw<Queued[]>`
    SELECT "id", "kind", "state", "sendStartedAt" IS NOT NULL AS "mayHaveArrived" FROM "Delivery"
    WHERE "orgId" = ${orgId}::uuid AND "ruleId" = ${ruleId}::uuid AND "incidentId" = ${incidentId}::uuid
    ORDER BY "sequence" FOR UPDATE`;
}

const isFirst = Prisma.sql`NOT EXISTS (SELECT FROM "Delivery" e WHERE e."ruleId" = d."ruleId"
  AND e."incidentId" = d."incidentId" AND e."sequence" < d."sequence" AND e."state" = 'pending')`;

/** Of these deliveries, those whose turn it is: pending, with no earlier one pending of their rule and incident. */
export async function findNextOf(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT d."id" FROM "Delivery" d WHERE d."id" = ANY(${[...ids]}::uuid[]) AND d."state" = 'pending' AND ${isFirst}`;
  return new Set(rows.map(({ id }) => id));
}

/** Deliveries of all organizations whose turn it is and that no attempt has begun, the oldest first. */
export function findUnstarted(
  db: Db,
  { createdBefore, limit }: { createdBefore: Date; limit: number },
): Promise<{ id: string; orgId: string; round: number }[]> {
  return db.$queryRaw<{ id: string; orgId: string; round: number }[]>`
    SELECT d."id", d."orgId", d."round" FROM "Delivery" d
    WHERE d."state" = 'pending' AND d."attempts" = 0 AND d."createdAt" < ${createdBefore.toISOString()}::timestamptz
      AND ${isFirst}
    ORDER BY d."createdAt" LIMIT ${limit}::int`;
}

/**
 * Sets until when a round is retried, or puts it off by the time that this attempt had to wait for a worker.
 * @returns null when the round has ended
 */
export async function extendRetries(
  db: Db,
  { orgId, deliveryId, round }: RoundRef,
  { first, waitedMs }: { first: Date; waitedMs: number },
): Promise<Date | null> {
  const [row] = await db.$queryRaw<{ retryUntil: Date }[]>`
    UPDATE "Delivery" SET "retryUntil" =
      coalesce("retryUntil" + make_interval(secs => ${waitedMs}::float8 / 1000), ${first.toISOString()}::timestamptz)
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${deliveryId}::uuid AND "round" = ${round}::int AND "state" = 'pending'
    RETURNING "retryUntil"`;
  return row?.retryUntil ?? null;
}

/**
 * Counts an attempt and marks that its message is about to be sent. @param of.sentAfter a message that may have been
 * sent at or before this can't be sent again; null: never again. @returns false when it must not be sent, or the round
 * has ended
 */
export async function beginAttempt(
  db: Db,
  { orgId, deliveryId, round }: RoundRef,
  { at, sentAfter }: { at: Date; sentAfter: Date | null },
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE "Delivery" SET "attempts" = "attempts" + 1,
      "sendStartedAt" = coalesce("sendStartedAt", ${at.toISOString()}::timestamptz)
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${deliveryId}::uuid AND "round" = ${round}::int
      AND "state" = 'pending'
      AND ("sendStartedAt" IS NULL OR "sendStartedAt" > ${sentAfter?.toISOString() ?? null}::timestamptz)`;
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
