import { ErrorCode } from '@slack/web-api';
import { DeliveryFailure } from '../../domain/notification/delivery-failure.ts';

/** Slack refused a call. `message` is one sentence for people; `code` is Slack's own error code, if it sent one. */
export class SlackRefusal extends Error {
  override readonly name = 'SlackRefusal';
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

const revokedMark = Symbol.for('armature.slack-token-revoked');

/** Whether Slack no longer accepts the token of the failed call: the app was removed or its token revoked. */
export const isTokenRevoked = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && revokedMark in error;

/** https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const revoked = new Set(['account_inactive', 'invalid_auth', 'token_revoked', 'token_expired', 'not_authed']);
/** Slack accepted nothing; the same call may work later. */
const busy = new Set([
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
  'org_login_required',
]);
/** Slack documents these as "some aspect of the operation" may have succeeded. */
const halfDone = new Set(['fatal_error', 'internal_error']);

/** There was no connection, so Slack accepted nothing. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Pause before a retry if Slack rate-limits without saying for how long. */
const defaultPauseMs = 30_000;

const lost = () => new DeliveryFailure('lost', 'Slack did not answer. It may have accepted the message.');

/**
 * Maps an error of `@slack/web-api` to a delivery failure. Returns other errors unchanged.
 * @param retryAfterMs what Slack's `Retry-After` asks for
 */
export function toDeliveryFailure(error: unknown, retryAfterMs: number | null): unknown {
  const pause = { retryAfterMs: retryAfterMs ?? defaultPauseMs };
  const failure = facts(error);
  switch (failure?.kind) {
    case ErrorCode.RateLimitedError:
      return new DeliveryFailure('retry', 'Slack limits requests at the moment.', pause);
    case ErrorCode.PlatformError:
      return toPlatformFailure(failure.reason, pause);
    case ErrorCode.HTTPError:
      // Slack answers 200 to every request that it has read; a 4xx was refused before that, by a proxy or for its form.
      return failure.status >= 400 && failure.status < 500
        ? new DeliveryFailure('refused', `Slack answered with HTTP status ${failure.status}.`)
        : lost();
    case ErrorCode.RequestError:
      return neverSent.has(failure.reason) ? new DeliveryFailure('retry', "Slack can't be reached.") : lost();
    default:
      return error;
  }
}

function toPlatformFailure(reason: string, pause: { retryAfterMs: number }): DeliveryFailure {
  // The client passes on an answer that is not JSON as the reason.
  if (!isReason(reason) || halfDone.has(reason)) return lost();
  if (busy.has(reason)) return new DeliveryFailure('retry', `Slack: ${reason}.`, pause);
  const refused = new DeliveryFailure('refused', describeReason(reason));
  return revoked.has(reason) ? Object.assign(refused, { [revokedMark]: true }) : refused;
}

/** Maps an error of an interactive call, which is not retried. Returns other errors unchanged. */
export function toRefusal(error: unknown): unknown {
  const failure = facts(error);
  switch (failure?.kind) {
    case ErrorCode.RateLimitedError:
      return new SlackRefusal('Slack limits requests at the moment. Try again in a minute.');
    case ErrorCode.PlatformError:
      return isReason(failure.reason) ? new SlackRefusal(describeReason(failure.reason), failure.reason) : unreadable();
    case ErrorCode.HTTPError:
      return new SlackRefusal(`Slack answered with HTTP status ${failure.status}.`);
    case ErrorCode.RequestError:
      return new SlackRefusal("Slack can't be reached.");
    default:
      return error;
  }
}

export const unreadable = (): SlackRefusal => new SlackRefusal("Slack's answer can't be read.");

const isReason = (text: string): boolean => /^[a-z][a-z0-9_.-]{0,80}$/.test(text);

const hints: Record<string, string> = {
  channel_not_found: 'the channel does not exist, or is private and the app is not a member. Invite the app',
  not_in_channel: 'the app is not in that channel. Invite it',
  is_archived: 'the channel is archived',
  restricted_action: 'a setting of the Slack workspace does not let the app post there',
  missing_scope: 'the app lacks a scope. Connect Slack again',
  account_inactive: 'the app was removed from the Slack workspace. Connect Slack again',
  invalid_auth: 'the token is no longer valid. Connect Slack again',
  token_revoked: 'the token was revoked. Connect Slack again',
  invalid_code: 'the code is invalid. Start again',
  code_already_used: 'the code was already used. Start again',
  bad_redirect_uri: "the app's redirect URL does not match this installation",
  invalid_client_id: 'no app has this SLACK_CLIENT_ID',
  bad_client_secret: 'SLACK_CLIENT_SECRET does not belong to this app',
};

const describeReason = (reason: string): string => `Slack: ${hints[reason] ?? 'refused'} (${reason}).`;

type Facts =
  | { kind: ErrorCode.RateLimitedError }
  | { kind: ErrorCode.PlatformError; reason: string }
  | { kind: ErrorCode.HTTPError; status: number }
  | { kind: ErrorCode.RequestError; reason: string };

function facts(error: unknown): Facts | null {
  if (!(error instanceof Error)) return null;
  const code = read(error, 'code');
  switch (code) {
    case ErrorCode.RateLimitedError:
      return { kind: code };
    case ErrorCode.PlatformError:
      return { kind: code, reason: String(read(read(error, 'data'), 'error')) };
    case ErrorCode.HTTPError:
      return { kind: code, status: Number(read(error, 'statusCode')) };
    case ErrorCode.RequestError: {
      // fetch says only "fetch failed"; the reason is in its cause.
      const original = read(error, 'original');
      return { kind: code, reason: String(read(read(original, 'cause'), 'code') ?? read(original, 'code')) };
    }
    default:
      // The client throws a plain error for a 429 whose Retry-After it can't read.
      return error.message.startsWith('Retry header did not contain a valid timeout')
        ? { kind: ErrorCode.RateLimitedError }
        : null;
  }
}

const read = (from: unknown, name: string): unknown =>
  typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
