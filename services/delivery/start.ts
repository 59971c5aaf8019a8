import type { Db } from '../../infra/db/index.ts';
import { findNextOf } from '../../infra/db/queries/delivery.ts';
import type { Deps } from '../context/context.ts';
import type { DeliveryRef, QueueKey } from './schema.ts';

/** Concurrent starts. */
const concurrency = 10;

/**
 * Starts deliveries in Temporal, after the transaction that created them. One whose turn it isn't yet is started by the
 * end of the one before it. Never throws: those that could not be started are logged, and reconcile (sweep.ts) starts
 * them when Temporal is back.
 */
export async function startDeliveries(
  { db, temporal, log }: Pick<Deps, 'db' | 'temporal' | 'log'>,
  refs: readonly DeliveryRef[],
): Promise<void> {
  const warn = (err: unknown, deliveries: number) =>
    log.warn({ err, deliveries }, 'deliveries were not started; reconcile starts them');
  if (refs.length === 0) return;
  let next: Set<string>;
  try {
    next = await findNextOf(
      db,
      refs.map(({ deliveryId }) => deliveryId),
    );
  } catch (error) {
    warn(error, refs.length);
    return;
  }
  const ready = refs.filter(({ deliveryId }) => next.has(deliveryId));
  for (let from = 0; from < ready.length; from += concurrency) {
    const results = await Promise.allSettled(
      ready.slice(from, from + concurrency).map((ref) => temporal.startDelivery(ref)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) continue;
    // While Temporal is away each try takes seconds.
    warn(failed.reason, ready.length - from);
    return;
  }
}

/** The delivery whose turn it is, if any. */
export async function findNext(db: Db, { orgId, ruleId, incidentId }: QueueKey): Promise<DeliveryRef | null> {
  const row = await db.delivery.findFirst({
    where: { orgId, ruleId, incidentId, state: 'pending' },
    orderBy: { sequence: 'asc' },
    select: { id: true, round: true },
  });
  return row && { orgId, deliveryId: row.id, round: row.round };
}
