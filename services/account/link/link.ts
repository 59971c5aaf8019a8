import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { hourMs } from '../../../domain/values/time.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';

export type LinkPurpose = 'verify_email' | 'reset_password' | 'change_email';

const pages: Record<LinkPurpose, string> = {
  verify_email: 'verify-email',
  reset_password: 'reset-password',
  change_email: 'change-email',
};
const lifetimeHours: Record<LinkPurpose, number> = { verify_email: 72, reset_password: 1, change_email: 24 };

/** 256 random bits. */
export const linkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'Invalid link.');

export const newToken = (): string => randomBytes(32).toString('base64url');

/** Of a token, for the database. */
export const toHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * Creates a link, which replaces earlier ones of its purpose; only its hash is stored. Not a use case.
 * @param of.hours @default 72 to verify an address, 24 to change it, 1 to reset a password
 */
export async function issueLink(
  { db, config, now }: Pick<Deps, 'config' | 'now'> & { db: Tx },
  of: { purpose: LinkPurpose; userId: string; email: string; hours?: number },
): Promise<{ url: string; expiresAt: Date }> {
  const { purpose, userId, email, hours = lifetimeHours[purpose] } = of;
  const token = newToken();
  const expiresAt = new Date(now().getTime() + hours * hourMs);
  await db.accountLink.deleteMany({ where: { userId, purpose } });
  await db.accountLink.create({ data: { hash: toHash(token), purpose, userId, email, expiresAt } });
  return { url: `${config.url}/${pages[purpose]}?token=${token}`, expiresAt };
}

type Link = { userId: string; email: string };

/** @throws ArmatureError `resource_not_found` (unknown, used or expired) */
export async function readLink(db: Tx, purpose: LinkPurpose, token: string, at: Date): Promise<Link> {
  const link = await db.accountLink.findFirst({ where: { hash: toHash(token), purpose, expiresAt: { gt: at } } });
  if (!link) throw invalidLink(purpose);
  return { userId: link.userId, email: link.email };
}

/** Uses a link up. @throws ArmatureError `resource_not_found` (unknown, used or expired) */
export async function spendLink(tx: Tx, purpose: LinkPurpose, token: string, at: Date): Promise<Link> {
  const link = await readLink(tx, purpose, token, at);
  // The second of two concurrent uses finds nothing to delete.
  const { count } = await tx.accountLink.deleteMany({ where: { hash: toHash(token) } });
  if (count === 0) throw invalidLink(purpose);
  return link;
}

const invalidLink = (purpose: LinkPurpose): ArmatureError =>
  new ArmatureError(
    'resource_not_found',
    'This link was already used or has expired.',
    purpose === 'reset_password' ? 'Request another one on the sign-in page.' : 'Sign in and request another one.',
  );
