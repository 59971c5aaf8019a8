import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): the signature is
 * the HMAC-SHA256 of `id.timestamp.body`, in base64, by a key that is written `whsec_<base64>`.
 */
const prefix = 'whsec_';
/** How far the clocks of both sides may be apart, and how long a message can be sent again by whoever read it. Seconds. */
const toleranceSeconds = 5 * 60;

export const newSigningSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`;

/** @param of.at Unix time in whole seconds. @returns such as `v1,K5oZ…`. */
export function sign(secret: string, of: { id: string; at: number; body: string }): string {
  const key = Buffer.from(secret.replace(prefix, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${of.id}.${of.at}.${of.body}`).digest('base64')}`;
}

/** Headers as they came; any of several signatures may fit, since senders rotate their keys. */
export type SignedHeaders = { id: string | undefined; timestamp: string | undefined; signatures: string | undefined };

/** @returns null when the message is what the holder of the secret sent within the last five minutes, else what is wrong. */
export function whyNotSigned(
  secret: string,
  { id, timestamp, signatures }: SignedHeaders,
  { body, now }: { body: string; now: Date },
): string | null {
  if (!id || !timestamp || !signatures) return 'The signature headers are missing.';
  if (!/^\d{1,12}$/.test(timestamp)) return 'The timestamp is not a number of seconds.';
  const at = Number(timestamp);
  const expected = Buffer.from(sign(secret, { id, at, body }));
  const fits = signatures.split(' ').some((each) => {
    const given = Buffer.from(each);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!fits) return 'The signature does not fit.';
  const isFresh = Math.abs(now.getTime() / 1000 - at) <= toleranceSeconds;
  return isFresh ? null : 'The message is older than five minutes, or from the future.';
}
