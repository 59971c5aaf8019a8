import type { KnownBlock } from '@slack/types';

export type SlackPost = { botToken: string; channel: string; text: string; blocks: KnownBlock[] };

/** What one Slack workspace gave the app. `enterpriseId`: of the Enterprise organization that the workspace belongs to. */
export type SlackGrant = {
  botToken: string;
  teamId: string;
  teamName: string;
  enterpriseId: string | null;
  appId: string;
  botUserId: string;
  scopes: string[];
};

/** An answer that only the person who asked sees. */
export type SlackAnswer = { text: string; blocks?: KnownBlock[] };

/** What Armature asks of Slack's Web API. Every address but an answer's comes from the configuration. */
export type Slack = {
  /** False without the app's credentials. */
  configured: boolean;
  /**
   * @throws DeliveryFailure; `lost` when Slack may have taken the message: Slack has no idempotency key. One for which
   * `isTokenRevoked` holds when the token is of no use any more.
   */
  post(post: SlackPost, options: { signal: AbortSignal }): Promise<{ channel: string; ts: string }>;
  /** Where an admin gives the app its scopes in a workspace. */
  authorizeUrl(of: { state: string; redirectUrl: string }): string;
  /** Trades the code that Slack sent the browser back with. @throws SlackRefusal when Slack refuses it, or can't be reached. */
  exchangeCode(of: { code: string; redirectUrl: string }): Promise<SlackGrant>;
  /** Takes a bot token back, which ends the app's stay in that workspace. @returns false when Slack did not confirm it. */
  revoke(botToken: string): Promise<boolean>;
  /**
   * Answers a press or a command at the address that came with it.
   * @throws SlackRefusal when Slack refuses it or can't be reached, or when the address is none of Slack's.
   */
  respond(address: string, answer: SlackAnswer): Promise<void>;
};
