import { ArmatureError } from '../../domain/error/error.ts';
import { canRetry } from '../../domain/notification/delivery.ts';
import { lockDelivery } from '../../infra/db/queries/delivery.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';
import type { DeliveryView } from './reading/view.ts';
import { toDeliveryViews, withRule } from './reading/view.ts';
import { deliveryRefInput } from './schema.ts';
import { startDeliveries } from './start.ts';

/**
 * Sends a delivery again that did not arrive, or may not have: a new round of the same row, to the rule's current
 * destination.
 * @throws ArmatureError `delivery_not_found`, `conflict` (pending or delivered, or its rule was deleted)
 */
export const retryDelivery = useCase({
  name: 'delivery.retry',
  access: 'editor',
  input: deliveryRefInput,
  async run({ ctx, orgId, db, write }, { deliveryId }): Promise<{ delivery: DeliveryView }> {
    const where = { orgId, id: deliveryId };
    const { round } = await write(
      async (tx) => {
        const state = await lockDelivery(tx, { orgId, deliveryId });
        if (state === null) throw deliveryNotFound();
        const { rule } = await tx.delivery.findFirstOrThrow({ where, include: { rule: true } });
        if (rule.archivedAt)
          throw new ArmatureError(
            'conflict',
            'The rule of this delivery was deleted.',
            'Create a new rule to send alerts again.',
          );
        if (!canRetry(state))
          throw new ArmatureError(
            'conflict',
            state === 'delivered' ? 'This delivery has arrived already.' : 'This delivery is still pending.',
            'Check its state again in a moment.',
          );
        return tx.delivery.update({
          where: { orgId_id: where },
          data: {
            state: 'pending',
            round: { increment: 1 },
            attempts: 0,
            retryUntil: null,
            error: null,
            providerId: null,
            sendStartedAt: null,
            endedAt: null,
            ...(rule.destination !== null && { destination: toJson(rule.destination) }),
          },
          select: { round: true },
        });
      },
      ({ round }) => ({ subject: deliveryId, data: { round } }),
    );
    await startDeliveries(ctx.deps, [{ orgId, deliveryId, round }]);
    const rows = await db.delivery.findMany({ where, include: withRule });
    const [delivery] = await toDeliveryViews(ctx.deps, { orgId, rows });
    if (!delivery) throw deliveryNotFound();
    return { delivery };
  },
});
