import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { httpStatus } from '../../domain/error/codes.ts';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import type { Context } from '../../services/context/context.ts';
import { validationError } from '../../services/context/errors.ts';
import {
  claimRequest,
  finishRequest,
  readRequestState,
  releaseRequest,
} from '../../services/request/idempotent-request.ts';
import type { Route } from './route.ts';

export type Answer = { status: number; body: unknown; isReplayed: boolean };

/** How long a request waits for an earlier one with the same key. */
const waitMs = 10_000;
const pollMs = 100;

const idempotencyKey = z.string().min(1).max(255);

/**
 * Does the work of an idempotency key once. Later requests with the key get the stored answer for 24 hours; one that
 * comes while the first is under way waits for it.
 * @throws ArmatureError `idempotency_conflict` (other input), `conflict` (still under way), `validation_failed`
 */
export async function answerOnce(
  ctx: Context,
  { route, key, input, work }: { route: Route; key: string } & ReturnType<Route['read']>,
): Promise<Answer> {
  if (!idempotencyKey.safeParse(key).success)
    throw validationError([{ field: 'Idempotency-Key', message: '1 to 255 characters are needed.' }]);
  const request = { operation: route.operationId, key, inputHash: hash(input) };
  const deadline = Date.now() + waitMs;
  while (!(await claimRequest(ctx, request))) {
    const state = await readRequestState(ctx, request);
    if (state && state.inputHash !== request.inputHash)
      throw new ArmatureError(
        'idempotency_conflict',
        'Another request had this Idempotency-Key and other content.',
        'Use a new key for new work.',
      );
    if (state?.answer) return { ...state.answer, isReplayed: true };
    if (Date.now() >= deadline)
      throw new ArmatureError(
        'conflict',
        'The first request with this Idempotency-Key has not ended yet.',
        'Ask again later. If it stays so, its process died: look whether the work was done before you use a new key.',
      );
    await sleep(pollMs);
  }
  try {
    const body = await work(ctx);
    await finishRequest(ctx, request, { status: route.status, body: route.toReplay(body) });
    return { status: route.status, body, isReplayed: false };
  } catch (error) {
    // A refused request did nothing, so it may be corrected and sent again. Of any other failure nobody knows.
    if (isArmatureError(error) && httpStatus(error.code) < 500) await releaseRequest(ctx, request);
    throw error;
  }
}

const hash = (input: object): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(input)))
    .digest('hex');

/** The value with the members of its objects in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
