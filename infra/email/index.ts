import { Resend } from 'resend';
import { z } from 'zod';
import { DeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import type { Config } from '../config/index.ts';
import type { Email } from './types.ts';

export type { Email } from './types.ts';

/** The client has no time limit of its own, and doesn't try again by itself. Milliseconds. */
const defaultTimeoutMs = 15_000;

/** What the client hands on is whatever the answer's JSON was. */
const taken = z.object({ id: z.string().min(1).max(200) });
const refusal = z.object({
  name: z.string().catch(''),
  message: z.string().catch('no reason given'),
  statusCode: z.number().nullable().catch(null),
});

/**
 * E-mail by Resend; its API drops a second message of one idempotency key for 24 hours, so what may have been taken is safe to send again
 * under the same one.
 */
export function createEmail(
  { apiKey, apiUrl, from }: Config['email'],
  { timeoutMs = defaultTimeoutMs }: { timeoutMs?: number } = {},
): Email {
  if (!apiKey)
    return {
      configured: false,
      send: () => Promise.reject(new DeliveryFailure('refused', 'No e-mail provider is set up (RESEND_API_KEY).')),
    };
  const resend = new Resend(apiKey, { baseUrl: apiUrl });
  return {
    configured: true,
    async send({ to, subject, html, text, idempotencyKey, reference }, { signal }) {
      signal.throwIfAborted();
      const answer = await resend.emails.send(
        { from, to, subject, html, text, tags: [{ name: 'delivery', value: reference }] },
        { idempotencyKey, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
      );
      const done = taken.safeParse(answer.data);
      if (done.success) return done.data;
      const said = refusal.safeParse(answer.error);
      throw said.success ? toDeliveryFailure(said.data, answer.headers, apiKey) : unreadable();
    },
  };
}

const unreadable = () => new DeliveryFailure('lost', "Resend's answer can't be read: it may have taken the message.");

function toDeliveryFailure(
  { name, message, statusCode }: z.infer<typeof refusal>,
  headers: Record<string, string> | null,
  apiKey: string,
): DeliveryFailure {
  // No connection, a broken one and a time limit look the same here: the client keeps no cause. All may be sent again.
  if (headers === null) return new DeliveryFailure('lost', 'Resend did not answer: it may have taken the message.');
  if (statusCode === null) return unreadable();
  const reason = `Resend: ${message.replaceAll(apiKey, '[redacted]').replace(/\s+/g, ' ').slice(0, 300)}`;
  if (statusCode === 429)
    return new DeliveryFailure('retry', reason, { retryAfterMs: afterMs(headers['retry-after']) });
  if (name === 'concurrent_idempotent_requests') return new DeliveryFailure('retry', reason);
  if (name === 'invalid_idempotent_request')
    return new DeliveryFailure(
      'refused',
      'Resend has taken an earlier message under the key of this one, with other words. Press retry to send this one too.',
    );
  if (statusCode === 408 || statusCode >= 500) return new DeliveryFailure('lost', reason);
  if (statusCode === 401 || statusCode === 403)
    return new DeliveryFailure(
      'refused',
      `${reason} The operator has to check RESEND_API_KEY and ARMATURE_EMAIL_FROM.`,
    );
  return new DeliveryFailure('refused', reason);
}

function afterMs(header: string | undefined): number | null {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
