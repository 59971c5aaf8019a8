import { afterEach, describe, expect, it } from 'vitest';
import { type ProtectedOptions, startProtectedServer } from '../../tests/support/oauth/protected-server.ts';
import { type ProviderOptions, startProvider } from '../../tests/support/oauth/provider.ts';
import { visit } from '../../tests/support/oauth/visit.ts';
import { createOutbound } from '../outbound/index.ts';
import { createClientKey, createOAuth, isOAuthError, type SignIn, toPublicKey } from './index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const redirectUri = 'http://127.0.0.1:9/oauth/callback';

async function setUp({
  provider: providerOptions,
  server: serverOptions,
  trusted = 'any',
}: {
  provider?: ProviderOptions;
  server?: ProtectedOptions;
  trusted?: readonly string[] | 'any';
} = {}) {
  const provider = await startProvider(providerOptions);
  const server = await startProtectedServer(provider, serverOptions);
  const outbound = createOutbound({ allowedTargets: ['127.0.0.0/8'] });
  closing.push(provider.close, server.close, outbound.close);
  const oauth = createOAuth({ outbound, now: () => new Date() });
  const signIn = oauth.begin({
    trusted,
    serverUrl: server.url,
    transport: 'streamable_http',
    headers: {},
    secrets: [],
    signal: new AbortController().signal,
  });
  return { provider, server, signIn };
}

const discover = (signIn: SignIn, boundIssuer: string | null = null) => signIn.discover({ boundIssuer, entered: {} });

async function failureOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    if (isOAuthError(error)) return error;
    throw error;
  }
  return expect.unreachable('should have failed');
}

const broken = ({ trace }: SignIn) =>
  trace.flatMap(({ findings }) => findings.filter(({ verdict }) => verdict === 'breaks').map(({ rule }) => rule));

describe('a sign-in by a person', () => {
  it('discovers, registers, authorizes, exchanges and refreshes', async () => {
    const { provider, server, signIn } = await setUp();
    const discovered = await discover(signIn);
    expect(discovered).toMatchObject({ resource: server.url, scope: 'tools', metadata: { issuer: provider.issuer } });
    const client = await signIn.findClient(discovered, { known: null, documentUrl: null, redirectUri });
    expect(client).toMatchObject({ isNew: true, authMethod: 'none' });
    const pending = signIn.prepare(discovered, { client, redirectUri, scope: 'openid tools offline_access' });
    const code = signIn.readCallback(pending, (await visit(pending.url)).searchParams);
    const granted = await signIn.exchangeCode(discovered, client, code, pending);
    expect(granted).toMatchObject({ refreshToken: expect.any(String), user: 'ada@example.com' });
    expect(await provider.accepts(granted.accessToken, server.url)).toMatchObject({ user: 'ada' });

    const next = await signIn.refresh(discovered, client, granted.refreshToken ?? '');
    expect(next.refreshToken).not.toBe(granted.refreshToken);
    const again = await failureOf(signIn.refresh(discovered, client, granted.refreshToken ?? ''));
    expect(again).toMatchObject({ kind: 'ended' });

    const written = JSON.stringify(signIn.trace);
    for (const secret of [
      granted.accessToken,
      granted.refreshToken,
      next.accessToken,
      code,
      pending.codeVerifier,
      pending.state,
    ])
      expect(written).not.toContain(secret);
    expect(broken(signIn)).toEqual(['client-documents']);
    expect(signIn.trace.map(({ title }) => title)).toEqual([
      'Ask the server without a token',
      'Read the metadata of the protected resource',
      'Read the metadata of the authorization server',
      'Check the endpoints',
      'Register as a native client',
      'Send the browser to the authorization server',
      'Check the answer of the authorization server',
      'Exchange the code for tokens',
      'Refresh the token',
      'Refresh the token',
    ]);
  });

  it('sends no code anywhere when the answer comes from another issuer', async () => {
    const { provider, signIn } = await setUp();
    const discovered = await discover(signIn);
    const client = { clientId: 'any' };
    const pending = signIn.prepare(discovered, { client, redirectUri });
    const answers: [Record<string, string>, string][] = [
      [{ code: 'c', state: pending.state, iss: 'https://evil.example' }, 'instead of'],
      [{ code: 'c', state: pending.state, iss: `${provider.issuer}/` }, 'instead of'],
      [{ code: 'c', state: pending.state }, 'has none'],
      [{ code: 'c', state: 'stolen', iss: provider.issuer }, "doesn't belong"],
      [
        { error: 'access_denied', error_description: 'evil', state: pending.state, iss: 'https://evil.example' },
        'instead of',
      ],
      [{ error: 'access_denied', state: pending.state, iss: provider.issuer }, 'Access was denied'],
    ];
    for (const [answer, message] of answers)
      expect(() => signIn.readCallback(pending, new URLSearchParams(answer))).toThrow(message);
    const twice = new URLSearchParams([
      ['state', pending.state],
      ['code', 'a'],
      ['code', 'b'],
      ['iss', provider.issuer],
    ]);
    expect(() => signIn.readCallback(pending, twice)).toThrow("doesn't belong");
  });
});

