import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast, type Role, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { minuteMs } from '../../domain/values/time.ts';
import { findApiKey } from '../../infra/db/queries/api-key.ts';
import type { Actor, Deps } from '../context/context.ts';
import { matchesHash } from './secret.ts';

export type KeyActor = Extract<Actor, { role: Role }>;

/**
 * Returns the actor of a bearer token; null when the token is missing, malformed, unknown, wrong or revoked, or when
 * its role is higher than its creator's is now.
 * @param address of the caller, for the limit on wrong secrets.
 * @throws ArmatureError `rate_limited` (`retryAfterSeconds`)
 */
export type VerifyKey = (bearer: string | null, address: string) => Promise<KeyActor | null>;

const format = /^amt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const maxWaiting = 64;

/**
 * Each request reads the key's row again, so that a revoked key is refused immediately by every process. Scrypt is paid
 * once per key and process: the cache holds which secret the row's hash was derived from. After that any other secret
 * is wrong without scrypt.
 */
export function createKeyVerifier(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  {
    derive = matchesHash,
    wrongPerMinute = 20,
  }: {
    derive?: typeof matchesHash;
    /** Wrong secrets per minute from one network. Never per key: whoever knows a key's id could lock its owner out. */
    wrongPerMinute?: number;
  } = {},
): VerifyKey {
  const verified = new LRUCache<string, { hash: string; digest: Buffer }>({ max: 10_000 });
  const wrongSecrets = new RateLimiterMemory({ points: wrongPerMinute, duration: 60 });
  const oneAtATime = pLimit(1);

  async function isRight(id: string, secret: string, hash: string, network: string): Promise<boolean> {
    const digest = createHash('sha256').update(secret).digest();
    const fromCache = (): boolean | undefined => {
      const known = verified.get(id);
      return known?.hash === hash ? timingSafeEqual(known.digest, digest) : undefined;
    };
    const cached = fromCache();
    if (cached !== undefined) return cached;
    if (oneAtATime.pendingCount >= maxWaiting) throw rateLimited(1000, 'Too many new API keys are being verified.');
    return oneAtATime(async () => {
      // Another request with this key may have been verified while this one waited.
      const known = fromCache();
      if (known !== undefined) return known;
      const wrong = await wrongSecrets.get(network);
      if (wrong && wrong.consumedPoints >= wrongPerMinute && wrong.msBeforeNext > 0)
        throw rateLimited(wrong.msBeforeNext, 'Too many wrong API keys were sent from this network.');
      const isMatch = await derive(secret, hash);
      if (isMatch) verified.set(id, { hash, digest });
      else await wrongSecrets.penalty(network);
      return isMatch;
    });
  }

  /** Records the use of a key, at most once a minute over all processes. */
  async function touch(id: string, lastUsedAt: Date | null): Promise<void> {
    const aMinuteAgo = new Date(now().getTime() - minuteMs);
    if (lastUsedAt !== null && lastUsedAt > aMinuteAgo) return;
    await db.apiKey.updateMany({
      where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: aMinuteAgo } }] },
      data: { lastUsedAt: now() },
    });
  }

  return async (bearer, address) => {
    const [, id, secret] = format.exec(bearer ?? '') ?? [];
    if (id === undefined || secret === undefined) return null;
    const row = await findApiKey(db, id);
    if (!row || !(await isRight(id, secret, row.hash, toNetwork(address)))) return null;
    const role = oneOf(roles, row.role);
    if (row.creatorRole === null || !atLeast(oneOf(roles, row.creatorRole), role)) return null;
    await touch(id, row.lastUsedAt);
    return { kind: 'api_key', id, orgId: row.orgId, role };
  };
}

/**
 * The network that one customer of a provider usually has: a whole IPv4 address, or the first 64 bits of an IPv6
 * address.
 */
function toNetwork(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? `${parsed.parts.slice(0, 4).join(':')}/64` : parsed.toString();
}

function rateLimited(waitMs: number, message: string): ArmatureError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ArmatureError('rate_limited', message, `Check the API key, then try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
