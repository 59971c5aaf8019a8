import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { temporalNames } from '../../domain/run/ids.ts';
import { toPriority } from '../../domain/run/priority.ts';

/** One round of a delivery (services/delivery/schema.ts). */
export type DeliveryStart = { orgId: string; deliveryId: string; round: number };

export function createDeliveries({ client, names }: { client: Client; names: ReturnType<typeof temporalNames> }) {
  return {
    /** A second start of the same round does nothing, even after the round has ended. */
    async start({ orgId, deliveryId, round }: DeliveryStart): Promise<void> {
      try {
        await client.workflow.start('deliverAlert', {
          taskQueue: names.queue('system'),
          workflowId: names.delivery(deliveryId, round),
          priority: toPriority('scheduled', orgId),
          args: [{ orgId, deliveryId, round }],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
          memo: { delivery: `delivery ${deliveryId}, round ${round}` },
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },

    async describe({ deliveryId, round }: DeliveryStart): Promise<'running' | 'closed' | 'absent'> {
      try {
        const { status } = await client.workflow.getHandle(names.delivery(deliveryId, round)).describe();
        return status.name === 'RUNNING' || status.name === 'PAUSED' ? 'running' : 'closed';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'absent';
        throw error;
      }
    },
  };
}