describe('discovery', () => {
  it('refuses an authorization server that does not announce S256', async () => {
    for (const methods of [undefined, ['plain']]) {
      const metadata = (document: object) => ({ ...document, code_challenge_methods_supported: methods });
      const { signIn } = await setUp({ provider: { metadata } });
      const discovered = await discover(signIn);
      expect(() => signIn.prepare(discovered, { client: { clientId: 'x' }, redirectUri })).toThrow('PKCE with S256');
      expect(broken(signIn)).toContain('pkce-s256');
    }
  });

  it('does not use metadata of another issuer', async () => {
    const { signIn } = await setUp({
      provider: { metadata: (document) => ({ ...document, issuer: 'https://evil.example' }) },
    });
    expect(await failureOf(discover(signIn))).toMatchObject({ kind: 'discovery' });
    expect(broken(signIn)).toContain('issuer-identical');
  });

  it('does not ask for a token of another resource', async () => {
    const metadata = (document: object) => ({ ...document, resource: 'https://other.example/mcp' });
    const { signIn } = await setUp({ server: { metadata } });
    expect(await failureOf(discover(signIn))).toMatchObject({
      kind: 'discovery',
      message: expect.stringContaining('other.example'),
    });
    expect(broken(signIn)).toContain('resource-identifier');
  });

  it('stops when the server names another issuer than before', async () => {
    const { provider, signIn } = await setUp();
    const failure = await failureOf(discover(signIn, 'https://before.example'));
    expect(failure).toMatchObject({ kind: 'issuer_changed', issuer: provider.issuer });
  });

  it('calls no internal address that only the server names', async () => {
    const { provider, signIn } = await setUp({ trusted: [] });
    expect(await failureOf(discover(signIn))).toMatchObject({ kind: 'issuer_unconfirmed', issuer: provider.issuer });
    const { signIn: confirmed } = await setUp({ trusted: [] });
    const failure = await failureOf(discover(confirmed));
    expect(failure.kind).toBe('issuer_unconfirmed');
  });

  it('finds the metadata at the well-known address where the challenge names none', async () => {
    const { provider, signIn } = await setUp({ server: { challenge: () => 'realm="shop"' } });
    const discovered = await discover(signIn);
    expect(discovered).toMatchObject({ metadata: { issuer: provider.issuer }, scopesOfResource: ['tools'] });
    expect(broken(signIn)).toEqual(['challenge-names-metadata', 'challenge-names-scope', 'client-documents']);
  });

  it('falls back when the address in the challenge is wrong, and strips its query elsewhere', async () => {
    const { provider, signIn } = await setUp({
      server: { challenge: () => 'resource_metadata="http://127.0.0.1:1/admin?delete=all"' },
    });
    expect(await discover(signIn)).toMatchObject({ metadata: { issuer: provider.issuer } });
    expect(signIn.trace[1]).toMatchObject({
      request: { url: 'http://127.0.0.1:1/admin' },
      problem: expect.any(String),
    });
  });

  it('refuses endpoints over which credentials would travel unencrypted', async () => {
    const metadata = (document: object) => ({ ...document, token_endpoint: 'http://as.example/token' });
    const { signIn } = await setUp({ provider: { metadata } });
    expect(await failureOf(discover(signIn))).toMatchObject({ kind: 'discovery' });
    expect(broken(signIn)).toContain('endpoints-encrypted');
  });

  it('asks for a client id where nothing else can work', async () => {
    const { signIn } = await setUp({ provider: { registration: false } });
    const discovered = await discover(signIn);
    const failure = await failureOf(signIn.findClient(discovered, { known: null, documentUrl: null, redirectUri }));
    expect(failure).toMatchObject({ kind: 'needs_client', remediation: expect.stringContaining(redirectUri) });
  });

  it('uses entered endpoints where nothing is published', async () => {
    const provider = await startProvider();
    const outbound = createOutbound({ allowedTargets: ['127.0.0.0/8'] });
    closing.push(provider.close, outbound.close);
    const oauth = createOAuth({ outbound, now: () => new Date() });
    const serverUrl = 'http://127.0.0.1:9/mcp';
    const signIn = oauth.begin({
      trusted: 'any',
      serverUrl,
      transport: 'streamable_http',
      headers: {},
      secrets: [],
      signal: new AbortController().signal,
    });
    const entered = { issuer: provider.issuer, tokenEndpoint: `${provider.issuer}/token` };
    const failure = await failureOf(signIn.discover({ challenge: {}, boundIssuer: null, entered: {} }));
    expect(failure.kind).toBe('unreachable');
    const discovered = await signIn.discover({ challenge: {}, boundIssuer: null, entered });
    expect(discovered).toMatchObject({ resource: serverUrl, metadata: { token_endpoint: `${provider.issuer}/token` } });
  });
});

