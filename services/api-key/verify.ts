import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ArmatureError } from '../../domain/error/error.ts';
import { type Role, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { findApiKey } from '../../infra/db/queries/api-key.ts';
import type { Actor, Deps } from '../context/context.ts';
import { matchesHash } from './secret.ts';
import { findKeyRefusal, recordUse } from './use.ts';

export type KeyActor = Extract<Actor, { role: Role }>;

/**
 * Returns the actor of a bearer token; null when the token is missing, malformed, unknown, wrong, revoked or expired,
 * or when its role is higher than its creator's is now.
 * @param network of the caller, for the limit on wrong secrets; null when it isn't known
 * @param report called for a key that was refused. `orgId`: null if nobody has the key id
 * @throws ArmatureError `rate_limited` (`retryAfterSeconds`)
 */
export type VerifyKey = (
  bearer: string | null,
  network: string | null,
  report?: (failure: { keyId: string; orgId: string | null; reason: string }) => Promise<void>,
) => Promise<KeyActor | null>;

const format = /^amt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const maxWaiting = 64;
/** Derived for ids that don't exist, so that they take as long as others. No secret matches it. */
const noHash = `scrypt$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;

/**
 * Each request reads the key's row again, so that a revoked key is refused immediately by every process. Scrypt is paid
 * once per key and process: the cache holds the digests of keys that were right.
 * All others cost the same, and are limited by network. Never by key: anyone who knows a key's id could lock it out.
 */
export function createKeyVerifier(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  {
    derive = matchesHash,
    wrongPerMinute = 20,
  }: {
    derive?: typeof matchesHash;
    /** Wrong keys per minute from one network. */
    wrongPerMinute?: number;
  } = {},
): VerifyKey {
  const verified = new LRUCache<string, true>({ max: 10_000 });
  const underway = new Map<string, Promise<boolean>>();
  const attempts = new RateLimiterMemory({ points: wrongPerMinute, duration: 60 });
  const oneAtATime = pLimit(1);

  async function isRight(secret: string, hash: string, network: string | null): Promise<boolean> {
    const digest = createHash('sha256').update(`${hash} ${secret}`).digest('base64');
    if (verified.get(digest)) return true;
    // Requests with the same key at the same time share one derivation.
    const started = underway.get(digest) ?? deriveInTurn(secret, hash, network);
    underway.set(digest, started);
    try {
      const isMatch = await started;
      if (isMatch) verified.set(digest, true);
      return isMatch;
    } finally {
      underway.delete(digest);
    }
  }

  async function deriveInTurn(secret: string, hash: string, network: string | null): Promise<boolean> {
    // Counted before it is derived, so that concurrent attempts count too. A right key is not counted in the end.
    const counted = network === null ? null : await attempts.penalty(network);
    if (counted && counted.consumedPoints > wrongPerMinute)
      throw rateLimited(counted.msBeforeNext, 'Too many wrong API keys were sent from this network.');
    if (oneAtATime.pendingCount >= maxWaiting) throw rateLimited(1000, 'Too many new API keys are being verified.');
    const isMatch = await oneAtATime(() => derive(secret, hash));
    if (isMatch && network !== null) await attempts.reward(network);
    return isMatch;
  }

  return async (bearer, network, report) => {
    const [, id, secret] = format.exec(bearer ?? '') ?? [];
    if (id === undefined || secret === undefined) return null;
    const row = await findApiKey(db, id);
    const isMatch = await isRight(secret, row?.hash ?? noHash, network);
    const reason = !row ? 'unknown id' : !isMatch ? 'wrong secret' : findKeyRefusal(row, now());
    if (!row || reason !== null) {
      await report?.({ keyId: id, orgId: row?.orgId ?? null, reason: reason ?? 'unknown id' });
      return null;
    }
    await recordUse({ db, now }, { id, lastUsedAt: row.lastUsedAt });
    return { kind: 'api_key', id, orgId: row.orgId, role: oneOf(roles, row.role) };
  };
}

function rateLimited(waitMs: number, message: string): ArmatureError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ArmatureError('rate_limited', message, `Check the API key, then try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
