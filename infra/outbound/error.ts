/**
 * Every way in which a server under test, or another address that a user chose, can fail us.
 *
 * `blocked`: refused before anything was sent. `dns`, `refused`, `tls`, `timeout`, `unreachable`: no answer. `http_status`,
 * `auth`, `oauth_required`: an HTTP answer instead of MCP. `not_mcp`: something else answers at this address. `protocol_error`:
 * it speaks MCP, but not correctly, or asks for what is not offered. `rpc_error`: it answered a request with a JSON-RPC error.
 * `malformed_result`: the answer is JSON-RPC, its content isn't MCP's. `session_lost`: the server no longer knows the session.
 */
export const targetErrorKinds = [
  'invalid_url',
  'blocked',
  'dns',
  'refused',
  'tls',
  'timeout',
  'unreachable',
  'http_status',
  'auth',
  'oauth_required',
  'not_mcp',
  'protocol_error',
  'too_large',
  'malformed_result',
  'rpc_error',
  'session_lost',
] as const;
export type TargetErrorKind = (typeof targetErrorKinds)[number];

/** What a program can use of a failure. JSON; holds no credential. */
export type TargetErrorDetails = {
  /** HTTP status. */
  status?: number;
  /** What the server said, at most 500 characters. Untrusted. */
  answer?: string;
  /** JSON-RPC error code and message of the server. Untrusted. */
  rpcCode?: number;
  rpcMessage?: string;
  /** Where OAuth would be done. Untrusted. */
  authorizationServer?: string;
  /** The system's or TLS library's code, such as `ECONNREFUSED`. */
  code?: string;
  /** Origin that a refused redirect pointed to. */
  location?: string;
  /** What `Retry-After` asked for, in milliseconds. */
  retryAfterMs?: number;
  /** The tool asks for input before it answers. */
  inputRequired?: boolean;
  /** Limit that was hit: bytes of `too_large`, milliseconds of `timeout`. */
  limit?: number;
};

export type TargetFailure = {
  kind: TargetErrorKind;
  message: string;
  remediation: string;
  details: TargetErrorDetails;
};

const remediations: { [kind in TargetErrorKind]: string } = {
  invalid_url: 'Correct the URL: https://, a host name and a path, without user name or password.',
  blocked: 'Use an address that is public, or ask the operator to add the host to ARMATURE_ALLOWED_TARGETS.',
  dns: 'Check the spelling of the host name, and that its DNS record exists and is public.',
  refused: 'Check that the server is running and listens on this port.',
  tls: "Check the server's certificate: its host name, its expiry and its chain.",
  timeout: 'Check whether the server is overloaded or hangs; raise the time limit if it is only slow.',
  unreachable: 'Check that the server is up and that no proxy or firewall cuts the connection.',
  http_status: "Check the URL's path, and the server's logs for this request.",
  auth: 'Check the credentials of this auth profile: they may be wrong, expired, or lack a permission.',
  oauth_required: 'OAuth is not supported yet. If the server also takes an API key or a long-lived token, use that.',
  not_mcp:
    'Check the URL: it must be the MCP endpoint itself (often ending in /mcp or /sse), with the right transport.',
  protocol_error: "Look at the server's logs: its answer does not follow the MCP specification.",
  too_large: 'Make the answer smaller, for example with paging or a narrower query.',
  malformed_result: "Fix the server's answer so that it follows the MCP specification.",
  rpc_error: "Read the server's message; the tool's name or its arguments may have changed.",
  session_lost: 'Connect again: the server has restarted or has ended the session.',
};

const retryable: ReadonlySet<TargetErrorKind> = new Set(['dns', 'refused', 'timeout', 'unreachable', 'session_lost']);
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

const brand = Symbol.for('armature.target-error');

/** `message` is one sentence for a person; it never holds a credential. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly [brand] = true;
  readonly kind: TargetErrorKind;
  /** What to do about it, one or two sentences. */
  readonly remediation: string;
  readonly details: TargetErrorDetails;
  /** Whether the same attempt may succeed soon. Says nothing on whether repeating a call is safe. */
  readonly retryable: boolean;

  constructor(
    kind: TargetErrorKind,
    message: string,
    options: { remediation?: string; details?: TargetErrorDetails } = {},
  ) {
    super(message);
    this.kind = kind;
    this.remediation = options.remediation ?? remediations[kind];
    this.details = options.details ?? {};
    const { status } = this.details;
    this.retryable =
      retryable.has(kind) || (kind === 'http_status' && status !== undefined && retryableStatuses.has(status));
  }
}

/** True across copies of this module: the dashboard's bundle carries its own. */
export function isTargetError(error: unknown): error is TargetError {
  return typeof error === 'object' && error !== null && brand in error;
}

export function describeFailure({ kind, message, remediation, details }: TargetError): TargetFailure {
  return { kind, message, remediation, details };
}
