import { z } from 'zod';
import { type DeliveryState, deliveryStates } from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Db } from '../../infra/db/index.ts';
import { useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';
import type { DeliveryRef } from './schema.ts';
import { findNext, startDeliveries } from './start.ts';
import { fail } from './transitions.ts';

/**
 * Fails a round whose Temporal workflow was terminated. One that has ended stays as it is.
 * @throws ArmatureError `delivery_not_found`
 */
export const giveUpDelivery = useCase({
  name: 'delivery.give_up',
  access: 'system',
  input: z.object({ deliveryId: z.uuid(), round: z.int().min(1) }),
  async run({ ctx, orgId, db, now }, { deliveryId, round }): Promise<{ state: DeliveryState }> {
    const { ruleId, incidentId } = await giveUp(db, { orgId, deliveryId, round }, now());
    const { state } = await db.delivery.findFirstOrThrow({ where: { orgId, id: deliveryId }, select: { state: true } });
    const next = incidentId === null ? null : await findNext(db, { orgId, ruleId, incidentId });
    await startDeliveries(ctx.deps, next ? [next] : []);
    return { state: oneOf(deliveryStates, state) };
  },
});

/** Ends a round with the error of its latest attempt. @throws ArmatureError `delivery_not_found` */
export async function giveUp(db: Db, ref: DeliveryRef, at: Date) {
  const row = await db.delivery.findFirst({ where: { orgId: ref.orgId, id: ref.deliveryId } });
  if (!row) throw deliveryNotFound();
  const times = row.attempts === 1 ? 'one attempt' : `${row.attempts} attempts`;
  const error = `${row.error ?? 'The message could not be sent.'} Given up after ${times}.`;
  await fail(db, ref, { at, error, startedAt: null });
  return row;
}
