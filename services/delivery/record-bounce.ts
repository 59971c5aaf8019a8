import { z } from 'zod';
import { sanitizeText } from '../context/sanitize.ts';
import { useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';

/**
 * Records that an e-mail did not arrive. Can come before the send has returned, and more than once. Later rounds stay
 * as they are.
 * @throws ArmatureError `delivery_not_found`
 */
export const recordBounce = useCase({
  name: 'delivery.record_bounce',
  access: 'system',
  input: z.object({
    deliveryId: z.uuid(),
    round: z.int().min(1),
    providerId: z.string().min(1).max(200),
    reason: z.string().max(1000),
  }),
  async run({ orgId, db, now }, { deliveryId, round, providerId, reason }): Promise<{ recorded: boolean }> {
    const existing = await db.delivery.findFirst({ where: { orgId, id: deliveryId }, select: { id: true } });
    if (!existing) throw deliveryNotFound();
    const { count } = await db.delivery.updateMany({
      where: { orgId, id: deliveryId, round, state: { in: ['pending', 'delivered', 'unknown'] } },
      data: { state: 'bounced', providerId, error: sanitizeText(reason), endedAt: now() },
    });
    return { recorded: count === 1 };
  },
});
