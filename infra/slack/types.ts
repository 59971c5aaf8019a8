import type { KnownBlock } from '@slack/types';

export type SlackPost = { botToken: string; channel: string; text: string; blocks: KnownBlock[] };

/** What Armature asks of Slack's Web API. */
export type Slack = {
  /** False without the app's credentials. */
  configured: boolean;
  /** @throws DeliveryFailure; `lost` when Slack may have taken the message. Slack has no idempotency key. */
  post(post: SlackPost, options: { signal: AbortSignal }): Promise<{ channel: string; ts: string }>;
};
