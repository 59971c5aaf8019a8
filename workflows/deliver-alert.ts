import { CancellationScope, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type DeliverAlertInput = {
  orgId: string;
  deliveryId: string;
  round: number;
  /** Number of attempts; milliseconds before the first retry, and the maximum pause. */
  pace?: { attempts: number; first: number; longest: number };
};

const { giveUpDelivery } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 1000, initialInterval: '1 second', maximumInterval: '1 minute' },
});

/**
 * One round of a delivery: attempts over six hours, then it fails. `Retry-After` of a failed attempt replaces the
 * pause. The row always ends in a terminal state.
 */
export async function deliverAlert({
  orgId,
  deliveryId,
  round,
  pace = { attempts: 40, first: 2000, longest: 15 * 60_000 },
}: DeliverAlertInput): Promise<{ state: string }> {
  // Resend drops a second message with the same idempotency key for 24 hours, well above this.
  const { sendDelivery } = proxyActivities<Activities>({
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '6 hours',
    retry: {
      maximumAttempts: pace.attempts,
      initialInterval: pace.first,
      backoffCoefficient: 2,
      maximumInterval: pace.longest,
    },
  });
  try {
    return await sendDelivery({ orgId, deliveryId, round });
  } catch (error) {
    log.warn('a delivery failed', { deliveryId, round, error: String(error) });
    return await CancellationScope.nonCancellable(() => giveUpDelivery({ orgId, deliveryId, round }));
  }
}
