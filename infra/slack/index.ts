import { type Logger, LogLevel, WebClient } from '@slack/web-api';
import { z } from 'zod';
import { DeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { parseRetryAfterMs } from '../../domain/notification/retry-after.ts';
import type { Config } from '../config/index.ts';
import { SlackRefusal, toDeliveryFailure, toRefusal, unreadable } from './failure.ts';
import type { Slack, SlackGrant } from './types.ts';

export { isTokenRevoked, SlackRefusal } from './failure.ts';
export type { Slack, SlackAnswer, SlackGrant } from './types.ts';

/** Scopes that the app requests. slack-manifest.yaml lists the same. */
export const slackScopes = ['chat:write', 'chat:write.public', 'channels:read', 'commands'] as const;

const timeoutMs = 15_000;

const notSetUp = 'Slack is not configured on this installation.';

/** Where Slack receives responses to buttons and commands. */
const responseOrigin = 'https://hooks.slack.com';

/** Failures are thrown with all details. The client's own log lines would put requests and answers into the log. */
const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

const granted = z.object({
  access_token: z.string().min(1),
  token_type: z.literal('bot'),
  refresh_token: z.string().optional(),
  scope: z.string().default(''),
  bot_user_id: z.string().min(1),
  app_id: z.string().min(1),
  team: z
    .object({ id: z.string().min(1), name: z.string().default('') })
    .nullable()
    .default(null),
  enterprise: z.object({ id: z.string() }).nullable().default(null),
});

export function createSlack(config: Config['slack']): Slack {
  const client = (token: string | undefined, fetchWith: typeof fetch = fetch) =>
    new WebClient(token, {
      slackApiUrl: config?.apiUrl ?? '',
      // Temporal retries. The client's own retries could send a message twice.
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: timeoutMs,
      allowAbsoluteUrls: false,
      logger: silentLogger,
      fetch: fetchWith,
    });
  const responseOrigins = new Set([responseOrigin, ...(config ? [new URL(config.apiUrl).origin] : [])]);

  return {
    configured: config !== null,

    async post({ botToken, channel, text, blocks }, { signal }) {
      if (!config) throw new DeliveryFailure('refused', notSetUp);
      // The client reads only whole seconds of this header.
      let retryAfter: string | null = null;
      try {
        const posted = await client(botToken, async (url, init) => {
          const signals = [signal, ...(init?.signal ? [init.signal] : [])];
          const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
          retryAfter = response.headers.get('retry-after');
          return response;
        }).chat.postMessage({
          channel,
          text,
          blocks,
          parse: 'none',
          link_names: false,
          unfurl_links: false,
          unfurl_media: false,
        });
        return { channel: posted.channel ?? channel, ts: posted.ts ?? '' };
      } catch (error) {
        throw toDeliveryFailure(error, parseRetryAfterMs(retryAfter, new Date()));
      }
    },

    authorizeUrl({ state, redirectUrl }) {
      if (!config) throw new SlackRefusal(notSetUp);
      const url = new URL('/oauth/v2/authorize', config.apiUrl);
      url.search = new URLSearchParams({
        client_id: config.clientId,
        scope: slackScopes.join(','),
        state,
        redirect_uri: redirectUrl,
      }).toString();
      return url.href;
    },

    async exchangeCode({ code, redirectUrl }) {
      if (!config) throw new SlackRefusal(notSetUp);
      let answer: unknown;
      try {
        answer = await client(undefined).oauth.v2.access({
          client_id: config.clientId,
          client_secret: config.clientSecret,
          code,
          redirect_uri: redirectUrl,
        });
      } catch (error) {
        throw toRefusal(error);
      }
      return readGrant(answer);
    },

    async revoke(botToken) {
      if (!config) return false;
      try {
        return (await client(botToken).auth.revoke()).ok;
      } catch (error) {
        const refusal = toRefusal(error);
        if (refusal instanceof SlackRefusal) return false;
        throw error;
      }
    },

    async respond(address, { text, blocks }) {
      // The address comes from a request that Slack signed. Even so, it must lead to Slack.
      if (!URL.canParse(address) || !responseOrigins.has(new URL(address).origin))
        throw new SlackRefusal('The response address does not belong to Slack.');
      let status: number;
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify({
            response_type: 'ephemeral',
            replace_original: false,
            text,
            ...(blocks && { blocks }),
          }),
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        await response.body?.cancel();
        status = response.status;
      } catch (error) {
        if (error instanceof Error) throw new SlackRefusal("Slack can't be reached.");
        throw error;
      }
      if (status !== 200) throw new SlackRefusal(`Slack answered with HTTP status ${status}.`);
    },
  };
}

/** @throws SlackRefusal for a grant that the app can't work with */
function readGrant(answer: unknown): SlackGrant {
  const parsed = granted.safeParse(answer);
  if (!parsed.success) throw unreadable();
  const { access_token, refresh_token, scope, bot_user_id, app_id, team, enterprise } = parsed.data;
  if (!team)
    throw new SlackRefusal(
      'The app was installed for a whole Enterprise organization. Install it in one of its workspaces instead.',
    );
  if (refresh_token !== undefined)
    throw new SlackRefusal(
      "The app's tokens expire because token rotation is on in its settings. Create an app without token rotation.",
    );
  return {
    botToken: access_token,
    teamId: team.id,
    teamName: team.name || team.id,
    enterpriseId: enterprise?.id ?? null,
    appId: app_id,
    botUserId: bot_user_id,
    scopes: scope.split(',').filter(Boolean),
  };
}
