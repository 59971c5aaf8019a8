import type { Deps } from '../context/context.ts';
import type { DeliveryRef } from './ref.ts';

/** Starts at once of one call. */
const atOnce = 10;

/**
 * Hands deliveries to Temporal, after the transaction that made their rows. Never throws: what could not be started is logged and
 * started by reconcile (sweep.ts) when Temporal is back.
 */
export async function startDeliveries(
  { temporal, log }: Pick<Deps, 'temporal' | 'log'>,
  refs: readonly DeliveryRef[],
): Promise<void> {
  for (let from = 0; from < refs.length; from += atOnce) {
    const ends = await Promise.allSettled(refs.slice(from, from + atOnce).map((ref) => temporal.startDelivery(ref)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (!failed) continue;
    // Each try takes seconds while Temporal is away.
    log.warn(
      { err: failed.reason, deliveries: refs.length - from },
      'deliveries were not started; reconcile starts them',
    );
    return;
  }
}
