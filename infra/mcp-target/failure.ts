import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from '@modelcontextprotocol/client';
import type { TargetErrorDetails } from '../../agent/ports.ts';
import { causes, networkFailure } from '../outbound/failure.ts';
import { asTargetError, fromOutbound, TargetError, type TargetFailure } from './error.ts';

export type FailureContext = {
  /** Host and port, for messages. */
  host: string;
  /** The request, for messages: `tools/list`, `a call of search`. */
  asked: string;
  /** While connecting, an answer that isn't MCP means another kind of server; later, a broken answer. */
  connecting: boolean;
  /** Time limit in milliseconds, if it spans several requests. */
  timeoutMs?: number;
  mask: (text: string) => string;
};

const methodNotFound = -32601;
const missingCapability = -32021;
const unsupportedRevision = -32022;
const withoutInput = 'Call the tool with all that it needs, or leave tools that ask people back out of the test.';

const clip = (text: string, length = 500): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** Converts any error of undici or the SDK. The server's texts are clipped, and the endpoint's secrets masked. */
export function toTargetError(error: unknown, context: FailureContext): TargetError {
  const failure = classify(error, context);
  const message = context.mask(failure.message);
  const details = Object.fromEntries(
    Object.entries(failure.details).map(([key, value]) => [
      key,
      typeof value === 'string' ? context.mask(value) : value,
    ]),
  );
  return new TargetError(failure.kind, message, { remediation: failure.remediation, details });
}

function classify(error: unknown, context: FailureContext): TargetFailure {
  const chain = causes(error);
  for (const cause of chain) {
    const known = asTargetError(cause);
    if (known) return known;
  }
  for (const each of chain) {
    const failure = sdkFailure(each, context) ?? parseFailure(each, context);
    if (failure) return failure;
  }
  const network = networkFailure(error, context.host);
  if (network) return fromOutbound(network);
  const text = chain.map((each) => (each instanceof Error ? each.message : String(each))).join(': ');
  return new TargetError('protocol_error', `${context.host} broke ${context.asked} off: ${clip(text, 200)}`);
}

function sdkFailure(error: unknown, { host, asked, connecting, timeoutMs }: FailureContext): TargetError | null {
  if (error instanceof SdkHttpError)
    return statusFailure(host, error.status, error.statusText, getText(error.data), connecting);
  if (error instanceof UnauthorizedError) return authFailure(host, 401);
  if (error instanceof ProtocolError) return rpcFailure(error, { host, asked, connecting });
  if (!(error instanceof SdkError)) return null;
  switch (error.code) {
    case SdkErrorCode.RequestTimeout: {
      const limit = timeoutMs ?? numberIn(error.data, 'timeout');
      const within = limit === undefined ? 'in time' : `within ${limit / 1000} s`;
      return new TargetError('timeout', `${host} did not answer ${asked} ${within}.`, {
        details: limit === undefined ? {} : { limit },
      });
    }
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.NotConnected:
      return new TargetError('unreachable', `The connection to ${host} was closed before it had answered ${asked}.`);
    case SdkErrorCode.InvalidResult:
      return new TargetError(
        'malformed_result',
        `${host} answered ${asked} with a result that is not MCP: ${clip(describeIssue(error.message), 300)}`,
      );
    case SdkErrorCode.UnsupportedResultType:
      if (stringIn(error.data, 'resultType') !== 'input_required') {
        return new TargetError(
          'malformed_result',
          `${host} answered ${asked} with a result of a type that is not MCP's.`,
        );
      }
      return new TargetError(
        'protocol_error',
        `${host} asks for input before it answers ${asked}, which a test can't give.`,
        { remediation: withoutInput, details: { inputRequired: true } },
      );
    case SdkErrorCode.ClientHttpUnexpectedContent: {
      const type = stringIn(error.data, 'contentType')?.split(';')[0] ?? 'an answer without a content type';
      return connecting
        ? new TargetError('not_mcp', `${host} answered with ${clip(type, 80)} instead of MCP.`)
        : new TargetError(
            'protocol_error',
            `${host} answered ${asked} with ${clip(type, 80)} instead of JSON or an event stream.`,
          );
    }
    default:
      return null;
  }
}

