import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks): the signature is the HMAC-SHA256 of
 * `id.timestamp.body` in base64, with a key in the form `whsec_<base64>`.
 */
const prefix = 'whsec_';
/** Accepted clock difference, and how long a captured message can be replayed. */
const toleranceSeconds = 5 * 60;

export const newSigningSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`;

/** @param of.at Unix time in whole seconds. @returns such as `v1,K5oZ…`. */
export function sign(secret: string, { id, at, body }: { id: string; at: number; body: string }): string {
  const key = Buffer.from(secret.replace(prefix, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

/** Headers as received. One of several signatures must match, since senders rotate their keys. */
export type SignedHeaders = { id: string | undefined; timestamp: string | undefined; signatures: string | undefined };

/** @returns what is wrong; null when the holder of the secret sent this message within the last five minutes */
export function findSignatureProblem(
  secret: string,
  { id, timestamp, signatures }: SignedHeaders,
  { body, now }: { body: string; now: Date },
): string | null {
  if (!id || !timestamp || !signatures) return 'The signature headers are missing.';
  if (!/^\d{1,12}$/.test(timestamp)) return 'The timestamp is not a Unix time in seconds.';
  const at = Number(timestamp);
  const expected = Buffer.from(sign(secret, { id, at, body }));
  const isValid = signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!isValid) return 'The signature is invalid.';
  const isFresh = Math.abs(now.getTime() / 1000 - at) <= toleranceSeconds;
  return isFresh ? null : 'The message is older than five minutes, or from the future.';
}
