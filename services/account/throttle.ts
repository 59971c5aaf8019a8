import { createHash } from 'node:crypto';
import { ArmatureError } from '../../domain/error/error.ts';
import { dayMs, hourMs, minuteMs } from '../../domain/values/time.ts';
import type { Db } from '../../infra/db/index.ts';
import { countThrottledAttempt } from '../../infra/db/queries/account.ts';
import { toSite } from '../context/network.ts';

type Limit = {
  kind:
    | 'account-network'
    | 'account'
    | 'network'
    | 'site'
    | 'device'
    | 'sign-up'
    | 'reset-network'
    | 'reset-account'
    | 'invitation'
    | 'password'
    | 'email'
    | 'client';
  attempts: number;
  windowMs: number;
};
/** What attempts are counted by: a limit, and an account, network or browser. */
type Counted = { limit: Limit; value: string };

const windowMs = 15 * minuteMs;
/** A network may be a whole office behind one router, so it gets more attempts than one account from there. */
export const signInLimits = {
  accountFromNetwork: { kind: 'account-network', attempts: 10, windowMs },
  network: { kind: 'network', attempts: 50, windowMs },
  /** Of an IPv6 /48, which one customer can get: 65,536 networks. */
  site: { kind: 'site', attempts: 200, windowMs },
  /** From everywhere. Reached only by an attack that uses many networks. */
  account: { kind: 'account', attempts: 100, windowMs },
  /** Of a browser that has signed in to the account before. Past it, the browser is like any other. */
  device: { kind: 'device', attempts: 100, windowMs },
} as const satisfies { [name: string]: Limit };
export const signUpLimit: Limit = { kind: 'sign-up', attempts: 20, windowMs: hourMs };
/** Clients that register at the authorization server of `/api/mcp`, or name a metadata document. */
export const clientLimit: Limit = { kind: 'client', attempts: 100, windowMs: hourMs };
/** Requests for links to choose a new password, and passwords chosen by one. */
export const resetLimits = {
  network: { kind: 'reset-network', attempts: 20, windowMs: hourMs },
  account: { kind: 'reset-account', attempts: 5, windowMs: hourMs },
} as const satisfies { [name: string]: Limit };

/** Invitations that a workspace sends by e-mail. */
export const invitationLimit: Limit = { kind: 'invitation', attempts: 100, windowMs: hourMs };
/** Of one person who is signed in: current passwords that were entered, and new addresses that were requested. */
export const profileLimits = {
  password: { kind: 'password', attempts: 10, windowMs },
  email: { kind: 'email', attempts: 10, windowMs: hourMs },
} as const satisfies { [name: string]: Limit };

/** Hashed, so that the table doesn't list who tried to sign in from where. */
const buildKey = ({ limit, value }: Counted): string =>
  `${limit.kind}:${createHash('sha256').update(value).digest('base64url')}`;

/**
 * Counts an attempt before it is made, so that concurrent attempts count too. All api processes share the count in
 * Postgres. A refused attempt doesn't extend the wait.
 * @returns when the next attempt is allowed, if this one isn't, and whether it is the first that was refused
 */
async function count(db: Db, counted: Counted, now: Date): Promise<{ retryAt: Date; isFirst: boolean } | null> {
  const { limit } = counted;
  const row = await countThrottledAttempt(db, {
    key: buildKey(counted),
    limit: limit.attempts,
    windowStart: new Date(now.getTime() - limit.windowMs),
    now,
  });
  if (!row || row.attempts <= limit.attempts) return null;
  return {
    retryAt: new Date(row.windowStart.getTime() + limit.windowMs),
    isFirst: row.attempts === limit.attempts + 1,
  };
}

/** @throws ArmatureError `rate_limited` with `retryAt` (ISO 8601) */
export async function countAttempt(db: Db, limit: Limit, value: string, now: Date): Promise<void> {
  const refusal = await count(db, { limit, value }, now);
  if (refusal) throw tooMany(limit, refusal.retryAt, now);
}

/** Counts an attempt whose answer must not tell whether it was within the limit. */
export const isWithinLimit = async (db: Db, limit: Limit, value: string, now: Date): Promise<boolean> =>
  (await count(db, { limit, value }, now)) === null;

export type SignInAttempt =
  | {
      /** Takes back what was counted, after a success. */
      forget(): Promise<void>;
    }
  /** `rate_limited` with `retryAt` (ISO 8601). `isFirst`: no attempt was refused before it in this window. */
  | { refusal: ArmatureError; isFirst: boolean };

/**
 * Counts an attempt to sign in. A browser that has signed in to the account before has a limit of its own, so nobody
 * else can lock it out.
 * @param of.network null if it isn't known: then attempts are limited by account alone
 * @param of.deviceId of a browser that has signed in to the account before
 */
export async function countSignIn(
  db: Db,
  { email, network, deviceId }: { email: string; network: string | null; deviceId: string | null },
  now: Date,
): Promise<SignInAttempt> {
  if (deviceId !== null) {
    const device = { limit: signInLimits.device, value: deviceId };
    if (!(await count(db, device, now))) return { forget: () => forget(db, [device]) };
  }
  const site = network === null ? null : toSite(network);
  const counted: Counted[] = [
    ...(site === null ? [] : [{ limit: signInLimits.site, value: site }]),
    ...(network === null ? [] : [{ limit: signInLimits.network, value: network }]),
    { limit: signInLimits.accountFromNetwork, value: `${network ?? ''} ${email}` },
    { limit: signInLimits.account, value: email },
  ];
  for (const each of counted) {
    const refused = await count(db, each, now);
    if (refused) return { refusal: tooMany(each.limit, refused.retryAt, now), isFirst: refused.isFirst };
  }
  return { forget: () => forget(db, counted) };
}

function tooMany({ kind }: Limit, retryAt: Date, now: Date): ArmatureError {
  const minutes = Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / minuteMs));
  const wait = minutes === 1 ? 'in a minute' : `in ${minutes} minutes`;
  const isOfAccount = kind === 'account' || kind === 'account-network';
  return new ArmatureError(
    'rate_limited',
    `Too many attempts ${isOfAccount ? 'for this account' : 'from your network'}. Try again ${wait}.`,
    `Wait until ${retryAt.toISOString().slice(11, 16)} UTC. Trying sooner doesn't extend the wait.`,
    { retryAt: retryAt.toISOString() },
  );
}

const sharedKinds: readonly Limit['kind'][] = ['network', 'site'];

/** The count of a network or site loses one attempt only, since others there may still be guessing. */
async function forget(db: Db, counted: readonly Counted[]): Promise<void> {
  const keysOf = (isShared: boolean) =>
    counted.filter(({ limit }) => sharedKinds.includes(limit.kind) === isShared).map(buildKey);
  await db.signInThrottle.deleteMany({ where: { key: { in: keysOf(false) } } });
  await db.signInThrottle.updateMany({
    where: { key: { in: keysOf(true) }, attempts: { gt: 0 } },
    data: { attempts: { decrement: 1 } },
  });
}

/** Deletes counts whose window has long passed. @returns how many */
export async function sweepAttempts(db: Db, now: Date): Promise<number> {
  const { count: deleted } = await db.signInThrottle.deleteMany({
    where: { windowStart: { lt: new Date(now.getTime() - dayMs) } },
  });
  return deleted;
}
