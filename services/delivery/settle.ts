import type { DeliveryState } from '../../domain/notification/rule.ts';
import type { Db } from '../../infra/db/index.ts';
import { storableText } from '../context/sanitize.ts';
import type { DeliveryRef } from './ref.ts';

/**
 * The steps of a delivery's row, each one statement that names the round it belongs to, so that an attempt that comes late changes
 * nothing of a later round. `sendStartedAt` is set from the moment before a message goes out until it is known that it was not taken:
 * a delivery that ends with it set, and without an answer, is `unknown`.
 */

/**
 * Marks that a message is about to go out. @returns false when this may not be: the delivery ended, or, of one that may go out only
 * once, another attempt has begun to send it.
 */
export async function beginSend(db: Db, ref: DeliveryRef, of: { at: Date; once: boolean }): Promise<boolean> {
  const at = of.at.toISOString();
  const count = await db.$executeRaw`
    UPDATE "Delivery" SET "attempts" = "attempts" + 1, "sendStartedAt" = coalesce("sendStartedAt", ${at}::timestamptz)
    WHERE "orgId" = ${ref.orgId}::uuid AND "id" = ${ref.deliveryId}::uuid AND "round" = ${ref.round}::int
      AND "state" = 'pending' AND (NOT ${of.once}::boolean OR "sendStartedAt" IS NULL)`;
  return count === 1;
}

/** The provider took it. One that was given up as unknown meanwhile is put right. */
export async function endDelivered(db: Db, ref: DeliveryRef, of: { at: Date; providerId: string | null }) {
  await db.delivery.updateMany({
    where: { orgId: ref.orgId, id: ref.deliveryId, round: ref.round, state: { in: ['pending', 'unknown'] } },
    data: { state: 'delivered', providerId: of.providerId, error: null, endedAt: of.at },
  });
}

/** A failed attempt that is to be followed by another. @param of.startedAt of this attempt; given when nothing was taken. */
export async function noteFailure(db: Db, ref: DeliveryRef, of: { error: string; startedAt: Date | null }) {
  const startedAt = of.startedAt?.toISOString() ?? null;
  await db.$executeRaw`
    UPDATE "Delivery" SET "error" = ${bounded(of.error)},
      "sendStartedAt" = CASE WHEN "sendStartedAt" = ${startedAt}::timestamptz THEN NULL ELSE "sendStartedAt" END
    WHERE "orgId" = ${ref.orgId}::uuid AND "id" = ${ref.deliveryId}::uuid AND "round" = ${ref.round}::int
      AND "state" = 'pending'`;
}

/**
 * Ends a delivery that was not sent: `failed`, or `unknown` when an attempt other than the one of `startedAt` may have been taken.
 */
export async function endUnsent(db: Db, ref: DeliveryRef, of: { at: Date; error: string; startedAt: Date | null }) {
  const startedAt = of.startedAt?.toISOString() ?? null;
  await db.$executeRaw`
    UPDATE "Delivery" SET "error" = ${bounded(of.error)}, "endedAt" = ${of.at.toISOString()}::timestamptz,
      "state" = CASE WHEN "sendStartedAt" IS NULL OR "sendStartedAt" = ${startedAt}::timestamptz THEN 'failed' ELSE 'unknown' END
    WHERE "orgId" = ${ref.orgId}::uuid AND "id" = ${ref.deliveryId}::uuid AND "round" = ${ref.round}::int
      AND ("state" = 'pending' OR ("state" = 'unknown' AND "sendStartedAt" = ${startedAt}::timestamptz))`;
}

export async function end(
  db: Db,
  ref: DeliveryRef,
  of: { at: Date; state: Extract<DeliveryState, 'outbox' | 'unknown'>; error: string | null },
) {
  await db.delivery.updateMany({
    where: { orgId: ref.orgId, id: ref.deliveryId, round: ref.round, state: 'pending' },
    data: { state: of.state, error: of.error && bounded(of.error), endedAt: of.at },
  });
}

const bounded = (error: string): string => storableText(error).slice(0, 1000);
