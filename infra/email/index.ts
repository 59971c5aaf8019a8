import { Resend } from 'resend';
import { z } from 'zod';
import { DeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { parseRetryAfterMs } from '../../domain/notification/retry-after.ts';
import type { Config } from '../config/index.ts';
import type { Email } from './types.ts';

export type { Email } from './types.ts';

/** Resend's client has no time limit of its own, and doesn't retry. */
const defaultTimeoutMs = 15_000;

/** Parsed, since the client passes on any JSON it received. */
const accepted = z.object({ id: z.string().min(1).max(200) });
const refusal = z.object({
  name: z.string().catch(''),
  message: z.string().catch('no reason given'),
  statusCode: z.number().nullable().catch(null),
});

/**
 * Sends e-mail with Resend. Its API drops a second message with the same idempotency key for 24 hours, so a message
 * that Resend may have accepted is safe to send again with that key.
 */
export function createEmail(
  { apiKey, apiUrl, from }: Config['email'],
  { timeoutMs = defaultTimeoutMs }: { timeoutMs?: number } = {},
): Email {
  if (!apiKey)
    return {
      configured: false,
      send: () =>
        Promise.reject(
          new DeliveryFailure('refused', 'No e-mail provider is configured. The operator can set RESEND_API_KEY.'),
        ),
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
      const sent = accepted.safeParse(answer.data);
      if (sent.success) return sent.data;
      const refused = refusal.safeParse(answer.error);
      throw refused.success ? toFailure(refused.data, answer.headers, apiKey) : unreadable();
    },
  };
}

const unreadable = () =>
  new DeliveryFailure('lost', "Resend's answer can't be read. It may have accepted the message.");

function toFailure(
  { name, message, statusCode }: z.infer<typeof refusal>,
  headers: Record<string, string> | null,
  apiKey: string,
): DeliveryFailure {
  // The client keeps no cause: a refused connection, a broken one and a timeout look the same. All are safe to retry.
  if (headers === null) return new DeliveryFailure('lost', 'Resend did not answer. It may have accepted the message.');
  if (statusCode === null) return unreadable();
  const text = `Resend: ${message.replaceAll(apiKey, '[redacted]').replace(/\s+/g, ' ').slice(0, 300)}`;
  const pause = { retryAfterMs: parseRetryAfterMs(headers['retry-after'], new Date()) };
  if (statusCode === 429 || name === 'concurrent_idempotent_requests') return new DeliveryFailure('retry', text, pause);
  if (name === 'invalid_idempotent_request')
    return new DeliveryFailure(
      'refused',
      'Resend already accepted a different message with the same idempotency key. Press Retry to send this one too.',
    );
  if (statusCode === 408 || statusCode >= 500) return new DeliveryFailure('lost', text, pause);
  if (statusCode === 401 || statusCode === 403)
    return new DeliveryFailure('refused', `${text} The operator has to check RESEND_API_KEY and ARMATURE_EMAIL_FROM.`);
  return new DeliveryFailure('refused', text);
}