function rpcFailure(error: ProtocolError, { host, asked, connecting }: Omit<FailureContext, 'mask'>): TargetError {
  const rpcMessage = clip(error.message);
  const details: TargetErrorDetails = { rpcCode: error.code, rpcMessage };
  if (connecting && error.code === methodNotFound) {
    return new TargetError('not_mcp', `${host} speaks JSON-RPC but does not know MCP's ${asked}.`, { details });
  }
  if (error.code === missingCapability) {
    return new TargetError('protocol_error', `${host} asks of its client what a test can't give: ${rpcMessage}`, {
      details: { ...details, inputRequired: true },
      remediation: withoutInput,
    });
  }
  if (error.code === unsupportedRevision) {
    return new TargetError('protocol_error', `${host} speaks no MCP revision that Armature speaks.`, {
      details,
      remediation: 'Armature speaks 2026-07-28 and the revisions before it, down to 2024-11-05.',
    });
  }
  return new TargetError('rpc_error', `${host} answered ${asked} with JSON-RPC error ${error.code}: ${rpcMessage}`, {
    details,
  });
}

function parseFailure(error: unknown, { host, asked, connecting }: FailureContext): TargetError | null {
  if (!(error instanceof Error)) return null;
  if (error.name === 'SyntaxError') {
    if (connecting) {
      return new TargetError('not_mcp', `${host} answered with something that is not valid JSON instead of MCP.`);
    }
    return new TargetError('protocol_error', `${host} answered ${asked} with something that is not valid JSON.`);
  }
  if (error.name === 'ZodError' || error.name === '$ZodError') {
    return connecting
      ? new TargetError('not_mcp', `${host} answered with JSON that is not JSON-RPC, so this is not an MCP endpoint.`)
      : new TargetError('protocol_error', `${host} answered ${asked} with JSON that is not JSON-RPC.`);
  }
  return null;
}

export function authFailure(host: string, status: number): TargetError {
  return status === 403
    ? new TargetError('auth', `${host} refuses access with these credentials (403).`, { details: { status } })
    : new TargetError('auth', `${host} asks for credentials, or does not accept these (401).`, { details: { status } });
}

export function statusFailure(
  host: string,
  status: number,
  statusText: string | undefined,
  body: string | undefined,
  connecting: boolean,
  retryAfterMs?: number,
): TargetError {
  if (status === 401 || status === 403) return authFailure(host, status);
  const reason = statusText ? ` ${clip(statusText, 60)}` : '';
  const remediation =
    connecting && (status === 404 || status === 405)
      ? 'There is no MCP endpoint of this transport at this path. Check the path; an older server may need the SSE transport.'
      : status === 429
        ? 'The server limits how often it may be called: call it less often.'
        : undefined;
  return new TargetError('http_status', `${host} answered with HTTP status ${status}${reason}.`, {
    details: { status, ...(body && { answer: clip(body) }), ...(retryAfterMs !== undefined && { retryAfterMs }) },
    ...(remediation && { remediation }),
  });
}

/** `Retry-After` in milliseconds, at most a day. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 86_400_000) : undefined;
}

/** The first issue of a zod message (a JSON list), without the SDK's prefix. */
function describeIssue(message: string): string {
  const text = message.replace(/^Invalid result for [^:]+: /, '');
  const issue = /"path":\s*\[([^\]]*)\],\s*"message":\s*"([^"]*)"/.exec(text);
  if (!issue) return text;
  const path = (issue[1] ?? '').split(',').map((part) => part.trim().replace(/^"|"$/g, ''));
  return `${path.join('.') || 'result'}: ${issue[2]}`;
}

function valueIn(data: unknown, key: string): unknown {
  return typeof data === 'object' && data !== null
    ? Object.entries(data).find(([name]) => name === key)?.[1]
    : undefined;
}

function stringIn(data: unknown, key: string): string | undefined {
  const value = valueIn(data, key);
  return typeof value === 'string' ? value : undefined;
}

function numberIn(data: unknown, key: string): number | undefined {
  const value = valueIn(data, key);
  return typeof value === 'number' ? value : undefined;
}

const getText = (data: unknown): string | undefined => stringIn(data, 'text');
