import { forEachConcurrent } from '../context/concurrency.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { giveUpDelivery } from './give-up.ts';

/** A delivery this young is being started by whoever made it. */
const youngMs = 60_000;
/** Longer than its workflow goes on (workflows/deliver-alert.ts). */
const defaultOverdueMs = 7 * 3_600_000;
const page = 300;

type Pending = { id: string; orgId: string; round: number };

/**
 * Starts pending deliveries whose workflow was never started, and ends those whose workflow was terminated. Part of reconcile: over all
 * organizations, bounded; what doesn't fit is the next pass's.
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
  const oldest = { orderBy: { createdAt: 'asc' as const }, take: page, select };
  // Those that wait for their next attempt, as all do while a provider is away, must not hide the others.
  const [unstarted, overdue] = await Promise.all([
    db.delivery.findMany({
      where: { state: 'pending', attempts: 0, createdAt: { lt: before(olderThanMs) } },
      ...oldest,
    }),
    db.delivery.findMany({
      where: { state: 'pending', attempts: { gt: 0 }, createdAt: { lt: before(overdueMs) } },
      ...oldest,
    }),
  ]);
  const done = { deliveriesStarted: 0, deliveriesEnded: 0 };
  const look = async ({ id: deliveryId, orgId, round }: Pending) => {
    const ref = { orgId, deliveryId, round };
    const state = await temporal.describeDelivery(ref);
    if (state === 'running') return;
    if (state === 'absent') {
      await temporal.startDelivery(ref);
      done.deliveriesStarted += 1;
      return;
    }
    // It may have ended well since the row was read; then this does nothing.
    const ctx = { deps, actor: { kind: 'system' as const, id: 'reconcile', orgId }, requestId: newId() };
    const ended = await giveUpDelivery(ctx, { deliveryId, round });
    if (ended.state !== 'delivered') done.deliveriesEnded += 1;
  };
  await forEachConcurrent([...unstarted, ...overdue], { concurrency: 8, onProgress, log }, look);
  return done;
}
