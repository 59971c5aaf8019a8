import { Resend } from 'resend';
import { DeliveryFailure } from '../../domain/delivery-failure.ts';
import type { Config } from '../config/index.ts';
import type { Email } from './types.ts';

export type { Email, EmailMessage } from './types.ts';

/** E-mail by Resend; its API drops a second message of one idempotency key for 24 hours. */
export function createEmail({ apiKey, apiUrl, from }: Config['email']): Email {
  if (!apiKey)
    return {
      configured: false,
      send: () => Promise.reject(new DeliveryFailure('refused', 'No e-mail provider is set up (RESEND_API_KEY).')),
    };
  const resend = new Resend(apiKey, { baseUrl: apiUrl });
  return {
    configured: true,
    async send({ to, subject, html, text, idempotencyKey }, { signal }) {
      signal.throwIfAborted();
      const { data, error, headers } = await resend.emails.send({ from, to, subject, html, text }, { idempotencyKey });
      if (data) return { id: data.id };
      const status = error.statusCode;
      const message = `Resend: ${error.message}`;
      if (status === 429)
        throw new DeliveryFailure('retry', message, { retryAfterMs: afterMs(headers?.['retry-after']) });
      if (status !== null && status < 500 && status !== 408 && status !== 409)
        throw new DeliveryFailure('refused', message);
      throw new DeliveryFailure('lost', message);
    },
  };
}

function afterMs(header: string | undefined): number | null {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
