import { CancellationScope, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type DeliverAlertInput = {
  orgId: string;
  deliveryId: string;
  round: number;
  /** How many attempts; milliseconds after the first, and the longest pause. */
  pace?: { attempts: number; first: number; longest: number };
};

const { giveUpDelivery } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 1000, initialInterval: '1 second', maximumInterval: '1 minute' },
});

/**
 * One round of a delivery: attempts over six hours, then it is given up. `Retry-After` comes with the failure of an attempt and takes
 * the place of the pause. Whatever happens the row ends terminal.
 */
export async function deliverAlert({
  orgId,
  deliveryId,
  round,
  pace = { attempts: 40, first: 2000, longest: 15 * 60_000 },
}: DeliverAlertInput): Promise<{ state: string }> {
  // Resend drops a second message of one idempotency key for 24 hours, well above this.
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
    log.warn('a delivery was given up', { deliveryId, round, error: String(error) });
    return await CancellationScope.nonCancellable(() => giveUpDelivery({ orgId, deliveryId, round }));
  }
}
