import { z } from 'zod';
import { sanitizeText } from '../context/sanitize.ts';
import { useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';

/**
 * Notes that an e-mail did not arrive after all. It may be said before the send has returned, and again. A later round is not touched.
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
    const known = await db.delivery.findFirst({ where: { orgId, id: deliveryId }, select: { id: true } });
    if (!known) throw deliveryNotFound();
    const { count } = await db.delivery.updateMany({
      where: { orgId, id: deliveryId, round, state: { in: ['pending', 'delivered', 'unknown'] } },
      data: { state: 'bounced', providerId, error: sanitizeText(reason), endedAt: now() },
    });
    return { recorded: count === 1 };
  },
});
