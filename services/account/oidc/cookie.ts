import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../../infra/config/index.ts';
import { pendingSignIn } from '../../../infra/oidc/index.ts';

type Signing = Pick<Config, 'authSecret' | 'url'>;

const cookieName = 'armature_provider';
const maxAgeSeconds = 600;
const stored = pendingSignIn.extend({
  /** Where the person goes afterwards: a path of this site. */
  to: z.string(),
  /** Epoch milliseconds. */
  endsAt: z.number(),
});
type Stored = z.infer<typeof stored>;

const sign = ({ authSecret }: Signing, text: string): string =>
  createHmac('sha256', authSecret).update(`provider sign-in ${text}`).digest('base64url');

/** @returns a `Set-Cookie` value. A sign-in ends only in the browser that has it, within ten minutes */
export function writePending(signing: Signing, pending: Omit<Stored, 'endsAt'>, now: Date): string {
  const body = { ...pending, endsAt: now.getTime() + maxAgeSeconds * 1000 };
  const text = Buffer.from(JSON.stringify(body)).toString('base64url');
  return toCookie(signing, `${text}.${sign(signing, text)}`, maxAgeSeconds);
}

/** @returns a `Set-Cookie` value that takes it away */
export const clearPending = (signing: Signing): string => toCookie(signing, '', 0);

const toCookie = ({ url }: Signing, value: string, maxAge: number): string =>
  `${cookieName}=${value}; Max-Age=${maxAge}; Path=/sign-in; HttpOnly; SameSite=Lax${url.startsWith('https:') ? '; Secure' : ''}`;

/** Null without a sign-in of this browser, or past its end. */
export function readPending(signing: Signing, cookie: string, now: Date): Stored | null {
  const [, text = '', signature = ''] = new RegExp(`(?:^|; )${cookieName}=([\\w-]+)\\.([\\w-]+)`).exec(cookie) ?? [];
  const [sent, right] = [Buffer.from(signature), Buffer.from(sign(signing, text))];
  if (sent.length !== right.length || !timingSafeEqual(sent, right)) return null;
  const pending = stored.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  return pending.endsAt > now.getTime() ? pending : null;
}
