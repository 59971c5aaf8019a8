import { DeliveryFailure } from '../../../domain/notification/delivery-failure.ts';
import { parseRetryAfterMs } from '../../../domain/notification/retry-after.ts';
import { isOutboundError, type OutboundError } from '../../../infra/outbound/error.ts';
import type { Deps } from '../../context/context.ts';
import type { WebhookEndpoint } from '../../destination/webhook/endpoint.ts';
import { sign } from './signature.ts';

const timeoutMs = 10_000;
/** Size limit of the answer, which is not read. */
const maxBytes = 64 * 1024;

/** Statuses that ask for another attempt. */
const busy: ReadonlySet<number> = new Set([408, 425, 429]);

/** Posts a signed message. `id` stays the same in every attempt, so receivers see repeats. @throws DeliveryFailure */
export async function postWebhook(
  { outbound, now }: Pick<Deps, 'outbound' | 'now'>,
  { url, secret, id, body }: WebhookEndpoint & { id: string; body: string },
): Promise<void> {
  const at = Math.floor(now().getTime() / 1000);
  const { host } = new URL(url);
  let response: Response;
  try {
    response = await outbound.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Armature',
        'webhook-id': id,
        'webhook-timestamp': String(at),
        'webhook-signature': sign(secret, { id, at, body }),
      },
      body,
      timeoutMs,
      maxBytes,
      redirect: 'manual',
    });
  } catch (error) {
    if (!isOutboundError(error)) throw error;
    throw toDeliveryFailure(error);
  }
  const { status, headers } = response;
  await response.body?.cancel();
  if (status >= 200 && status < 300) return;
  if (status === 410)
    throw new DeliveryFailure('refused', `${host} answered that this webhook is gone (HTTP status 410).`);
  if (busy.has(status) || status >= 500)
    throw new DeliveryFailure('retry', `${host} answered with HTTP status ${status}.`, {
      retryAfterMs: parseRetryAfterMs(headers.get('retry-after'), now()),
    });
  if (status >= 300 && status < 400)
    throw new DeliveryFailure(
      'refused',
      `${host} redirects to another address (HTTP status ${status}), which is not followed. Enter that address in the webhook.`,
    );
  throw new DeliveryFailure('refused', `${host} refused the message (HTTP status ${status}).`);
}

/** Errors of connections that were never made: the message was certainly not accepted. */
const neverSent: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

function toDeliveryFailure({ kind, message, remediation, details }: OutboundError): DeliveryFailure {
  switch (kind) {
    case 'blocked':
    case 'invalid_url':
      return new DeliveryFailure('refused', `${message} ${remediation}`);
    case 'dns':
    case 'refused':
    case 'tls':
      return new DeliveryFailure('retry', message);
    default:
      return new DeliveryFailure(neverSent.has(details.code ?? '') ? 'retry' : 'lost', message);
  }
}
