/** How a request failed: a kind of target error, and the HTTP status if there was an answer. */
export type RequestFailure = { kind: string; status?: number | undefined };

/** Failures without any answer, in a few words for a title. */
const noAnswer: ReadonlyMap<string, string> = new Map([
  ['dns', 'DNS lookup failed'],
  ['refused', 'connection refused'],
  ['tls', 'TLS handshake failed'],
  ['timeout', 'timed out'],
  ['unreachable', 'connection failed'],
  ['blocked', 'address not allowed'],
  ['session_lost', 'connection closed'],
]);

/** What a proxy answers for a server that is down. */
const gateway: ReadonlyMap<number, string> = new Map([
  [502, 'HTTP 502 Bad Gateway'],
  [503, 'HTTP 503 Service Unavailable'],
  [504, 'HTTP 504 Gateway Timeout'],
]);

const refusals: ReadonlyMap<number, string> = new Map([
  [401, 'HTTP 401 Unauthorized'],
  [403, 'HTTP 403 Forbidden'],
]);

/** Why the credentials of a request didn't do, in a few words; null for everything else. */
export const describeRefusal = ({ kind, status }: RequestFailure): string | null =>
  kind === 'auth' && status === undefined ? 'not signed in' : (refusals.get(status ?? 0) ?? null);

/**
 * Why a server as a whole did not answer, in a few words; null for a failure that is an answer: an MCP error in any
 * HTTP status, or any other HTTP status than those of a gateway. Decides what may become an incident of the server.
 */
export function describeServerFailure({ kind, status }: RequestFailure): string | null {
  if (kind === 'http_status') return gateway.get(status ?? 0) ?? null;
  // A session can also end by a 404, which is an answer.
  if (kind === 'session_lost' && status !== undefined) return null;
  return noAnswer.get(kind) ?? null;
}
