import type { Deps } from '../context/context.ts';
import type { DeliveryRef } from './schema.ts';

/** Concurrent starts. */
const concurrency = 10;

/**
 * Starts deliveries in Temporal, after the transaction that created them. Never throws: those that could not be started
 * are logged, and reconcile (sweep.ts) starts them when Temporal is back.
 */
export async function startDeliveries(
  { temporal, log }: Pick<Deps, 'temporal' | 'log'>,
  refs: readonly DeliveryRef[],
): Promise<void> {
  for (let from = 0; from < refs.length; from += concurrency) {
    const results = await Promise.allSettled(
      refs.slice(from, from + concurrency).map((ref) => temporal.startDelivery(ref)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) continue;
    // While Temporal is away each try takes seconds.
    log.warn(
      { err: failed.reason, deliveries: refs.length - from },
      'deliveries were not started; reconcile starts them',
    );
    return;
  }
}
