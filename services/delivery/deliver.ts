import { z } from 'zod';
import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { type DeliveryState, deliveryStates } from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { beginAttempt } from '../../infra/db/queries/delivery.ts';
import { useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';
import { prepareSending } from './send.ts';
import { end, fail, recordFailure, succeed } from './transitions.ts';

const maybeSent =
  'The message was sent, but no answer came, so it may or may not have arrived. It is not sent again automatically: check the destination, then press retry if it is missing.';

/**
 * Makes one attempt at one round of a delivery. Safe to repeat, to run concurrently, and to stop between any two steps:
 * a message with an idempotency key is sent under the same key, one without is sent at most once.
 * @returns the state, which is final
 * @throws DeliveryFailure when another attempt is due: `retry`, or `lost` where repeating is safe. @throws
 * ArmatureError `delivery_not_found`
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
    const currentState = async (): Promise<{ state: DeliveryState }> => ({
      state: oneOf(deliveryStates, (await read()).state),
    });

    const row = await read();
    if (row.round !== round || row.state !== 'pending') return { state: oneOf(deliveryStates, row.state) };
    if (row.rule.archivedAt) {
      await fail(db, ref, { at: now(), error: 'The rule was deleted before this was sent.', startedAt: null });
      return currentState();
    }
    const sending = await prepareSending(ctx.deps, row);
    if (sending.kind === 'outbox') {
      await end(db, ref, { at: now(), state: 'outbox', error: null });
      return currentState();
    }
    if (sending.kind === 'impossible') {
      await fail(db, ref, { at: now(), error: sending.error, startedAt: null });
      return currentState();
    }

    const startedAt = now();
    if (!(await beginAttempt(db, ref, { at: startedAt, once: sending.once }))) {
      // An earlier attempt began to send and left no answer, or the round has ended.
      if (sending.once) await end(db, ref, { at: now(), state: 'unknown', error: maybeSent });
      return currentState();
    }
    try {
      const { providerId } = await sending.send();
      await succeed(db, ref, { at: now(), providerId });
      return await currentState();
    } catch (error) {
      if (!isDeliveryFailure(error)) throw error;
      if (error.kind === 'refused') await fail(db, ref, { at: now(), error: error.message, startedAt });
      else if (error.kind === 'lost' && sending.once)
        await end(db, ref, { at: now(), state: 'unknown', error: `${error.message} ${maybeSent}` });
      else {
        await recordFailure(db, ref, { error: error.message, startedAt: error.kind === 'retry' ? startedAt : null });
        throw error;
      }
      return currentState();
    }
  },
});
