import { z } from 'zod';
import { getPauseMs, isClosing } from '../../domain/notification/delivery.ts';
import { DeliveryFailure, isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { type DeliveryState, deliveryKinds, deliveryStates } from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { hourMs, minuteMs, secondMs } from '../../domain/values/time.ts';
import { beginAttempt, extendRetries } from '../../infra/db/queries/delivery.ts';
import type { DeliveryModel } from '../../prisma/generated/models.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import { deliveryNotFound } from './errors.ts';
import { giveUp } from './give-up.ts';
import type { DeliveryRef } from './schema.ts';
import { prepareSending } from './send.ts';
import { findNext, startDeliveries } from './start.ts';
import { end, fail, recordFailure, succeed, supersedeIn } from './transitions.ts';

const maybeSent =
  'The message was sent, but no answer came, so it may or may not have arrived. It is not sent again automatically: check the destination, then press retry if it is missing.';

/** How long a round is retried, counted from its first attempt. */
const retryForMs = 6 * hourMs;
/** A message normally isn't started before its turn; somebody may have retried an earlier one meanwhile. */
const turnPauseMs = 5 * secondMs;
/** Before secrets are read again that could not be. */
const secretsPauseMs = minuteMs;

/** The first and the longest pause after failures of the receiver, in milliseconds. */
const pace = z.object({ first: z.number().positive(), longest: z.number().positive() });
type Pace = z.output<typeof pace>;

/**
 * Makes one attempt at one round of a delivery. Safe to repeat, to run concurrently, and to stop between any two steps:
 * a message with an idempotency key is sent under the same key, one without is sent at most once. A round that has
 * ended starts the next delivery of its rule and incident.
 * @returns the state, which is final
 * @throws DeliveryFailure when another attempt is due after its `retryAfterMs`: `retry`, or `lost` where repeating is
 * safe. @throws ArmatureError `delivery_not_found`
 */
export const deliverAlert = useCase({
  name: 'delivery.deliver',
  access: 'system',
  input: z.object({
    deliveryId: z.uuid(),
    round: z.int().min(1),
    /** Milliseconds for which this attempt was due, but no worker took it. */
    waitedMs: z.number().min(0).default(0),
    pace: pace.default({ first: 2 * secondMs, longest: 15 * minuteMs }),
  }),
  async run({ ctx: { deps }, orgId }, { deliveryId, round, waitedMs, pace }): Promise<{ state: DeliveryState }> {
    const ref = { orgId, deliveryId, round };
    let row = await readDelivery(deps, ref);
    const { ruleId, incidentId } = row;
    if (isPending(row, ref)) {
      if (incidentId !== null) await awaitTurn(deps, ref, { ruleId, incidentId });
      await makeAttempt(deps, ref, { waitedMs, pace });
      row = await readDelivery(deps, ref);
    }
    if (row.round === round && incidentId !== null) {
      const next = await findNext(deps.db, { orgId, ruleId, incidentId });
      await startDeliveries(deps, next ? [next] : []);
    }
    return { state: oneOf(deliveryStates, row.state) };
  },
});

async function readDelivery({ db }: Pick<Deps, 'db'>, { orgId, deliveryId }: DeliveryRef) {
  const found = await db.delivery.findFirst({
    where: { orgId, id: deliveryId },
    include: { rule: { select: { archivedAt: true } } },
  });
  if (!found) throw deliveryNotFound();
  return found;
}

const isPending = (row: Pick<DeliveryModel, 'round' | 'state'>, { round }: DeliveryRef): boolean =>
  row.round === round && row.state === 'pending';

/** Ends what is no longer worth sending. @throws DeliveryFailure if an earlier message has to be sent first */
async function awaitTurn(
  deps: Pick<Deps, 'db' | 'now'>,
  ref: DeliveryRef,
  { ruleId, incidentId }: { ruleId: string; incidentId: string },
): Promise<void> {
  const { db, now } = deps;
  const queue = { orgId: ref.orgId, ruleId, incidentId };
  const waiting = await db.delivery.count({ where: { ...queue, state: 'pending' } });
  if (waiting < 2) return;
  await db.$transaction((tx) => supersedeIn(tx, queue, now()));
  const next = await findNext(db, queue);
  if (next?.deliveryId === ref.deliveryId || !isPending(await readDelivery(deps, ref), ref)) return;
  const error = 'An earlier message of the same incident is sent first.';
  await recordFailure(db, ref, { error, startedAt: null });
  throw new DeliveryFailure('retry', error, { retryAfterMs: turnPauseMs });
}

async function makeAttempt(deps: Deps, ref: DeliveryRef, of: { waitedMs: number; pace: Pace }): Promise<void> {
  const { waitedMs, pace } = of;
  const { db, now, log } = deps;
  const first = new Date(now().getTime() + retryForMs);
  const retryUntil = await extendRetries(db, ref, { first, waitedMs });
  if (retryUntil === null) return;
  try {
    await send(deps, ref, pace);
  } catch (error) {
    if (now() < retryUntil) throw error;
    // Not what the receiver did, so it can't be in the row.
    if (!isDeliveryFailure(error)) log.error({ err: error, ...ref }, 'a delivery was given up');
    await giveUp(db, ref, now());
  }
}

/** @throws DeliveryFailure `retry` or `lost`, after recording it */
async function send(deps: Deps, ref: DeliveryRef, pace: Pace): Promise<void> {
  const { db, now } = deps;
  const row = await readDelivery(deps, ref);
  if (row.rule.archivedAt && !isClosing(oneOf(deliveryKinds, row.kind)))
    return fail(db, ref, { at: now(), error: 'The rule was deleted before this was sent.', startedAt: null });
  const sending = await prepareSending(deps, row).catch(async (error: unknown) => {
    if (!isDeliveryFailure(error)) throw error;
    await recordFailure(db, ref, { error: error.message, startedAt: null });
    throw pausing(error, secretsPauseMs);
  });
  if (sending.kind === 'outbox') return end(db, ref, { at: now(), state: 'outbox', error: null });
  if (sending.kind === 'impossible') return fail(db, ref, { at: now(), error: sending.error, startedAt: null });

  const startedAt = now();
  const { repeatableForMs } = sending;
  const sentAfter = repeatableForMs === 0 ? null : new Date(Math.max(0, startedAt.getTime() - repeatableForMs));
  // An earlier attempt began to send and left no answer, or the round has ended.
  if (!(await beginAttempt(db, ref, { at: startedAt, sentAfter })))
    return end(db, ref, { at: now(), state: 'unknown', error: maybeSent });
  try {
    const { providerId } = await sending.send();
    await succeed(db, ref, { at: now(), providerId });
  } catch (error) {
    if (!isDeliveryFailure(error)) throw error;
    if (error.kind === 'refused') return fail(db, ref, { at: now(), error: error.message, startedAt });
    if (error.kind === 'lost' && repeatableForMs === 0)
      return end(db, ref, { at: now(), state: 'unknown', error: `${error.message} ${maybeSent}` });
    await recordFailure(db, ref, { error: error.message, startedAt: error.kind === 'retry' ? startedAt : null });
    // By what the receiver was asked, not by what Temporal counts: our own failures must not put off the message.
    throw pausing(error, getPauseMs(row.attempts + 1, pace));
  }
}

/** The same failure, with a pause if the receiver asked for none. */
const pausing = ({ kind, message, retryAfterMs }: DeliveryFailure, pauseMs: number): DeliveryFailure =>
  new DeliveryFailure(kind, message, { retryAfterMs: retryAfterMs ?? pauseMs });
