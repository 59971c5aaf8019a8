import type { DeliveryState } from '../../domain/notification/rule.ts';
import type { Db } from '../../infra/db/index.ts';
import { beginAttempt, failDelivery, recordAttemptError } from '../../infra/db/queries/delivery.ts';
import { sanitizeText } from '../context/sanitize.ts';
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
  return beginAttempt(db, ref, of);
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
  await recordAttemptError(db, ref, { ...of, error: bounded(of.error) });
}

/**
 * Ends a delivery that was not sent: `failed`, or `unknown` when an attempt other than the one of `startedAt` may have been taken.
 */
export async function endUnsent(db: Db, ref: DeliveryRef, of: { at: Date; error: string; startedAt: Date | null }) {
  await failDelivery(db, ref, { ...of, error: bounded(of.error) });
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

const bounded = (error: string): string => sanitizeText(error).slice(0, 1000);
