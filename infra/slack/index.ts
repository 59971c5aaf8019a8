import { ErrorCode, WebClient } from '@slack/web-api';
import { DeliveryFailure } from '../../domain/delivery-failure.ts';
import type { Config } from '../config/index.ts';
import type { Slack } from './types.ts';

export type { Slack, SlackPost } from './types.ts';

/** The connection was never made, so Slack has taken nothing. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

export function createSlack(config: Config['slack']): Slack {
  return {
    configured: config !== null,
    async post({ botToken, channel, text, blocks }) {
      if (!config) throw new DeliveryFailure('refused', 'Slack is not set up on this installation.');
      // Temporal retries; a retry of the client's own could send twice.
      const client = new WebClient(botToken, {
        slackApiUrl: config.apiUrl,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: 15_000,
      });
      try {
        const posted = await client.chat.postMessage({
          channel,
          text,
          blocks,
          unfurl_links: false,
          unfurl_media: false,
        });
        return { channel: posted.channel ?? channel, ts: posted.ts ?? '' };
      } catch (error) {
        throw toFailure(error);
      }
    },
  };
}

function toFailure(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error)) return error;
  if (error.code === ErrorCode.RateLimitedError && 'retryAfter' in error)
    return new DeliveryFailure('retry', 'Slack asks for a pause.', { retryAfterMs: Number(error.retryAfter) * 1000 });
  if (error.code === ErrorCode.PlatformError && 'data' in error)
    return new DeliveryFailure('refused', `Slack: ${reasonOf(error.data)}`);
  if (error.code === ErrorCode.RequestError && 'original' in error && neverSent.has(codeOf(error.original)))
    return new DeliveryFailure('retry', 'Slack can not be reached.');
  return new DeliveryFailure('lost', "Slack's answer did not come: it may have taken the message.");
}

const reasonOf = (data: unknown): string =>
  typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : 'refused';

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
