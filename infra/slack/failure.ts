import { ErrorCode } from '@slack/web-api';
import { DeliveryFailure } from '../../domain/notification/delivery-failure.ts';

/** What Slack did not do, in one sentence for people. `code`: Slack's own, or null when it gave none. */
export class SlackRefusal extends Error {
  override readonly name = 'SlackRefusal';
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

const revokedMark = Symbol.for('armature.slack-token-revoked');

/** True for the failure of a call whose token Slack does not take any more: the app was removed or its token revoked. */
export const isTokenRevoked = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && revokedMark in error;

/** https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const revoked = new Set(['account_inactive', 'invalid_auth', 'token_revoked', 'token_expired', 'not_authed']);
/** Nothing was taken, and the same call may work later. */
const busy = new Set([
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
  'org_login_required',
]);
/** "It's possible some aspect of the operation succeeded before the error was raised." */
const halfDone = new Set(['fatal_error', 'internal_error']);

/** No connection was made, so Slack has taken nothing. */
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

/** Pause where Slack asks for one without saying how long. */
const defaultPauseMs = 30_000;

const lost = () => new DeliveryFailure('lost', "Slack's answer did not come: it may have taken the message.");

/** What a failed call of `@slack/web-api` means for a message that was to be sent once. */
export function toDeliveryFailure(error: unknown): unknown {
  const of = facts(error);
  switch (of?.kind) {
    case ErrorCode.RateLimitedError:
      return new DeliveryFailure('retry', 'Slack asks for a pause.', { retryAfterMs: of.retryAfterMs });
    case ErrorCode.PlatformError:
      return ofPlatform(of.reason);
    case ErrorCode.HTTPError:
      // Slack answers 200 to what it has read; a 4xx was turned away before, by a proxy or for its form.
      return of.status >= 400 && of.status < 500
        ? new DeliveryFailure('refused', `Slack answered with HTTP status ${of.status}.`)
        : lost();
    case ErrorCode.RequestError:
      return neverSent.has(of.reason) ? new DeliveryFailure('retry', 'Slack can not be reached.') : lost();
    default:
      return error;
  }
}

function ofPlatform(reason: string): DeliveryFailure {
  // The client takes an answer that is no JSON for a reason.
  if (!isReason(reason) || halfDone.has(reason)) return lost();
  if (busy.has(reason)) return new DeliveryFailure('retry', `Slack: ${reason}.`, { retryAfterMs: defaultPauseMs });
  const refused = new DeliveryFailure('refused', describeReason(reason));
  return revoked.has(reason) ? Object.assign(refused, { [revokedMark]: true }) : refused;
}

/** The same for a call that answers somebody at once: there is no retry, so there is one kind of failure. */
export function toRefusal(error: unknown): unknown {
  const of = facts(error);
  switch (of?.kind) {
    case ErrorCode.RateLimitedError:
      return new SlackRefusal('Slack asks for a pause: try again in a minute.');
    case ErrorCode.PlatformError:
      return isReason(of.reason) ? new SlackRefusal(describeReason(of.reason), of.reason) : unreadable();
    case ErrorCode.HTTPError:
      return new SlackRefusal(`Slack answered with HTTP status ${of.status}.`);
    case ErrorCode.RequestError:
      return new SlackRefusal('Slack can not be reached.');
    default:
      return error;
  }
}

export const unreadable = (): SlackRefusal => new SlackRefusal("Slack's answer can't be read.");

const isReason = (text: string): boolean => /^[a-z][a-z0-9_.-]{0,80}$/.test(text);

const hints: Record<string, string> = {
  channel_not_found: 'there is no such channel, or it is private and the app was not invited to it',
  not_in_channel: 'the app is not in that channel: invite it',
  is_archived: 'the channel is archived',
  restricted_action: 'a setting of the Slack workspace keeps the app from posting there',
  missing_scope: 'the app lacks a scope: connect Slack again',
  account_inactive: 'the app was removed from the Slack workspace: connect Slack again',
  invalid_auth: 'the token is not valid any more: connect Slack again',
  token_revoked: 'the token was revoked: connect Slack again',
  invalid_code: 'the code was not valid: start again',
  code_already_used: 'the code was used already: start again',
  bad_redirect_uri: "the app's redirect URL is not that of this installation",
  invalid_client_id: 'SLACK_CLIENT_ID is not that of an app',
  bad_client_secret: 'SLACK_CLIENT_SECRET does not belong to this app',
};

const describeReason = (reason: string): string => `Slack: ${hints[reason] ?? 'refused'} (${reason}).`;

type Facts =
  | { kind: ErrorCode.RateLimitedError; retryAfterMs: number }
  | { kind: ErrorCode.PlatformError; reason: string }
  | { kind: ErrorCode.HTTPError; status: number }
  | { kind: ErrorCode.RequestError; reason: string };

function facts(error: unknown): Facts | null {
  if (!(error instanceof Error)) return null;
  const code = read(error, 'code');
  switch (code) {
    case ErrorCode.RateLimitedError:
      return { kind: code, retryAfterMs: Number(read(error, 'retryAfter')) * 1000 };
    case ErrorCode.PlatformError:
      return { kind: code, reason: String(read(read(error, 'data'), 'error')) };
    case ErrorCode.HTTPError:
      return { kind: code, status: Number(read(error, 'statusCode')) };
    case ErrorCode.RequestError: {
      // fetch says "fetch failed" and keeps why in its cause.
      const original = read(error, 'original');
      return { kind: code, reason: String(read(read(original, 'cause'), 'code') ?? read(original, 'code')) };
    }
    default:
      // A 429 without Retry-After comes as a plain error.
      return error.message.startsWith('Retry header did not contain a valid timeout')
        ? { kind: ErrorCode.RateLimitedError, retryAfterMs: defaultPauseMs }
        : null;
  }
}

const read = (from: unknown, name: string): unknown =>
  typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
