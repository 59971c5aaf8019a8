import { describe, expect, it } from 'vitest';
import { describeRefusal, describeServerFailure } from './server-failure.ts';

describe('a failure of the server as a whole', () => {
  it.each<[string, string, number | undefined, string]>([
    ['a name that DNS does not know', 'dns', undefined, 'DNS lookup failed'],
    ['a refused connection', 'refused', undefined, 'connection refused'],
    ['TLS that fails', 'tls', undefined, 'TLS handshake failed'],
    ['silence', 'timeout', undefined, 'timed out'],
    ['a closed connection', 'unreachable', undefined, 'connection failed'],
    ['a closed event stream', 'session_lost', undefined, 'connection closed'],
    ['502', 'http_status', 502, 'HTTP 502 Bad Gateway'],
    ['503', 'http_status', 503, 'HTTP 503 Service Unavailable'],
    ['504', 'http_status', 504, 'HTTP 504 Gateway Timeout'],
  ])('is %s', (_, kind, status, expected) => {
    expect(describeServerFailure({ kind, status })).toBe(expected);
  });

  it.each<[string, string, number?]>([
    ['a JSON-RPC error', 'rpc_error'],
    ...[400, 404, 500, 502, 503, 504].map((status): [string, string, number] => [
      `a JSON-RPC error in HTTP ${status}`,
      'rpc_error',
      status,
    ]),
    ...[400, 404, 405, 408, 421, 429, 500, 501, 505, 520].map((status): [string, string, number] => [
      `HTTP ${status}`,
      'http_status',
      status,
    ]),
    ['401', 'auth', 401],
    ['403', 'auth', 403],
    ['OAuth asked for', 'oauth_required', 401],
    ['a session that a 404 ended', 'session_lost', 404],
    ['another kind of server', 'not_mcp'],
    ['a broken answer', 'protocol_error'],
    ['a malformed result', 'malformed_result'],
    ['an answer that is too large', 'too_large'],
    ['a URL that is not valid', 'invalid_url'],
    ['an HTTP status that nobody knows', 'http_status'],
  ])('is not %s', (_, kind, status) => {
    expect(describeServerFailure({ kind, status })).toBeNull();
  });
});

describe('a refusal of credentials', () => {
  it.each<[number | undefined, string | null]>([
    [401, 'HTTP 401 Unauthorized'],
    [403, 'HTTP 403 Forbidden'],
    [407, null],
    [500, null],
    [undefined, 'not signed in'],
  ])('of HTTP %s is %s', (status, expected) => {
    expect(describeRefusal({ kind: 'auth', status })).toBe(expected);
  });
});
