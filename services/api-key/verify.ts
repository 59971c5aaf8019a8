import { hash as digestOf, timingSafeEqual } from 'node:crypto';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast, type Role, roles } from '../../domain/role/role.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { Actor, Deps } from '../context/context.ts';
import { createBudget, createGate, createRecent } from './limits.ts';
import { matchesHash } from './secret.ts';

export type KeyActor = Extract<Actor, { role: Role }>;
export type KeyVerifier = {
  /**
   * Who a bearer token stands for; null when it is missing, malformed, unknown, wrong or revoked, or above its creator's role by now.
   * @param from the caller's address, for the limit on wrong secrets.
   * @throws ArmatureError `rate_limited` (`retryAfterSeconds`): too many wrong secrets, or too many unknown ones at once.
   */
  verify(bearer: string | null, from: string): Promise<KeyActor | null>;
  /**
   * Who it stood for when it was last verified here; null when that is not known. It may have been revoked since: nothing may be told
   * or done on this alone.
   */
  remembered(bearer: string | null): KeyActor | null;
};

type KeyRow = {
  orgId: string;
  role: string;
  hash: string;
  lastUsedAt: string | null;
  /** Of the member who made it; null when that is no member any more. */
  creatorRole: string | null;
};

const shape = /^amt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const minute = 60_000;

/**
 * Verifies API keys. Each request waits for a look-up by primary key that was sent after it came, so that a revoked key is refused at
 * once on every process; requests of one key that come while a look-up is under way share the next. Scrypt
 * (16 MiB, some 30 ms) is paid once per key and process: what is remembered is that the row's hash belongs to a SHA-256 of the secret,
 * and a row with another hash, or none, is not covered by it. For a remembered hash any other secret is wrong without scrypt. For the
 * rest, wrong secrets are remembered, counted by key and by address, and few are derived at once.
 */
export function createKeyVerifier(
  { db, now }: { db: Pick<Deps['db'], 'read' | 'apiKey'>; now: Deps['now'] },
  {
    derive = matchesHash,
    atOnce = 2,
    waiting = 64,
    wrongPerMinute = 20,
  }: {
    derive?: typeof matchesHash;
    /** Derivations at once, and how many more may wait. */
    atOnce?: number;
    waiting?: number;
    /** Wrong secrets in a minute, of one key and from one address. */
    wrongPerMinute?: number;
  } = {},
): KeyVerifier {
  const known = createRecent<{ hash: string; digest: Buffer }>(10_000);
  const stood = createRecent<{ digest: Buffer; actor: KeyActor }>(10_000);
  const wrong = createRecent<true>(10_000);
  const used = createRecent<number>(10_000);
  const underWay = new Map<string, Promise<boolean>>();
  const lookUps = new Map<
    string,
    { underWay: Promise<KeyRow | undefined>; next: Promise<KeyRow | undefined> | null }
  >();
  const gate = createGate(atOnce, waiting);
  const wrongOfKey = createBudget(wrongPerMinute, minute);
  const wrongFrom = createBudget(wrongPerMinute, minute);

  function lookUp(id: string): Promise<KeyRow | undefined> {
    const busy = lookUps.get(id);
    if (!busy) return ask(id);
    const again = () => ask(id);
    busy.next ??= busy.underWay.then(again, again);
    return busy.next;
  }

  function ask(id: string): Promise<KeyRow | undefined> {
    const underWay = (async () => {
      const [row] = await db.read<KeyRow>(Prisma.sql`
        SELECT k."orgId", k."role", k."hash", k."lastUsedAt", m."role" AS "creatorRole" FROM "ApiKey" k
        LEFT JOIN "Member" m ON m."orgId" = k."orgId" AND m."userId" = k."createdById"
        WHERE k."id" = ${id}`);
      return row;
    })();
    const busy = { underWay, next: null };
    const ended = () => {
      if (lookUps.get(id) === busy && busy.next === null) lookUps.delete(id);
    };
    lookUps.set(id, busy);
    underWay.then(ended, ended);
    return underWay;
  }

  async function isRight(id: string, secret: string, hash: string, from: string): Promise<boolean> {
    const digest = digestOf('sha256', secret, 'buffer');
    const remembered = known.get(id);
    if (remembered?.hash === hash) return timingSafeEqual(remembered.digest, digest);

    const pair = `${id} ${digest.toString('base64')} ${hash}`;
    if (wrong.get(pair)) return false;
    const at = now().getTime();
    const waitMs = Math.max(wrongOfKey.waitMs(id, at), wrongFrom.waitMs(from, at));
    if (waitMs > 0) throw tooMany(waitMs, 'Too many wrong API keys were sent.');
    // Requests of one key that come together pay once.
    const together = underWay.get(pair);
    if (together) return together;
    const derived = gate(() => derive(secret, hash));
    if (!derived) throw tooMany(1000, 'Too many API keys are being verified for the first time.');
    underWay.set(pair, derived);
    try {
      const right = await derived;
      if (right) known.set(id, { hash, digest });
      else {
        wrong.set(pair, true);
        wrongOfKey.count(id, at);
        wrongFrom.count(from, at);
      }
      return right;
    } finally {
      underWay.delete(pair);
    }
  }

  /** At most once a minute, also with several processes. */
  async function touch(id: string, lastUsedAt: string | null): Promise<void> {
    const at = now();
    const since = at.getTime() - minute;
    if ((lastUsedAt === null ? 0 : Date.parse(lastUsedAt)) > since || (used.get(id) ?? 0) > since) return;
    used.set(id, at.getTime());
    await db.apiKey.updateMany({
      where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: new Date(since) } }] },
      data: { lastUsedAt: at },
    });
  }

  return {
    async verify(bearer, from) {
      const [, id, secret] = shape.exec(bearer ?? '') ?? [];
      if (id === undefined || secret === undefined) return null;
      const row = await lookUp(id);
      if (!row || !(await isRight(id, secret, row.hash, from))) return null;
      const role = roleOf(row.role);
      const creator = row.creatorRole === null ? null : roleOf(row.creatorRole);
      if (!role || !creator || !atLeast(creator, role)) return null;
      await touch(id, row.lastUsedAt);
      const actor: KeyActor = { kind: 'api_key', id, orgId: row.orgId, role };
      const digest = known.get(id)?.digest;
      if (digest) stood.set(id, { digest, actor });
      return actor;
    },
    remembered(bearer) {
      const [, id, secret] = shape.exec(bearer ?? '') ?? [];
      const last = id === undefined ? undefined : stood.get(id);
      if (secret === undefined || !last) return null;
      return timingSafeEqual(last.digest, digestOf('sha256', secret, 'buffer')) ? last.actor : null;
    },
  };
}

const roleOf = (text: string): Role | undefined => roles.find((role) => role === text);

function tooMany(waitMs: number, message: string): ArmatureError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ArmatureError('rate_limited', message, `Check the API key, and try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
