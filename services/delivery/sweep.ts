import { hourMs, minuteMs } from '../../domain/values/time.ts';
import { findUnstarted } from '../../infra/db/queries/delivery.ts';
import { forEachConcurrent } from '../context/concurrency.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { giveUpDelivery } from './give-up.ts';

/** A younger delivery is still being started by its creator. */
const youngMs = minuteMs;
/** Longer than the retries of a round normally take (deliver.ts). */
const defaultOverdueMs = 7 * hourMs;
const pageSize = 300;

type Pending = { id: string; orgId: string; round: number };

/**
 * Starts pending deliveries whose workflow was never started, and fails those whose workflow was terminated. Part of
 * reconcile: over all organizations, bounded; the next pass does the rest.
 */
export async function sweepDeliveries(
  deps: Deps,
  {
    onProgress,
    olderThanMs = youngMs,
    overdueMs = defaultOverdueMs,
  }: { onProgress: () => void; olderThanMs?: number; overdueMs?: number },
): Promise<{ deliveriesStarted: number; deliveriesEnded: number }> {
  const { db, temporal, log } = deps;
  const now = deps.now().getTime();
  const before = (ms: number) => new Date(now - ms);
  const select = { id: true, orgId: true, round: true } as const;
  const oldest = { orderBy: { createdAt: 'asc' as const }, take: pageSize, select };
  // Two queries: deliveries that wait for their next attempt, as all do while a provider is down, must not hide the
  // others.
  const [unstarted, overdue] = await Promise.all([
    findUnstarted(db, { createdBefore: before(olderThanMs), limit: pageSize }),
    db.delivery.findMany({
      where: { state: 'pending', attempts: { gt: 0 }, createdAt: { lt: before(overdueMs) } },
      ...oldest,
    }),
  ]);
  const done = { deliveriesStarted: 0, deliveriesEnded: 0 };
  const repair = async ({ id: deliveryId, orgId, round }: Pending) => {
    const ref = { orgId, deliveryId, round };
    const state = await temporal.describeDelivery(ref);
    if (state === 'running') return;
    if (state === 'absent') {
      await temporal.startDelivery(ref);
      done.deliveriesStarted += 1;
      return;
    }
    // Does nothing when the delivery has ended since its row was read.
    const ctx = { deps, actor: { kind: 'system' as const, id: 'reconcile', orgId }, requestId: newId() };
    const ended = await giveUpDelivery(ctx, { deliveryId, round });
    if (ended.state !== 'delivered') done.deliveriesEnded += 1;
  };
  await forEachConcurrent([...unstarted, ...overdue], { concurrency: 8, onProgress, log }, repair);
  return done;
}
