import type { KnownBlock } from '@slack/types';

export type SlackPost = { botToken: string; channel: string; text: string; blocks: KnownBlock[] };

/** What a Slack workspace granted the app. `enterpriseId`: the Enterprise organization it belongs to, if any. */
export type SlackGrant = {
  botToken: string;
  teamId: string;
  teamName: string;
  enterpriseId: string | null;
  appId: string;
  botUserId: string;
  scopes: string[];
};

/** A response that only the person who pressed the button or sent the command sees. */
export type SlackAnswer = { text: string; blocks?: KnownBlock[] };

/** The part of Slack's Web API that Armature uses. All addresses but those of responses come from the configuration. */
export type Slack = {
  /** False if the app's credentials are missing. */
  configured: boolean;
  /**
   * @throws DeliveryFailure `lost` if Slack may have accepted the message, since Slack has no idempotency keys.
   *   `isTokenRevoked` tells whether the token no longer works.
   */
  post(post: SlackPost, options: { signal: AbortSignal }): Promise<{ channel: string; ts: string }>;
  /** Slack's page on which an admin installs the app in a workspace. */
  authorizeUrl(request: { state: string; redirectUrl: string }): string;
  /** Exchanges the code from Slack's redirect. @throws SlackRefusal if Slack refuses it or can't be reached */
  exchangeCode(request: { code: string; redirectUrl: string }): Promise<SlackGrant>;
  /** Revokes a bot token, which removes the app from the workspace. @returns false if Slack did not confirm it */
  revoke(botToken: string): Promise<boolean>;
  /**
   * Responds to a button or command at the address that came with it.
   * @throws SlackRefusal if Slack refuses it or can't be reached, or if the address does not belong to Slack
   */
  respond(address: string, answer: SlackAnswer): Promise<void>;
};
