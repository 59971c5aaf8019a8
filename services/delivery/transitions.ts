import { findSuperseded } from '../../domain/notification/delivery.ts';
import { type DeliveryState, deliveryKinds, deliveryStates } from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import { failDelivery, lockQueue, recordAttemptError } from '../../infra/db/queries/delivery.ts';
import { sanitizeText } from '../context/sanitize.ts';
import type { DeliveryRef, QueueKey } from './schema.ts';

// State changes of a delivery. Each is one statement that names its round, so that a late attempt can't change a later
// round. `sendStartedAt` is set from just before a message is sent until it is known not to be accepted: a delivery
// that ends with it set, and without an answer, is `unknown`.

/** The provider accepted the message. Corrects a delivery that became `unknown` meanwhile. */
export async function succeed(db: Db, ref: DeliveryRef, change: { at: Date; providerId: string | null }) {
  await db.delivery.updateMany({
    where: { orgId: ref.orgId, id: ref.deliveryId, round: ref.round, state: { in: ['pending', 'unknown'] } },
    data: { state: 'delivered', providerId: change.providerId, error: null, endedAt: change.at },
  });
}

/**
 * An attempt failed, another one follows.
 * @param change.startedAt of this attempt, when its message was certainly not accepted
 */
export async function recordFailure(db: Db, ref: DeliveryRef, change: { error: string; startedAt: Date | null }) {
  await recordAttemptError(db, ref, { ...change, error: bound(change.error) });
}

/**
 * Ends a delivery as `failed`, or as `unknown` when an attempt other than the one of `startedAt` may have been
 * accepted.
 */
export async function fail(db: Db, ref: DeliveryRef, change: { at: Date; error: string; startedAt: Date | null }) {
  await failDelivery(db, ref, { ...change, error: bound(change.error) });
}

/** Ends a pending round that was not sent, or whose answer was lost. */
export async function end(
  db: Db,
  ref: DeliveryRef,
  change: { at: Date; state: Extract<DeliveryState, 'outbox' | 'unknown'>; error: string | null },
) {
  await db.delivery.updateMany({
    where: { orgId: ref.orgId, id: ref.deliveryId, round: ref.round, state: 'pending' },
    data: { state: change.state, error: change.error && bound(change.error), endedAt: change.at },
  });
}

/** Ends the deliveries that are no longer worth sending, all in one step. @returns whether there were any */
export async function supersedeIn(tx: Tx, key: QueueKey, at: Date): Promise<boolean> {
  const rows = await lockQueue(tx, key);
  const ids = findSuperseded(
    rows.map(({ kind, state, ...row }) => ({
      ...row,
      kind: oneOf(deliveryKinds, kind),
      state: oneOf(deliveryStates, state),
    })),
  );
  if (ids.length === 0) return false;
  await tx.delivery.updateMany({
    where: { orgId: key.orgId, id: { in: ids } },
    data: { state: 'superseded', error: null, endedAt: at },
  });
  return true;
}

const bound = (error: string): string => sanitizeText(error).slice(0, 1000);
