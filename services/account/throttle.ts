import { createHash } from 'node:crypto';
import { ArmatureError } from '../../domain/error/error.ts';
import type { Db } from '../../infra/db/index.ts';
import { countThrottledAttempt } from '../../infra/db/queries/account.ts';

type Limit = { kind: 'email' | 'address' | 'sign-up'; attempts: number; windowMs: number };

const quarterHour = 15 * 60_000;
/** A network address may be a whole office behind one router, so it gets more attempts than one account. */
export const signInLimits = {
  email: { kind: 'email', attempts: 10, windowMs: quarterHour },
  address: { kind: 'address', attempts: 50, windowMs: quarterHour },
} as const satisfies { [name: string]: Limit };
export const signUpLimit: Limit = { kind: 'sign-up', attempts: 20, windowMs: 4 * quarterHour };

/** Hashed, so that the table doesn't list who tried to sign in from where. */
const buildKey = (limit: Limit, value: string): string =>
  `${limit.kind}:${createHash('sha256').update(value).digest('base64url')}`;

/**
 * Counts an attempt before it is made, so that concurrent attempts count too. All api processes share the count in
 * Postgres. A refused attempt doesn't extend the wait.
 * @throws ArmatureError `rate_limited` with `retryAt` (ISO 8601)
 */
export async function countAttempt(db: Db, limit: Limit, value: string, now: Date): Promise<void> {
  const row = await countThrottledAttempt(db, {
    key: buildKey(limit, value),
    limit: limit.attempts,
    windowStart: new Date(now.getTime() - limit.windowMs),
    now,
  });
  if (!row || row.attempts <= limit.attempts) return;
  const retryAt = new Date(row.windowStart.getTime() + limit.windowMs);
  const minutes = Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 60_000));
  const wait = minutes === 1 ? 'in a minute' : `in ${minutes} minutes`;
  throw new ArmatureError(
    'rate_limited',
    limit.kind === 'email'
      ? `Too many attempts for this account. Try again ${wait}.`
      : `Too many attempts from your network. Try again ${wait}.`,
    `Wait until ${retryAt.toISOString().slice(11, 16)} UTC. Trying sooner doesn't extend the wait.`,
    { retryAt: retryAt.toISOString() },
  );
}

/** Resets the count after a success, and deletes rows whose window has long passed. */
export async function forgetAttempts(db: Db, limit: Limit, value: string, now: Date): Promise<void> {
  const dayAgo = new Date(now.getTime() - 24 * 3_600_000);
  await db.signInThrottle.deleteMany({
    where: { OR: [{ key: buildKey(limit, value) }, { windowStart: { lt: dayAgo } }] },
  });
}
