import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Config } from '../../infra/config/index.ts';

type Signing = Pick<Config, 'authSecret' | 'url'>;

/** 400 days, the longest that browsers keep a cookie. */
const maxAgeSeconds = 400 * 24 * 3600;

/** One cookie for each account. It says that a browser has signed in to the account, and grants nothing by itself. */
const cookieName = (email: string): string =>
  `armature.device.${createHash('sha256').update(email).digest('hex').slice(0, 16)}`;

const sign = ({ authSecret }: Signing, email: string, id: string): string =>
  createHmac('sha256', authSecret).update(`device ${id} ${email}`).digest('base64url');

/** @returns the id of a browser that has signed in to the account before; null for others */
export function readDevice(signing: Signing, { email, cookie }: { email: string; cookie: string }): string | null {
  const start = `${cookieName(email)}=`;
  const value = cookie
    .split(/; */)
    .find((part) => part.startsWith(start))
    ?.slice(start.length);
  const [id = '', signature = ''] = value?.split('.') ?? [];
  const [sent, right] = [Buffer.from(signature), Buffer.from(sign(signing, email, id))];
  return sent.length === right.length && timingSafeEqual(sent, right) ? id : null;
}

/** @param of.id the browser's, if it has one. @returns a `Set-Cookie` value by which `readDevice` knows the browser */
export function rememberDevice(signing: Signing, { email, id }: { email: string; id: string | null }): string {
  const deviceId = id ?? randomBytes(16).toString('base64url');
  const secure = signing.url.startsWith('https:') ? '; Secure' : '';
  return `${cookieName(email)}=${deviceId}.${sign(signing, email, deviceId)}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}
