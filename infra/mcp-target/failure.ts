import { SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import type { TargetErrorDetails } from '../../agent/ports.ts';
import { causes, getCode, networkFailure } from '../outbound/failure.ts';
import { asTargetError, fromOutbound, TargetError } from './error.ts';
import { explainResult } from './explain.ts';
import type { Quote } from './quote.ts';
import { firstStateless } from './starts.ts';
import type { Evidence } from './transport/evidence.ts';

/** What failed, for messages. */
export type Asked = {
  /** Host and port. */
  host: string;
  /** The MCP method. */
  method: string;
  /** The request: `tools/list`, `tools/call of search`. */
  asked: string;
  /** While connecting, an answer that isn't MCP means another kind of server; later, a broken answer. */
  connecting: boolean;
  quote: Quote;
};

export type FailureContext = Asked & {
  evidence: Evidence;
  /** Time limit in milliseconds. */
  timeoutMs?: number;
  mask: (text: string) => string;
};

const methodNotFound = -32601;
const missingCapability = -32021;
const urlElicitation = -32042;
const unsupportedRevision = -32022;
const withoutInput = 'Call the tool with all that it needs, or leave tools that ask for input out of the test.';

/** Converts any error of undici, the SDK or this folder. Adds what else the server sent meanwhile. */
export function toTargetError(error: unknown, context: FailureContext): TargetError {
  const { kind, message, remediation, details } = addEvidence(classify(error, context), context.evidence);
  const masked = Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? context.mask(value) : value]),
  );
  return new TargetError(kind, context.mask(message), {
    remediation,
    details: { asked: context.method, ...masked },
  });
}

function classify(error: unknown, context: FailureContext): TargetError {
  const chain = causes(error);
  for (const cause of chain) {
    const known = asTargetError(cause);
    if (known) return naming(known, context);
  }
  for (const each of chain) {
    const failure = sdkFailure(each, context);
    if (failure) return failure;
  }
  const { host, asked, quote } = context;
  const network = networkFailure(error, host);
  if (network) return naming(fromOutbound(network), context);
  if (chain.some((each) => /^(Z_|ERR_BROTLI|ERR_ZSTD|ERR__ERROR)/.test(getCode(each) ?? '')))
    return new TargetError('protocol_error', `${host} answered ${asked} with a body that can't be decompressed.`);
  const text = chain.map((each) => (each instanceof Error ? each.message : String(each))).join(': ');
  const revision = /^Server's protocol version is not supported: (.*)$/s.exec(text)?.[1];
  if (revision === firstStateless) {
    return new TargetError(
      'protocol_error',
      `${host} answered ${asked} with the MCP revision ${revision}, which has no ${asked}.`,
      { remediation: 'A server of this revision answers server/discover. It has to name an older one in initialize.' },
    );
  }
  if (revision !== undefined) {
    return new TargetError(
      'protocol_error',
      `${host} answered ${asked} with the MCP revision "${quote(revision, 40)}", which Armature doesn't speak.`,
      { remediation: spokenRevisions },
    );
  }
  return new TargetError('protocol_error', `${host} broke ${asked} off: ${quote(text, 200)}`);
}

const spokenRevisions = 'Armature speaks 2026-07-28 and the revisions before it, down to 2024-11-05.';
const namelessKinds: ReadonlySet<string> = new Set([
  'timeout',
  'unreachable',
  'too_large',
  'not_mcp',
  'session_lost',
  'blocked',
  'http_status',
]);

/** Names the request in the message of a broken exchange, which HTTP knows nothing about. */
function naming({ kind, message, remediation, details }: TargetError, { asked, method }: Asked): TargetError {
  const names = !namelessKinds.has(kind) || message.includes(method);
  return new TargetError(kind, names ? message : `${message.replace(/\.$/, '')} (${asked}).`, { remediation, details });
}

