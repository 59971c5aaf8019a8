import { describe, expect, it } from 'vitest';
import { describeRedirect, toRegistration } from './registration.ts';

const of = (...uris: string[]) => toRegistration({ redirect_uris: uris, client_name: 'An agent' });

describe('a registration', () => {
  it.each([
    ['https://agent.example.com/callback', 'web'],
    ['http://localhost:1234/callback', 'native'],
    ['http://127.0.0.1/', 'native'],
    ['http://[::1]:9/x', 'native'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'native'],
    ['com.example.agent:/callback', 'native'],
  ])('with %s is of a %s client', (uri, type) => {
    expect(of(uri)).toMatchObject({ application_type: type, redirect_uris: [uri] });
  });

  it.each([
    'http://agent.example.com/callback',
    'http://localhost.example.com/',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://agent.example.com/#',
    'https://user@agent.example.com/',
    'https://user:password@agent.example.com/',
    '/callback',
    '',
    `https://agent.example.com/${'x'.repeat(2000)}`,
  ])('with %s is refused', (uri) => {
    expect(of(uri)).toBeNull();
  });

  it.each([[null], ['text'], [[]], [{}], [{ redirect_uris: 'https://a.example.com' }], [{ redirect_uris: [] }]])(
    'of %j is refused',
    (metadata) => {
      expect(toRegistration(metadata)).toBeNull();
    },
  );

  it('has at most ten addresses', () => {
    const many = Array.from({ length: 11 }, (_, index) => `https://agent.example.com/${index}`);
    expect(of(...many)).toBeNull();
    expect(of(...many.slice(1))).not.toBeNull();
  });

  it.each([
    ['Claude Code', 'Claude Code'],
    ['  An \n agent\u202e\u200b ', 'An agent'],
    ['\u200b', 'MCP client'],
    [undefined, 'MCP client'],
    ['x'.repeat(1000), 'x'.repeat(80)],
  ])('calls a client named %j %j', (given, name) => {
    const metadata = { redirect_uris: ['https://agent.example.com/'], client_name: given };
    expect(toRegistration(metadata)).toMatchObject({ client_name: name });
  });

  it('keeps nothing else of what a client says', () => {
    const metadata = { client_secret: 'x', jwks_uri: 'https://x.example.com', scope: 'all', logo_uri: 'x' };
    expect(
      Object.keys(toRegistration({ ...metadata, redirect_uris: ['https://a.example.com/'] }) ?? {}).sort(),
    ).toEqual([
      'application_type',
      'client_name',
      'grant_types',
      'redirect_uris',
      'response_types',
      'token_endpoint_auth_method',
    ]);
  });
});

describe('a redirect address', () => {
  it.each([
    ['https://agent.example.com/callback', { kind: 'site', name: 'agent.example.com' }],
    ['http://localhost:1234/callback', { kind: 'machine', name: 'localhost:1234' }],
    ['cursor://anysphere.cursor-mcp/oauth', { kind: 'program', name: 'cursor' }],
  ])('%s is described', (uri, described) => {
    expect(describeRedirect(uri)).toEqual(described);
  });
});
