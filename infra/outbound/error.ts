/**
 * `invalid_url`, `blocked`: refused before anything was sent. `dns`, `refused`, `tls`, `timeout`, `unreachable`: no
 * answer. `not_http`: something else answers at this address. `http_status`: too many redirects. `too_large`: the
 * answer is.
 */
export type OutboundErrorKind =
  | 'invalid_url'
  | 'blocked'
  | 'dns'
  | 'refused'
  | 'tls'
  | 'timeout'
  | 'unreachable'
  | 'http_status'
  | 'not_http'
  | 'too_large';

/** JSON, without credentials. */
export type OutboundErrorDetails = {
  /** HTTP status. */
  status?: number;
  /** Code of the system or the TLS library, such as `ECONNREFUSED`. */
  code?: string;
  /** Where a refused redirect pointed to, without its query. */
  location?: string;
  /** Limit that was exceeded: bytes for `too_large`, milliseconds for `timeout`. */
  limit?: number;
};

export const outboundRemediations: { [kind in OutboundErrorKind]: string } = {
  invalid_url: 'Correct the URL: https://, a host name and a path, without user name or password.',
  blocked: 'Use an address that is public, or ask the operator to allow its network in ARMATURE_ALLOWED_TARGETS.',
  dns: 'Check the spelling of the host name, and that its DNS record exists and is public.',
  refused: 'Check that the server is running and listens on this port.',
  tls: "Check the server's certificate: its host name, its expiry and its chain.",
  timeout: 'Check whether the server is overloaded or hangs; raise the time limit if it is only slow.',
  unreachable: 'Check that the server is up and that no proxy or firewall cuts the connection.',
  http_status: "Check the URL's path, and the server's logs for this request.",
  not_http: 'Check the URL and its port: no HTTP server answers there.',
  too_large: 'Make the answer smaller, for example with paging or a narrower query.',
};

const retryableKinds: ReadonlySet<string> = new Set(['dns', 'refused', 'timeout', 'unreachable']);
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether the same attempt may succeed soon. Says nothing about whether repeating a call is safe. */
export const isRetryable = (kind: string, status: number | undefined): boolean =>
  retryableKinds.has(kind) || (kind === 'http_status' && status !== undefined && retryableStatuses.has(status));

const brand = Symbol.for('armature.outbound-error');

/** Failure of a call to an address that users choose. `message` is one sentence for people, without credentials. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly [brand] = true;
  readonly kind: OutboundErrorKind;
  /** What to do about it, one or two sentences. */
  readonly remediation: string;
  readonly details: OutboundErrorDetails;
  readonly retryable: boolean;

  constructor(
    kind: OutboundErrorKind,
    message: string,
    options: { remediation?: string; details?: OutboundErrorDetails } = {},
  ) {
    super(message);
    this.kind = kind;
    this.remediation = options.remediation ?? outboundRemediations[kind];
    this.details = options.details ?? {};
    this.retryable = isRetryable(kind, this.details.status);
  }
}

/** True across copies of this module: the dashboard's bundle has its own. */
export function isOutboundError(error: unknown): error is OutboundError {
  return typeof error === 'object' && error !== null && brand in error;
}
