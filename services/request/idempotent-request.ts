import { z } from 'zod';
import { claimIdempotentRequest, deleteOldIdempotentRequests } from '../../infra/db/queries/idempotent-request.ts';
import type { Context, Deps } from '../context/context.ts';
import { toJson } from '../context/use-case.ts';

/** A request with an idempotency key. `operation` names what it asks for; `inputHash` tells other content apart. */
export type IdempotentRequest = { operation: string; key: string; inputHash: string };

export type StoredAnswer = { status: number; body: unknown };

const keptMs = 24 * 3_600_000;

const storedAnswer = z.object({ status: z.int(), body: z.unknown() });

/** @returns true for the caller that does the work; false where another did or does, within the last 24 hours. */
export async function claimRequest({ deps, actor }: Context, request: IdempotentRequest): Promise<boolean> {
  return claimIdempotentRequest(deps.db, { ...toKey(actor, request), ...request, ...times(deps) });
}

/** @returns null if there is none any more; `answer` is null while the work goes on. */
export async function readRequestState(
  { deps, actor }: Context,
  request: IdempotentRequest,
): Promise<{ inputHash: string; answer: StoredAnswer | null } | null> {
  const row = await deps.db.idempotentRequest.findUnique({
    where: { orgId_operation_key: toKey(actor, request) },
    select: { inputHash: true, answer: true },
  });
  return row && { inputHash: row.inputHash, answer: row.answer === null ? null : storedAnswer.parse(row.answer) };
}

export async function finishRequest(
  { deps, actor }: Context,
  request: IdempotentRequest,
  answer: StoredAnswer,
): Promise<void> {
  await deps.db.idempotentRequest.updateMany({ where: toKey(actor, request), data: { answer: toJson(answer) } });
}

/** Lets the key be used again, after a request that did nothing. */
export async function releaseRequest({ deps, actor }: Context, request: IdempotentRequest): Promise<void> {
  await deps.db.idempotentRequest.deleteMany({ where: toKey(actor, request) });
}

/** Deletes what is older than 24 hours, over all organizations. Part of housekeeping. */
export const sweepRequests = (deps: Pick<Deps, 'db' | 'now'>): Promise<number> =>
  deleteOldIdempotentRequests(deps.db, times(deps).expired);

function toKey(actor: Context['actor'], { operation, key }: IdempotentRequest) {
  if (actor.kind === 'visitor') throw new Error('requests of visitors have no idempotency keys');
  return { orgId: actor.orgId, operation, key };
}

const times = ({ now }: Pick<Deps, 'now'>) => {
  const at = now();
  return { at, expired: new Date(at.getTime() - keptMs) };
};
