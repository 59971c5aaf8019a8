import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { minuteMs } from '../../../domain/values/time.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';

/** A one-time token for Slack: 256 random bits. */
export const slackToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'Invalid token.');

export const tokenMinutes = { install: 10, link: 15 } as const;

export const toHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** What a token is bound to. `orgId` of a link: null lets the person choose an organization. */
type TokenBinding =
  | { purpose: 'install'; orgId: string; userId: string }
  | { purpose: 'link'; orgId: string | null; teamId: string; slackUserId: string };

/** Creates a token; only its hash is stored. It replaces an earlier one for the same link. Not a use case. */
export async function issueToken({ db, now }: Pick<Deps, 'db' | 'now'>, binding: TokenBinding): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now().getTime() + tokenMinutes[binding.purpose] * minuteMs);
  if (binding.purpose === 'link') await db.slackToken.deleteMany({ where: { ...binding, usedAt: null } });
  await db.slackToken.create({ data: { hash: toHash(token), ...binding, expiresAt } });
  return token;
}

type TokenOwner = { purpose: 'install'; orgId: string; userId: string } | { purpose: 'link'; orgId: string };

const usable = (owner: TokenOwner, at: Date) => ({
  usedAt: null,
  expiresAt: { gt: at },
  ...(owner.purpose === 'install' ? owner : { purpose: owner.purpose, OR: [{ orgId: owner.orgId }, { orgId: null }] }),
});

/** Uses a token up. @throws ArmatureError `resource_not_found` (unknown, used, expired, or bound to somebody else) */
export async function spendTokenIn(db: Pick<Tx, 'slackToken'>, token: string, owner: TokenOwner, at: Date) {
  const where = { hash: toHash(token), ...usable(owner, at) };
  // The second of two concurrent uses finds it used: the update locks the row and reads it again.
  const { count } = await db.slackToken.updateMany({ where, data: { usedAt: at } });
  if (count === 0) throw invalidLink();
  return db.slackToken.findUniqueOrThrow({ where: { hash: where.hash } });
}

/** Reads an unused token. @returns null if bound to another organization. @throws ArmatureError `resource_not_found` */
export async function readLinkToken(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  token: string,
  orgId: string,
): Promise<{ teamId: string; slackUserId: string } | null> {
  const row = await db.slackToken.findFirst({
    where: { hash: toHash(token), purpose: 'link', usedAt: null, expiresAt: { gt: now() } },
  });
  if (!row?.teamId || !row.slackUserId) throw invalidLink();
  return row.orgId === null || row.orgId === orgId ? { teamId: row.teamId, slackUserId: row.slackUserId } : null;
}

const invalidLink = (): ArmatureError =>
  new ArmatureError(
    'resource_not_found',
    'This Slack link was already used or has expired.',
    'Start again: in Slack with /armature link, or in the settings with Connect Slack.',
  );

/** Deletes expired tokens. Not a use case: they belong to no organization. @returns how many */
export async function sweepSlackTokens({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<number> {
  const { count } = await db.slackToken.deleteMany({ where: { expiresAt: { lt: now() } } });
  return count;
}
