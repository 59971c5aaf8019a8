import type { TraceStep } from '../../../domain/oauth/trace.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { sanitizeForPostgres } from '../../context/sanitize.ts';
import { toJson } from '../../context/use-case.ts';
import type { ProfileRef, SignInProblem } from './profile.ts';

/** Traces of one profile that are kept. */
const maxTraces = 5;

/** Keeps the trace of a refresh or a request with client credentials, which no person began. */
export async function keepTrace(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  { orgId, authProfileId }: ProfileRef,
  { outcome, trace, problem }: { outcome: 'signed_in' | 'failed'; trace: TraceStep[]; problem: SignInProblem | null },
): Promise<void> {
  const id = newId();
  const at = now();
  await db.oAuthSignIn.create({
    data: {
      id,
      orgId,
      authProfileId,
      userId: '',
      stateHash: id,
      sessionHash: '',
      outcome,
      ...(problem && { problem: toJson(problem) }),
      trace: toStoredTrace(trace),
      startedAt: at,
      expiresAt: at,
    },
  });
  await dropOldTraces(db, { orgId, authProfileId });
}

export const toStoredTrace = (trace: TraceStep[]) => toJson(sanitizeForPostgres(trace));

export async function dropOldTraces(db: Deps['db'], { orgId, authProfileId }: ProfileRef): Promise<void> {
  const old = await db.oAuthSignIn.findMany({
    where: { orgId, authProfileId },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    skip: maxTraces,
    select: { id: true },
  });
  if (old.length > 0) await db.oAuthSignIn.deleteMany({ where: { orgId, id: { in: old.map(({ id }) => id) } } });
}
