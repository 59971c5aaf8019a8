import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';

/** A one-time token of Slack's as it travels: 256 random bits. */
export const slackToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'This is no such token.');

export const tokenMinutes = { install: 10, link: 15 } as const;

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** What a token is bound to. `orgId` of a link: null lets the person choose one of theirs. */
type Issued =
  | { purpose: 'install'; orgId: string; userId: string }
  | { purpose: 'link'; orgId: string | null; teamId: string; slackUserId: string };

/** A new token; only its hash is kept. An earlier one for the same link is of no use any more. Not a use case. */
export async function issueToken({ db, now }: Pick<Deps, 'db' | 'now'>, of: Issued): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now().getTime() + tokenMinutes[of.purpose] * 60_000);
  if (of.purpose === 'link') await db.slackToken.deleteMany({ where: { ...of, usedAt: null } });
  await db.slackToken.create({ data: { hash: hashOf(token), ...of, expiresAt } });
  return token;
}

type Bound = { purpose: 'install'; orgId: string; userId: string } | { purpose: 'link'; orgId: string };

const usable = (of: Bound, at: Date) => ({
  usedAt: null,
  expiresAt: { gt: at },
  ...(of.purpose === 'install' ? of : { purpose: of.purpose, OR: [{ orgId: of.orgId }, { orgId: null }] }),
});

/** Uses a token up. @throws ArmatureError `resource_not_found` when it is unknown, used, expired, or bound to somebody else. */
export async function spendTokenIn(db: Pick<Tx, 'slackToken'>, token: string, of: Bound, at: Date) {
  const where = { hash: hashOf(token), ...usable(of, at) };
  // One of two who come at once finds it used: the update takes the row's lock and looks at it again.
  const { count } = await db.slackToken.updateMany({ where, data: { usedAt: at } });
  if (count === 0) throw tokenRefused();
  return db.slackToken.findUniqueOrThrow({ where: { hash: where.hash } });
}

/** The token as it is, unused. @returns null when it is bound to another organization. @throws ArmatureError `resource_not_found` */
export async function readLinkToken(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  token: string,
  orgId: string,
): Promise<{ teamId: string; slackUserId: string } | null> {
  const row = await db.slackToken.findFirst({
    where: { hash: hashOf(token), purpose: 'link', usedAt: null, expiresAt: { gt: now() } },
  });
  if (!row?.teamId || !row.slackUserId) throw tokenRefused();
  return row.orgId === null || row.orgId === orgId ? { teamId: row.teamId, slackUserId: row.slackUserId } : null;
}

const tokenRefused = (): ArmatureError =>
  new ArmatureError(
    'resource_not_found',
    'This link of Slack is not valid: it was used already, or is too old.',
    'Start again: in Slack with /armature link, or on the alerts page with Connect Slack.',
  );

/** Tokens that nobody can use any more. Not a use case: they belong to no organization. @returns how many went. */
export async function sweepSlackTokens({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<number> {
  const { count } = await db.slackToken.deleteMany({ where: { expiresAt: { lt: now() } } });
  return count;
}
