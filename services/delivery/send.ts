import { alertMessage } from '../../domain/notification/message.ts';
import { destination as destinationSchema } from '../../domain/notification/rule.ts';
import { hourMs } from '../../domain/values/time.ts';
import type { DeliveryModel } from '../../prisma/generated/models.ts';
import { renderEmail } from '../channel/email/render.ts';
import { postToSlack } from '../channel/slack/post.ts';
import { toSlackBlocks } from '../channel/slack/render.ts';
import { toWebhookBody } from '../channel/webhook/render.ts';
import { postWebhook } from '../channel/webhook/send.ts';
import type { Deps } from '../context/context.ts';
import { readBotToken } from '../destination/slack/bot-token.ts';
import { readWebhook } from '../destination/webhook/endpoint.ts';

/** How to send a delivery, with everything that can be read before. */
export type Sending =
  /**
   * `repeatableForMs`: how long the provider drops a second message with the same key; 0: it knows no keys, so each
   * request can be another message. @throws DeliveryFailure
   */
  | { kind: 'send'; repeatableForMs: number; send(): Promise<{ providerId: string | null }> }
  | { kind: 'outbox' }
  /** It can't be sent, whatever is tried. `error` says what to do. */
  | { kind: 'impossible'; error: string };

/** Time limit of one request to Slack or Resend, above the limits of their clients. */
const requestTimeoutMs = 20_000;
/** Resend drops a second message with the same key for 24 hours. */
const resendKeepsKeysMs = 23 * hourMs;

/** What is sent where. `ruleId`: null for the test of a destination, which belongs to no rule. */
export type Outgoing = Pick<DeliveryModel, 'id' | 'orgId' | 'round' | 'sequence' | 'createdAt'> & {
  ruleId: string | null;
  destination: unknown;
  message: unknown;
};

/** @throws DeliveryFailure when the destination's secrets can't be read: the operator may mend that in time */
export async function prepareSending(deps: Deps, row: Outgoing): Promise<Sending> {
  const { config, email } = deps;
  const { orgId, id: deliveryId, round, ruleId } = row;
  const to = destinationSchema.parse(row.destination);
  const message = alertMessage.parse(row.message);
  // Not the activity's own signal: sending is short, and an aborted request may or may not have been accepted.
  const withTimeout = () => ({ signal: AbortSignal.timeout(requestTimeoutMs) });
  switch (to.kind) {
    case 'email': {
      if (!email.configured) return { kind: 'outbox' };
      const rendered = await renderEmail(message, { url: config.url });
      return {
        kind: 'send',
        repeatableForMs: resendKeepsKeysMs,
        async send() {
          const { id } = await email.send(
            {
              to: to.address,
              ...rendered,
              idempotencyKey: `delivery/${deliveryId}/${round}`,
              reference: `${deliveryId}_${round}`,
            },
            withTimeout(),
          );
          return { providerId: id };
        },
      };
    }
    case 'webhook': {
      const webhook = await readWebhook(deps, { orgId, webhookId: to.webhookId });
      if (!webhook)
        return {
          kind: 'impossible',
          error: 'The webhook was deleted. Choose another destination in the rule, then press retry.',
        };
      const body = JSON.stringify(toWebhookBody(message, { url: config.url, row }));
      return {
        kind: 'send',
        repeatableForMs: Number.POSITIVE_INFINITY,
        async send() {
          await postWebhook(deps, { ...webhook, id: `${deliveryId}_${round}`, body });
          return { providerId: null };
        },
      };
    }
    case 'slack': {
      const { installationId, channel } = to;
      if (!deps.slack.configured)
        return {
          kind: 'impossible',
          error: 'Slack is not configured on this installation. The operator sets the credentials of the Slack app.',
        };
      if (!(await readBotToken(deps, { orgId, installationId })))
        return {
          kind: 'impossible',
          error: 'The Slack workspace is disconnected. Ask an admin to connect it again, then press retry.',
        };
      const rendered = toSlackBlocks(message, { url: config.url, orgId, ruleId });
      return {
        kind: 'send',
        repeatableForMs: 0,
        async send() {
          const posted = await postToSlack(deps, { orgId, installationId, channel, ...rendered }, withTimeout());
          return { providerId: `${posted.channel}:${posted.ts}` };
        },
      };
    }
  }
}