describe('client credentials', () => {
  const common = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
  it.each(['client_secret_basic', 'client_secret_post'] as const)('work by %s', async (method) => {
    const secret = 'a+b/c=d e%f:-_.!';
    const id = 'id of-the:client';
    const clients = [{ client_id: id, client_secret: secret, token_endpoint_auth_method: method, ...common }];
    const { provider, server, signIn } = await setUp({ provider: { clients } });
    const discovered = await discover(signIn);
    const client = { clientId: id, clientSecret: secret, authMethod: method };
    const granted = await signIn.askWithCredentials(discovered, client, { scope: 'tools', audience: null });
    expect(granted.refreshToken).toBeNull();
    expect(await provider.accepts(granted.accessToken, server.url)).toMatchObject({ scopes: ['tools'] });
    const wrong = signIn.askWithCredentials(
      discovered,
      { ...client, clientSecret: 'wrong' },
      { scope: 'tools', audience: null },
    );
    expect(await failureOf(wrong)).toMatchObject({ kind: 'client' });
    expect(JSON.stringify(signIn.trace)).not.toContain(secret);
  });

  it('work by private_key_jwt with a key that Armature created', async () => {
    const privateKey = await createClientKey();
    const jwk = toPublicKey(privateKey);
    expect(jwk).not.toHaveProperty('d');
    const clients = [
      { client_id: 'job', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] }, ...common },
    ];
    const { provider, server, signIn } = await setUp({ provider: { clients } });
    const discovered = await discover(signIn);
    const granted = await signIn.askWithCredentials(
      discovered,
      { clientId: 'job', privateKey },
      { scope: 'tools', audience: null },
    );
    expect(await provider.accepts(granted.accessToken, server.url)).not.toBeNull();
    const other = { clientId: 'job', privateKey: await createClientKey() };
    expect(
      await failureOf(signIn.askWithCredentials(discovered, other, { scope: 'tools', audience: null })),
    ).toMatchObject({ kind: 'client' });
    const unusable = signIn.askWithCredentials(
      discovered,
      { clientId: 'job', privateKey: 'no key' },
      { scope: 'tools', audience: null },
    );
    expect(await failureOf(unusable)).toMatchObject({
      kind: 'client',
      message: expect.stringContaining('private key'),
    });
  });
});
