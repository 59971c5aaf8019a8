import { describe, expect, it } from 'vitest';
import { findNextTries } from './find-next-tries.ts';

const url = 'https://mcp.example.com/mcp';

describe('the next tries after a failed test', () => {
  it.each([
    ['SSE where the server speaks Streamable HTTP', 'http_status', 405, { transport: 'sse' }, ['Try Streamable HTTP']],
    ['Streamable HTTP where there is only SSE', 'http_status', 404, {}, ['Try SSE']],
    ['another kind of server', 'not_mcp', undefined, {}, ['Try SSE']],
    ['no credential where one is required', 'auth', 401, {}, ['Add a bearer token', 'Add an API key']],
    ['a wrong credential', 'auth', 401, { authKind: 'bearer' }, []],
    [
      'an address that only works by name',
      'auth',
      403,
      { url: 'http://127.0.0.1:4126/mcp', authKind: 'bearer' },
      ['Try localhost'],
    ],
    ['nobody listening', 'refused', undefined, {}, []],
    ['a server that is down', 'http_status', 503, {}, []],
  ])('%s', (_, kind, status, given, expected) => {
    const tries = findNextTries(
      { kind, details: { status } },
      { transport: 'streamable_http', authKind: 'none', url, ...given },
    );
    expect(tries.map(({ text }) => text)).toEqual(expected);
  });

  it('keeps the port and path of the address', () => {
    const [first] = findNextTries(
      { kind: 'auth', details: { status: 403 } },
      { transport: 'streamable_http', authKind: 'bearer', url: 'http://127.0.0.1:4126/mcp' },
    );
    expect(first?.value).toBe('http://localhost:4126/mcp');
  });
});
