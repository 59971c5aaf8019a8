import type { TargetErrorDetails } from '../../../agent/ports.ts';
import { TargetError } from '../error.ts';
import { type Asked, rpcFailure } from '../failure.ts';
import { readChallenge } from './challenge.ts';
import { readMessage } from './message.ts';

export type RefusedRequest = Asked & {
  url: URL;
  id?: string | number;
  hasCredentials: boolean;
  /** Whether the request carried an `Mcp-Session-Id`. */
  hasSession: boolean;
};

/** A server that only drips its explanation is not waited for. */
const maxBodyMs = 1000;
const maxBodyBytes = 64 * 1024;

/** What an HTTP answer means that is no success: the one place that decides it. */
export async function readRefusal(response: Response, request: RefusedRequest): Promise<TargetError> {
  const { host, asked, quote, hasSession } = request;
  const { status } = response;
  const body = await readSome(response);
  const answer = quote(body);
  const challenge = readChallenge(response.headers.get('www-authenticate'), quote);
  const error = readRpcError(body, request.id);
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), Date.now());
  const details: TargetErrorDetails = {
    status,
    ...(answer !== '' && { answer }),
    ...(challenge && { wwwAuthenticate: challenge }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  if (hasSession && status === 404) {
    return new TargetError('session_lost', `${host} no longer knows the session: it answered ${asked} with HTTP 404.`, {
      details: { ...details, hadNoEffect: true },
    });
  }
  const isDenied = status === 401 || status === 403;
  // A challenge comes from whatever guards the server, though its body may look like MCP.
  const failure =
    error && !(isDenied && challenge)
      ? rpcFailure(error, request, details)
      : isDenied
        ? authFailure(request, details)
        : statusFailure(response, request, details);
  return isAboutHost(status, body)
    ? new TargetError(failure.kind, failure.message, { details: failure.details, remediation: hostHint })
    : failure;
}

const hostHint =
  'The server may accept only some host names: use the host name that its message names in the URL, or allow this one there.';

/** 421 means it by definition. */
const isAboutHost = (status: number, body: string): boolean =>
  status === 421 ||
  (status === 403 && /\b(host|hostname|origin|localhost|allowed (only )?(at|on|from|for))\b/i.test(body));

/** The error of this request. An id that is null, missing or the server's own word belongs to no other request. */
function readRpcError(body: string, id: RefusedRequest['id']): { code?: number; message: string } | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('jsonrpc' in value)) return null;
  const received = readMessage(Array.isArray(value) ? value[0] : value);
  if (received.kind !== 'error') return null;
  const isOthers = typeof received.id === 'number' && String(received.id) !== String(id);
  return isOthers ? null : received;
}

function authFailure({ host, asked, hasCredentials }: RefusedRequest, details: TargetErrorDetails): TargetError {
  const { status, wwwAuthenticate } = details;
  const scope = wwwAuthenticate?.scope;
  const needs = scope === undefined ? '' : ` It requires the scope "${scope}".`;
  if (!hasCredentials) {
    return status === 401
      ? new TargetError('auth', `${host} requires credentials for ${asked} (HTTP 401).${needs}`, {
          details,
          remediation: 'Add an auth profile with the credentials that the server accepts.',
        })
      : new TargetError('auth', `${host} refused ${asked} (HTTP 403).${needs}`, {
          details,
          remediation: "Read the server's message. It may require credentials, or another network or host name.",
        });
  }
  const verb = status === 401 ? 'did not accept the credentials of' : 'refused';
  return new TargetError('auth', `${host} ${verb} ${asked} (HTTP ${status}).${needs}`, { details });
}

function statusFailure(response: Response, request: RefusedRequest, details: TargetErrorDetails): TargetError {
  const { host, asked, connecting, quote } = request;
  const { status, statusText, headers } = response;
  const reason = quote(statusText, 60);
  const named = `HTTP status ${status}${reason ? ` ${reason}` : ''}`;
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null) return redirectFailure(request, location, named, details);
  const remediation =
    connecting && (status === 404 || status === 405)
      ? `There is no MCP endpoint of this transport at this path. Check the path; ${otherTransport(request)}`
      : status === 429
        ? 'The server limits how often it may be called: call it less often.'
        : connecting
          ? undefined
          : 'Read what the server said, and its logs for this request.';
  return new TargetError('http_status', `${host} answered ${asked} with ${named}.`, {
    details,
    ...(remediation !== undefined && { remediation }),
  });
}

const otherTransport = ({ method }: RefusedRequest): string =>
  method === 'GET'
    ? 'a newer server needs the Streamable HTTP transport.'
    : 'an older server may need the SSE transport.';

function redirectFailure(
  { host, asked, url, quote }: RefusedRequest,
  header: string,
  named: string,
  details: TargetErrorDetails,
): TargetError {
  const target = URL.parse(header, url);
  if (!target?.protocol.startsWith('http'))
    return new TargetError('http_status', `${host} redirects ${asked}, but not to a web address (${named}).`, {
      details,
    });
  const location = quote(target.origin + target.pathname, 300);
  return new TargetError('http_status', `${host} redirects ${asked} to ${location} (${named}).`, {
    details: { ...details, location },
    remediation: 'A request is not repeated there. If that is the MCP endpoint, use it as the URL of the server.',
  });
}

/** `Retry-After` in milliseconds, at most a day. */
function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  // Only a date has letters; Date.parse would take other numbers for years.
  const isDate = /[a-z]/i.test(header);
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header)
    ? Number(header) * 1000
    : isDate
      ? Date.parse(header) - now
      : Number.NaN;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 86_400_000) : undefined;
}

/** The beginning of a body, or what came of it before it broke off. */
export async function readSome({ body }: Response): Promise<string> {
  if (!body) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), maxBodyMs);
  let text = '';
  let bytes = 0;
  try {
    while (bytes < maxBodyBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status says what failed; the body only explains it.
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => undefined);
  }
  return text;
}
