import { UnauthorizedError } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../../services/api-key/create.ts';
import { listApiKeys } from '../../../services/api-key/list.ts';
import { revokeApiKey } from '../../../services/api-key/revoke.ts';
import { allowClient, denyClient } from '../../../services/client-sign-in/answer.ts';
import { sweepAuthorizations } from '../../../services/client-sign-in/sweep.ts';
import { changeMemberRole } from '../../../services/member/change-role.ts';
import { removeMember } from '../../../services/member/remove.ts';
import {
  Browser,
  createClient,
  createMemory,
  createRawClient,
  type OAuthEndpoint,
  redirectUri,
  startOAuthEndpoint,
} from '../../support/oauth/signing-in.ts';
import { type TestOrg, testOrg } from '../../support/setup/context.ts';
import { connect } from './endpoint.ts';

let endpoint: OAuthEndpoint;
let org: TestOrg;
let clientId: string;
beforeAll(async () => {
  endpoint = await startOAuthEndpoint();
  org = await testOrg(endpoint.deps);
  const { body } = await raw().register({ client_name: 'Raw', redirect_uris: [redirectUri] });
  clientId = String(body.client_id);
});
afterAll(() => endpoint?.close());

const raw = () => createRawClient(endpoint.origin);

/** A client that signed in: its tokens, and the API key that it is. */
async function signIn(ctx = org.ctx, role: 'viewer' | 'editor' | 'admin' = 'editor') {
  const client = raw();
  const browser = new Browser();
  const requestId = await browser.request(client.authorizeUrl(clientId));
  const code = (await browser.allow(ctx, requestId, role)).searchParams.get('code') ?? '';
  const { body } = await client.exchange(clientId, code);
  const [{ id: keyId } = { id: '' }] = (await listApiKeys(org.ctx, {})).keys;
  return { client, code, keyId, access: String(body.access_token), refresh: String(body.refresh_token) };
}

describe('the SDK’s client', () => {
  it('signs in, acts with the role that was chosen, stays signed in, and is refused when it is revoked', async () => {
    const memory = createMemory();
    const first = createClient(endpoint.url, memory);
    await expect(first.client.connect(first.transport)).rejects.toThrow(UnauthorizedError);
    const browser = new Browser();
    const requestId = await browser.request(memory.asked ?? '');
    const callback = await browser.allow(org.ctx, requestId, 'viewer');
    expect(callback.href.split('?')[0]).toBe(redirectUri);
    expect(callback.searchParams.get('iss')).toBe(endpoint.origin);
    await first.transport.finishAuth(callback.searchParams);

    const { client, transport } = createClient(endpoint.url, memory);
    await client.connect(transport);
    expect((await client.callTool({ name: 'list_workflows', arguments: {} })).structuredContent).toEqual({
      workflows: [],
      nextCursor: null,
    });
    const refused = await client.callTool({ name: 'run_workflow_now', arguments: { workflowId: 'x', reason: 'x' } });
    expect(refused).toMatchObject({ isError: true, _meta: { 'armature/error': { code: 'permission_denied' } } });

    const { keys } = await listApiKeys(org.ctx, {});
    const [key] = keys;
    expect(key).toMatchObject({ name: 'An agent', kind: 'client', role: 'viewer', lastUsedAt: expect.any(String) });
    // An access token that has ended is replaced without a person.
    await endpoint.deps.db.authorizationRecord.updateMany({
      where: { kind: 'AccessToken', keyId: key?.id ?? '' },
      data: { expiresAt: new Date(0) },
    });
    await client.callTool({ name: 'list_workflows', arguments: {} });

    await revokeApiKey(org.ctx, { keyId: key?.id ?? '' });
    await expect(client.callTool({ name: 'list_workflows', arguments: {} })).rejects.toThrow(UnauthorizedError);
    expect(await endpoint.deps.db.authorizationRecord.count({ where: { keyId: key?.id ?? '' } })).toBe(0);
    const actions = await endpoint.deps.db.auditEvent.findMany({
      where: { orgId: org.orgId, subject: key?.id ?? '' },
      orderBy: { at: 'asc' },
      select: { action: true, data: true },
    });
    expect(actions).toMatchObject([
      { action: 'client_sign_in.allow', data: { name: 'An agent', role: 'viewer' } },
      { action: 'api_key.revoke' },
    ]);
    await client.close();
  });

  it('with a configured key works as without OAuth, and is never sent to a sign-in', async () => {
    const { key } = await createApiKey(org.ctx, { name: 'CI' });
    const client = await connect(endpoint.url, key);
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
    await client.close();
    expect(await raw().list(`${key.slice(0, -1)}!`)).toEqual({
      status: 401,
      challenge: 'Bearer realm="armature", error="invalid_token"',
    });
  });
});