function sdkFailure(error: unknown, context: FailureContext): TargetError | null {
  const { host, asked, evidence, timeoutMs, quote } = context;
  if (!(error instanceof SdkError)) return null;
  switch (error.code) {
    case SdkErrorCode.RequestTimeout:
      return timeoutFailure(context, timeoutMs);
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.NotConnected:
      return new TargetError('unreachable', `The connection to ${host} was closed before it had answered ${asked}.`);
    case SdkErrorCode.InvalidResult:
      return new TargetError(
        'malformed_result',
        `${host} answered ${asked} with a result that doesn't follow MCP: ${explainResult(error.message, evidence.received?.result, quote)}.`,
      );
    case SdkErrorCode.UnsupportedResultType:
      return new TargetError(
        'malformed_result',
        `${host} answered ${asked} with a result of a type that is not MCP's.`,
      );
    default:
      return null;
  }
}

export const timeoutFailure = (
  { host, asked }: Pick<Asked, 'host' | 'asked'>,
  limit: number | undefined,
): TargetError =>
  new TargetError(
    'timeout',
    `${host} did not answer ${asked} ${limit === undefined ? 'in time' : `within ${limit / 1000} s`}.`,
    { details: limit === undefined ? {} : { limit } },
  );

/** A JSON-RPC error. @param http the HTTP status that carried it, for example */
export function rpcFailure(
  { code, message, data = '' }: { code?: number; message: string; data?: string },
  { host, method, asked, connecting, quote }: Asked,
  http: TargetErrorDetails = {},
): TargetError {
  const rpcMessage = quote(message);
  // It often holds the reason.
  const more = data.trim() === '' || message.includes(data) ? '' : ` (data: ${quote(data, 300)})`;
  const details: TargetErrorDetails = { ...http, ...(code !== undefined && { rpcCode: code }), rpcMessage };
  if (connecting && code === methodNotFound) {
    return new TargetError('not_mcp', `${host} speaks JSON-RPC but does not know ${asked} (error ${code}).`, {
      details,
    });
  }
  if (code === missingCapability || code === urlElicitation) {
    return new TargetError(
      'protocol_error',
      `${host} asks of its client what a test can't give, before it answers ${asked}: ${rpcMessage}${more}`,
      {
        details: { ...details, inputRequired: true },
        remediation: withoutInput,
      },
    );
  }
  if (code === unsupportedRevision) {
    const supportsNewest = new RegExp(`"supported":\\[[^\\]]*"${firstStateless}"`).test(data);
    return new TargetError('protocol_error', `${host} speaks no MCP revision that Armature speaks.`, {
      details: { ...details, ...(supportsNewest && { supportsNewest }) },
      remediation: spokenRevisions,
    });
  }
  const status = http.status === undefined ? '' : ` (HTTP status ${http.status})`;
  return new TargetError(
    'rpc_error',
    `${host} answered ${asked} with JSON-RPC error${code === undefined ? '' : ` ${code}`}${status}: ${rpcMessage}${more}`,
    { details, ...(method !== 'tools/call' && { remediation: "Read the server's message, and its logs." }) },
  );
}

/** The answer to a request for input, which nobody can give in a test. */
export function inputFailure({ host, asked }: Asked, methods: string[]): TargetError {
  const what = methods.length > 0 ? methods.join(', ') : 'resultType input_required';
  return new TargetError(
    'protocol_error',
    `${host} asks for input (${what}) before it answers ${asked}, which a test can't give.`,
    { remediation: withoutInput, details: { inputRequired: true } },
  );
}

/** Requests of a server that a person, a model or files would answer. */
const inputMethods: ReadonlySet<string> = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list']);

/** Kinds that come about without an answer to the request. */
const unanswered: ReadonlySet<string> = new Set(['timeout', 'unreachable', 'session_lost', 'protocol_error']);

function addEvidence({ kind, message, remediation, details }: TargetError, evidence: Evidence): TargetError {
  const found = unanswered.has(kind) ? (evidence.describeStray() ?? evidence.describeNotification()) : null;
  // An error may pass here twice.
  const stray = found !== null && message.includes(found) ? null : found;
  const requests = evidence.requests().filter((method) => !message.includes(method));
  const sentences = [
    message,
    ...(stray === null ? [] : [`It ${stray}.`]),
    ...(requests.length === 0 ? [] : [`It had asked for ${requests.join(', ')}, which a test can't answer.`]),
  ];
  const asks = evidence.requests().some((method) => inputMethods.has(method));
  return new TargetError(kind, sentences.join(' '), {
    remediation: asks ? withoutInput : remediation,
    details: { ...details, ...(asks && { inputRequired: true }) },
  });
}
