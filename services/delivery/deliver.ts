import { z } from 'zod';
import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import type { DeliveryState } from '../../domain/notification/rule.ts';
import { useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';
import { prepareSending } from './send.ts';
import { beginSend, end, endDelivered, endUnsent, noteFailure } from './settle.ts';
import { deliveryState } from './view.ts';

const maybeSent =
  'The message was sent, but no answer came: it may have arrived or not. It is not sent again by itself; look there, then press retry if it is missing.';

/**
 * One attempt at one round of a delivery. Can run any number of times, at the same time too, and stop between any two steps: a message
 * with an idempotency key goes out under the same one, one without goes out at most once.
 * @returns the state, which is terminal.
 * @throws DeliveryFailure when another attempt is due: `retry`, or `lost` where repeating is safe. @throws ArmatureError
 *   `delivery_not_found`
 */
export const deliverAlert = useCase({
  name: 'delivery.deliver',
  access: 'system',
  input: z.object({ deliveryId: z.uuid(), round: z.int().min(1) }),
  async run({ ctx, orgId, db, now }, { deliveryId, round }): Promise<{ state: DeliveryState }> {
    const ref = { orgId, deliveryId, round };
    const read = async () => {
      const found = await db.delivery.findFirst({
        where: { orgId, id: deliveryId },
        include: { rule: { select: { archivedAt: true } } },
      });
      if (!found) throw deliveryNotFound();
      return found;
    };
    const settled = async (): Promise<{ state: DeliveryState }> => ({ state: deliveryState((await read()).state) });

    const row = await read();
    if (row.round !== round || row.state !== 'pending') return { state: deliveryState(row.state) };
    if (row.rule.archivedAt) {
      await endUnsent(db, ref, { at: now(), error: 'The rule was deleted before this was sent.', startedAt: null });
      return settled();
    }
    const sending = await prepareSending(ctx.deps, row);
    if (sending.kind === 'outbox') {
      await end(db, ref, { at: now(), state: 'outbox', error: null });
      return settled();
    }
    if (sending.kind === 'impossible') {
      await endUnsent(db, ref, { at: now(), error: sending.error, startedAt: null });
      return settled();
    }

    const startedAt = now();
    if (!(await beginSend(db, ref, { at: startedAt, once: sending.once }))) {
      // An earlier attempt began to send and left no answer; or it is over.
      if (sending.once) await end(db, ref, { at: now(), state: 'unknown', error: maybeSent });
      return settled();
    }
    try {
      const { providerId } = await sending.send();
      await endDelivered(db, ref, { at: now(), providerId });
      return await settled();
    } catch (error) {
      if (!isDeliveryFailure(error)) throw error;
      if (error.kind === 'refused') await endUnsent(db, ref, { at: now(), error: error.message, startedAt });
      else if (error.kind === 'lost' && sending.once)
        await end(db, ref, { at: now(), state: 'unknown', error: `${error.message} ${maybeSent}` });
      else {
        await noteFailure(db, ref, { error: error.message, startedAt: error.kind === 'retry' ? startedAt : null });
        throw error;
      }
      return settled();
    }
  },
});