describe('a client’s registration', () => {
  it('gets no secret, whatever it asks for', async () => {
    const { status, body } = await raw().register({
      client_name: 'A\u202e\nname',
      redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback', 'https://agent.example.com/callback'],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      scope: 'openid everything',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ client_name: 'A name', token_endpoint_auth_method: 'none' });
    expect(body).not.toHaveProperty('client_secret');
  });

  it.each([
    ['http of another machine', ['http://agent.example.com/callback']],
    ['a script', ['javascript:alert(1)']],
    ['a fragment', ['https://agent.example.com/#x']],
    ['user and password', ['https://agent.example.com@other.example.com/']],
    ['none', []],
    ['text', ['callback']],
  ])('is refused with a redirect address with %s', async (_, redirects) => {
    const refused = { status: 400, body: { error: 'invalid_redirect_uri' } };
    expect(await raw().register({ redirect_uris: redirects })).toMatchObject(refused);
  });
});

describe('an authorization request', () => {
  it.each([
    ['an address that was not registered', { redirect_uri: 'https://evil.example.com/' }],
    ['an address that only begins like it', { redirect_uri: `${redirectUri}/more` }],
    ['its address with a query', { redirect_uri: `${redirectUri}?x=1` }],
    ['an unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
  ])('with %s leads nowhere', async (_, changed) => {
    const { status, location, text } = await new Browser().open(raw().authorizeUrl(clientId, changed));
    expect({ status, location }).toEqual({ status: 400, location: null });
    expect(text).toContain('Close this page and connect again from the client.');
  });

  it.each([
    ['no code challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no method', { code_challenge_method: undefined }, 'invalid_request'],
    ['another resource', { resource: 'https://example.com/api/mcp' }, 'invalid_target'],
    ['the REST API as resource', { resource: 'http://127.0.0.1/api/armature/v1' }, 'invalid_target'],
    ['a token instead of a code', { response_type: 'token' }, 'unsupported_response_type'],
    ['no person to ask', { prompt: 'none' }, 'consent_required'],
  ])('with %s returns to the client with the error', async (_, changed, error) => {
    const { location } = await new Browser().open(raw().authorizeUrl(clientId, changed));
    const { searchParams } = new URL(location?.href.replace('#', '?') ?? '');
    expect(location?.href.startsWith(redirectUri)).toBe(true);
    expect(Object.fromEntries(searchParams)).toMatchObject({ error, iss: endpoint.origin, state: 'a state' });
  });

  it('may come from any port of loopback, since the system chooses it', async () => {
    const other = redirectUri.replace('4567', '9876');
    const browser = new Browser();
    const requestId = await browser.request(raw().authorizeUrl(clientId, { redirect_uri: other }));
    expect((await browser.allow(org.ctx, requestId, 'viewer')).href.startsWith(`${other}?`)).toBe(true);
  });

  it('asks every time, and no other browser can answer it', async () => {
    const browser = new Browser();
    const url = raw().authorizeUrl(clientId);
    const first = await browser.request(url);
    const stranger = { requestId: first, cookie: new Browser().cookie, role: 'viewer' } as const;
    await expect(allowClient(org.ctx, stranger)).rejects.toMatchObject({ code: 'conflict' });
    await browser.allow(org.ctx, first, 'viewer');
    const second = await browser.request(url);
    expect(second).not.toBe(first);
    await expect(browser.allow(org.ctx, first, 'viewer')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('gives no role above the person’s own', async () => {
    const browser = new Browser();
    const requestId = await browser.request(raw().authorizeUrl(clientId));
    const refused = { code: 'permission_denied', details: { fieldErrors: [{ field: 'role' }] } };
    await expect(browser.allow(org.as('viewer'), requestId, 'editor')).rejects.toMatchObject(refused);
  });

  it('that is denied tells the client, and leaves no key', async () => {
    const before = await endpoint.deps.db.apiKey.count();
    const browser = new Browser();
    const requestId = await browser.request(raw().authorizeUrl(clientId));
    const { continueAt } = await denyClient(org.ctx, { requestId, cookie: browser.cookie });
    const { location } = await browser.open(continueAt);
    expect(location?.searchParams.get('error')).toBe('access_denied');
    expect(await endpoint.deps.db.apiKey.count()).toBe(before);
  });
});

describe('a code', () => {
  it('counts once: a second use ends the sign-in', async () => {
    const { client, code, access, keyId } = await signIn();
    expect(await client.list(access)).toMatchObject({ status: 200 });
    expect(await client.exchange(clientId, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await client.list(access)).toMatchObject({ status: 401 });
    const revoked = { subject: keyId, action: 'api_key.revoke', actorKind: 'system' };
    expect(await endpoint.deps.db.auditEvent.count({ where: revoked })).toBe(1);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['another redirect address', { redirect_uri: 'http://127.0.0.1:4567/other' }, 'invalid_grant'],
    ['another resource', { resource: 'https://example.com/' }, 'invalid_target'],
  ])('is refused with %s', async (_, changed, error) => {
    const client = raw();
    const browser = new Browser();
    const requestId = await browser.request(client.authorizeUrl(clientId));
    const code = (await browser.allow(org.ctx, requestId, 'viewer')).searchParams.get('code') ?? '';
    expect(await client.exchange(clientId, code, changed)).toMatchObject({ status: 400, body: { error } });
  });

  it('of one client is nothing to another', async () => {
    const client = raw();
    const { body } = await client.register({ redirect_uris: [redirectUri] });
    const browser = new Browser();
    const requestId = await browser.request(client.authorizeUrl(clientId));
    const code = (await browser.allow(org.ctx, requestId, 'viewer')).searchParams.get('code') ?? '';
    expect(await client.exchange(String(body.client_id), code)).toMatchObject({ body: { error: 'invalid_grant' } });
  });

  it('used by two requests at once gives tokens to one of them', async () => {
    const client = raw();
    const browser = new Browser();
    const requestId = await browser.request(client.authorizeUrl(clientId));
    const code = (await browser.allow(org.ctx, requestId, 'viewer')).searchParams.get('code') ?? '';
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.exchange(clientId, code)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });
});

describe('a refresh token', () => {
  it('is replaced at each use, moves the end, and ends the sign-in when it is used again', async () => {
    const { client, refresh, keyId } = await signIn();
    const { status, body } = await client.refresh(clientId, refresh);
    expect(status).toBe(200);
    expect(body.refresh_token).not.toBe(refresh);
    expect(await client.list(String(body.access_token))).toMatchObject({ status: 200 });
    const { expiresAt } = await endpoint.deps.db.apiKey.findUniqueOrThrow({ where: { id: keyId } });
    expect(expiresAt?.getTime()).toBeGreaterThan(Date.now() + 29 * 86_400_000);

    expect(await client.refresh(clientId, refresh)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await client.list(String(body.access_token))).toMatchObject({ status: 401 });
    expect(await client.refresh(clientId, String(body.refresh_token))).toMatchObject({ status: 400 });
  });

  it('gives nothing for another resource', async () => {
    const { client, refresh } = await signIn();
    const refused = { status: 400, body: { error: 'invalid_target' } };
    expect(await client.refresh(clientId, refresh, { resource: 'https://example.com/' })).toMatchObject(refused);
  });
});

describe('a token', () => {
  it('is refused once the member’s role is below the client’s, and its client has to sign in again', async () => {
    const admin = org.as('admin');
    const { client, access, refresh } = await signIn(admin, 'admin');
    expect(await client.list(access)).toMatchObject({ status: 200 });
    const { revokedKeys } = await changeMemberRole(org.ctx, { userId: admin.actor.id, role: 'editor' });
    expect(revokedKeys).toContain('Raw');
    expect(await client.list(access)).toEqual({
      status: 401,
      challenge: `Bearer realm="armature", resource_metadata="${endpoint.origin}/.well-known/oauth-protected-resource/api/mcp", scope="mcp", error="invalid_token"`,
    });
    expect(await client.refresh(clientId, refresh)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('is refused once the member was removed', async () => {
    const editor = org.as('editor');
    const { client, access, refresh } = await signIn(editor, 'editor');
    expect(await client.list(access)).toMatchObject({ status: 200 });
    await removeMember(org.ctx, { userId: editor.actor.id });
    expect(await client.list(access)).toMatchObject({ status: 401 });
    expect(await client.refresh(clientId, refresh)).toMatchObject({ status: 400 });
  });

  it('is refused when its client has revoked the sign-in', async () => {
    const { client, access, refresh, keyId } = await signIn();
    expect(await client.revoke(clientId, refresh)).toMatchObject({ status: 200 });
    expect(await client.list(access)).toMatchObject({ status: 401 });
    expect(await endpoint.deps.db.apiKey.findUnique({ where: { id: keyId } })).toBeNull();
  });

  it('isn’t stored, and neither is a code', async () => {
    const { code, access, refresh } = await signIn();
    const stored = JSON.stringify(await endpoint.deps.db.authorizationRecord.findMany());
    for (const secret of [code, access, refresh]) expect(stored).not.toContain(secret);
  });

  it('is of no use as an API key, nor at the REST API', async () => {
    const { access, keyId } = await signIn();
    const wrong = `amt_${keyId}_${'a'.repeat(43)}`;
    for (const bearer of [access.slice(1), `${access}x`, wrong])
      expect(await raw().list(bearer)).toMatchObject({ status: 401 });
    const headers = { authorization: `Bearer ${access}` };
    expect(await fetch(`${endpoint.origin}/api/armature/v1/workflows`, { headers })).toMatchObject({ status: 401 });
  });
});

describe('housekeeping', () => {
  it('forgets clients that nobody lets in, and keeps those that are signed in', async () => {
    await signIn();
    const { db } = endpoint.deps;
    const { body } = await raw().register({ client_name: 'Nobody’s', redirect_uris: [redirectUri] });
    await db.authorizationRecord.updateMany({ where: { kind: 'Client' }, data: { createdAt: new Date(0) } });
    await sweepAuthorizations(endpoint.deps);
    expect(await new Browser().open(raw().authorizeUrl(String(body.client_id)))).toMatchObject({ status: 400 });
    await new Browser().request(raw().authorizeUrl(clientId));
  });
});

describe('the metadata', () => {
  const read = async (path: string) => (await fetch(`${endpoint.origin}${path}`)).json();

  it('leads from the endpoint to the authorization server', async () => {
    const resource = {
      resource: endpoint.url,
      authorization_servers: [endpoint.origin],
      scopes_supported: ['mcp'],
    };
    expect(await read('/.well-known/oauth-protected-resource/api/mcp')).toMatchObject(resource);
    expect(await read('/.well-known/oauth-protected-resource')).toMatchObject(resource);
    expect(await read('/.well-known/oauth-authorization-server')).toMatchObject({
      issuer: endpoint.origin,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
  });

  it.each(['/.well-known/openid-configuration', '/register', '/token', '/authorize'])(
    '%s is a JSON 404',
    async (path) => {
      expect(await read(path)).toMatchObject({ error: { code: 'resource_not_found' } });
    },
  );
});
