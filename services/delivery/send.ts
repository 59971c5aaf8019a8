import { alertMessage } from '../../domain/notification/message.ts';
import { destination as destinationSchema } from '../../domain/notification/rule.ts';
import type { DeliveryModel } from '../../prisma/generated/models.ts';
import { renderEmail } from '../channel/email/render.ts';
import { postToSlack } from '../channel/slack/post.ts';
import { slackBlocks } from '../channel/slack/render.ts';
import { webhookBody } from '../channel/webhook/render.ts';
import { postWebhook } from '../channel/webhook/send.ts';
import type { Deps } from '../context/context.ts';
import { botTokenOf } from '../destination/slack/bot-token.ts';
import { readWebhook } from '../destination/webhook/endpoint.ts';

/** How a delivery goes out, with everything that can be read before. */
export type Sending =
  /** `once`: its provider takes every message that it is sent. @throws DeliveryFailure */
  | { kind: 'send'; once: boolean; send(): Promise<{ providerId: string | null }> }
  | { kind: 'outbox' }
  /** It can't go there, whatever is tried: a sentence with what to do. */
  | { kind: 'impossible'; error: string };

/** Time limit of one request to Slack or Resend, in milliseconds, above the ones that their clients keep to. */
const requestMs = 20_000;

/** @throws whatever keeps the row's secrets from being read, which another attempt may not meet. */
export async function prepareSending(deps: Deps, row: DeliveryModel): Promise<Sending> {
  const { config, email } = deps;
  const { orgId, id: deliveryId, round, ruleId } = row;
  const to = destinationSchema.parse(row.destination);
  const message = alertMessage.parse(row.message);
  // Not the activity's own signal: a send is short, and one that is broken off may or may not have been taken.
  const limited = () => ({ signal: AbortSignal.timeout(requestMs) });
  switch (to.kind) {
    case 'email': {
      if (!email.configured) return { kind: 'outbox' };
      const rendered = await renderEmail(message, { url: config.url });
      return {
        kind: 'send',
        once: false,
        async send() {
          const { id } = await email.send(
            {
              to: to.address,
              ...rendered,
              idempotencyKey: `delivery/${deliveryId}/${round}`,
              reference: `${deliveryId}_${round}`,
            },
            limited(),
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
      const body = JSON.stringify(webhookBody(message, { url: config.url, row }));
      return {
        kind: 'send',
        once: false,
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
          error: 'Slack is not set up on this installation: its operator has to give the credentials of the Slack app.',
        };
      if (!(await botTokenOf(deps, { orgId, installationId })))
        return {
          kind: 'impossible',
          error: 'The Slack workspace is not connected any more. Have an admin connect it again, then press retry.',
        };
      const rendered = slackBlocks(message, { url: config.url, orgId, ruleId });
      return {
        kind: 'send',
        once: true,
        async send() {
          const posted = await postToSlack(deps, { orgId, installationId, channel, ...rendered }, limited());
          return { providerId: `${posted.channel}:${posted.ts}` };
        },
      };
    }
  }
}
