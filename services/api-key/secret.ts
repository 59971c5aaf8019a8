import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

// N = 2^14, r = 8, p = 1: 16 MiB and some 30 ms a hash; the secret itself has 256 bits.
const derive = promisify<string, Buffer, number, Buffer>(scrypt);

export const newKeyId = (): string => randomBytes(8).toString('hex');

/** Generates a key `amt_<key-id>_<secret>`. Only `hash` is stored. */
export async function newApiKey(): Promise<{ id: string; key: string; hash: string }> {
  const id = newKeyId();
  const secret = randomBytes(32).toString('base64url');
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, 32);
  return { id, key: `amt_${id}_${secret}`, hash: `scrypt$${salt.toString('base64')}$${hash.toString('base64')}` };
}

/** Whether `secret` is the one that was hashed. Compares in constant time. */
export async function matchesHash(secret: string, stored: string): Promise<boolean> {
  const [scheme, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = await derive(secret, Buffer.from(salt, 'base64'), expected.length);
  return timingSafeEqual(actual, expected);
}
