import { CancellationScope, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type DeliverAlertInput = {
  orgId: string;
  deliveryId: string;
  round: number;
  /** Pauses, in milliseconds: the first and the longest after failures of the receiver, and the one after our own. */
  pace?: { first: number; longest: number; own: number };
};

const { giveUpDelivery } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 1000, initialInterval: '1 second', maximumInterval: '1 minute' },
});

/**
 * One round of a delivery: attempts until `sendDelivery` says that it has ended, which it does after six hours
 * (services/delivery/deliver.ts). The failure of an attempt that got to the receiver says how long the pause is.
 */
export async function deliverAlert({ orgId, deliveryId, round, pace }: DeliverAlertInput): Promise<{ state: string }> {
  // Without a limit on attempts and total time: neither may count what a receiver or an absent worker causes.
  const { sendDelivery } = proxyActivities<Activities>({
    startToCloseTimeout: '1 minute',
    // Failures that don't say how long: of our database, or of a worker that died. They say nothing about the receiver.
    retry: { initialInterval: pace?.own ?? 10_000, backoffCoefficient: 1 },
  });
  try {
    return await sendDelivery({ orgId, deliveryId, round, ...(pace && { pace }) });
  } catch (error) {
    log.warn('a delivery failed', { deliveryId, round, error: String(error) });
    return await CancellationScope.nonCancellable(() => giveUpDelivery({ orgId, deliveryId, round }));
  }
}
