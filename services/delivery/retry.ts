import { ArmatureError } from '../../domain/error/error.ts';
import { canRetry } from '../../domain/notification/delivery.ts';
import { lockDelivery } from '../../infra/db/queries/delivery.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';
import { deliveryRefInput } from './schema.ts';
import { startDeliveries } from './start.ts';
import type { DeliveryView } from './view.ts';
import { deliveryViews, withRule } from './view.ts';

/**
 * Sends a delivery that did not arrive, or may not have, once more: a new round of the same row, to where the rule sends now.
 * @throws ArmatureError `delivery_not_found`, `conflict` (it is on its way or was delivered, or its rule was deleted)
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
            'Make a new rule if this has to be told.',
          );
        if (!canRetry(state))
          throw new ArmatureError(
            'conflict',
            state === 'delivered' ? 'This was delivered.' : 'This is on its way.',
            'Look at its state again in a moment.',
          );
        return tx.delivery.update({
          where: { orgId_id: where },
          data: {
            state: 'pending',
            round: { increment: 1 },
            attempts: 0,
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
    const [delivery] = await deliveryViews(ctx.deps, { orgId, rows });
    if (!delivery) throw deliveryNotFound();
    return { delivery };
  },
});
