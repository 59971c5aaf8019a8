import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';
import { fail } from './transitions.ts';

/**
 * Fails a round that is not continued: its attempts are used up, or its Temporal workflow was terminated. One that has
 * ended stays as it is. @throws ArmatureError `delivery_not_found`
 */
export const giveUpDelivery = useCase({
  name: 'delivery.give_up',
  access: 'system',
  input: z.object({ deliveryId: z.uuid(), round: z.int().min(1) }),
  async run({ orgId, db, now }, { deliveryId, round }): Promise<{ state: string }> {
    const where = { orgId, id: deliveryId };
    const row = await db.delivery.findFirst({ where });
    if (!row) throw deliveryNotFound();
    const times = row.attempts === 1 ? 'one attempt' : `${row.attempts} attempts`;
    const error = `${row.error ?? 'The message could not be sent.'} Given up after ${times}.`;
    await fail(db, { orgId, deliveryId, round }, { at: now(), error, startedAt: null });
    const { state } = await db.delivery.findFirstOrThrow({ where, select: { state: true } });
    return { state };
  },
});
