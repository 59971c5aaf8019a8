import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isArmatureError } from '../../../domain/error/error.ts';
import { type ProtectedOptions, startProtectedServer } from '../../../tests/support/oauth/protected-server.ts';
import { type ProviderOptions, startProvider } from '../../../tests/support/oauth/provider.ts';
import { connectProtected, probe, session, signIn } from '../../../tests/support/oauth/scenario.ts';
import { visit } from '../../../tests/support/oauth/visit.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { storedSecrets } from '../../../tests/support/setup/stored-secrets.ts';
import { editServer } from '../../server/edit.ts';
import { loadRedactor } from '../../server/secret/redactor.ts';
import { keepSignedIn } from '../oauth/keep.ts';
import { completeSignIn } from './complete.ts';
import { confirmIssuer } from './confirm-issuer.ts';
import { getSignIn } from './get.ts';
import { signOutProfile } from './sign-out.ts';
import { startSignIn } from './start.ts';

let test: TestDeps;
let org: TestOrg;
let clock = 0;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  test = await testDeps({ now: () => new Date(Date.now() + clock) });
});
afterAll(() => test.close());
afterEach(async () => {
  clock = 0;
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp({ provider: of, server: served }: { provider?: ProviderOptions; server?: ProtectedOptions } = {}) {
  org = await testOrg(test.deps);
  const provider = await startProvider(of);
  const server = await startProtectedServer(provider, served);
  closing.push(provider.close, server.close);
  return { provider, server };
}

async function setUpPerson(options: Parameters<typeof setUp>[0] = {}) {
  const { provider, server } = await setUp(options);
  const ids = await connectProtected(org.ctx, server.url, {
    kind: 'oauth_authorization_code',
    issuer: provider.issuer,
  });
  return { provider, server, ...ids };
}

const getIncidents = (authProfileId: string) =>
  test.deps.db.incident.findMany({
    where: { orgId: org.orgId, subjectKind: 'auth_profile', subjectKey: authProfileId },
    orderBy: { openedAt: 'asc' },
  });
const reach = (serverId: string) => probe(test.deps, org.orgId, serverId);

async function failureOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    if (isArmatureError(error)) return error;
    throw error;
  }
  return expect.unreachable('should have failed');
}

describe('a sign-in by a person', () => {
  it('lets every connection use the tokens, and says whom it acts as', async () => {
    const { provider, server, serverId, authProfileId } = await setUpPerson();
    expect(await reach(serverId)).toMatchObject({
      ok: false,
      failure: { kind: 'auth', message: expect.stringContaining('not signed in') },
    });
    await signIn(org.ctx, authProfileId);
    expect(await reach(serverId)).toMatchObject({ ok: true });
    expect(server.statuses.at(-1)).toBe(200);
    const view = await getSignIn(org.as('viewer'), { authProfileId });
    expect(view).toMatchObject({
      state: 'signed_in',
      problem: null,
      redirectUri: expect.stringMatching(/^http:\/\/127\.0\.0\.1.*\/oauth\/callback$/),
    });
    expect(view.traces[0]).toMatchObject({ outcome: 'signed_in' });
    expect(view.traces[0]?.steps.map(({ title }) => title)).toContain('Exchange the code for tokens');
    // Nothing of the secrets is anywhere else.
    const secrets = await storedSecrets(test.deps, org.orgId);
    const [client = ''] = [...provider.store.rows.keys()].filter((key) => key.startsWith('Client:'));
    const isOpen = (text: string) => text.includes('http') || client.endsWith(text);
    const long = secrets.filter((secret) => secret.length > 30 && !isOpen(secret));
    expect(long.length).toBeGreaterThanOrEqual(2);
    const rows = JSON.stringify([
      await test.deps.db.oAuthProfile.findMany({ where: { orgId: org.orgId } }),
      await test.deps.db.oAuthSignIn.findMany({ where: { orgId: org.orgId } }),
      await test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId } }),
    ]);
    for (const secret of long) expect(rows).not.toContain(secret);
    const redactor = await loadRedactor(test.deps, { orgId: org.orgId, serverId, authProfileId });
    for (const secret of long) expect(redactor.text(`a ${secret} b`)).not.toContain(secret);
  });

  it('refreshes ahead, keeps a refresh token that is not replaced, and follows the clock', async () => {
    const { provider, serverId, authProfileId } = await setUpPerson({ provider: { accessTokenTtl: 600 } });
    await signIn(org.ctx, authProfileId);
    const before = (await getSignIn(org.ctx, { authProfileId })).tokenExpiresAt;
    expect(await keepSignedIn(test.deps)).toMatchObject({ tokensRefreshed: 0 });
    clock = 500_000;
    expect(await keepSignedIn(test.deps)).toMatchObject({ tokensRefreshed: 1 });
    const after = (await getSignIn(org.ctx, { authProfileId })).tokenExpiresAt;
    expect(after).not.toBe(before);
    expect(provider.store.countUsable()).toBe(1);
    expect(await reach(serverId)).toMatchObject({ ok: true });
  });

  it('refreshes at a 401, once for all that wait', async () => {
    const { provider, serverId, authProfileId } = await setUpPerson();
    await signIn(org.ctx, authProfileId);
    clock = 60_000;
    for (const key of provider.store.rows.keys()) if (key.startsWith('AccessToken:')) provider.store.rows.delete(key);
    const probes = await Promise.all(Array.from({ length: 8 }, () => reach(serverId)));
    expect(probes.every(({ ok }) => ok)).toBe(true);
    const used = [...provider.store.rows].filter(
      ([key, row]) => key.startsWith('RefreshToken:') && row.consumed !== undefined,
    );
    expect(used).toHaveLength(1);
  });

  it('opens one incident of the profile when it is revoked, and closes it when somebody signs in again', async () => {
    const { provider, serverId, authProfileId } = await setUpPerson();
    await signIn(org.ctx, authProfileId);
    provider.store.revokeAll();
    clock = 60_000;
    for (let i = 0; i < 3; i++) expect(await reach(serverId)).toMatchObject({ ok: false, failure: { kind: 'auth' } });
    expect(await getSignIn(org.ctx, { authProfileId })).toMatchObject({ state: 'ended', problem: { kind: 'ended' } });
    expect(await getIncidents(authProfileId)).toMatchObject([{ closedAt: null, level: 'bad' }]);
    await signIn(org.ctx, authProfileId);
    expect(await reach(serverId)).toMatchObject({ ok: true });
    expect(await getIncidents(authProfileId)).toMatchObject([{ closeReason: 'recovered' }]);
  });

  it('keeps the tokens while the authorization server is down, and uses those that are valid', async () => {
    let isDown = false;
    const before: ProviderOptions['before'] = (_, response) => {
      if (isDown) response.writeHead(503).end();
      return isDown;
    };
    const { serverId, authProfileId } = await setUpPerson({ provider: { before, accessTokenTtl: 600 } });
    await signIn(org.ctx, authProfileId);
    isDown = true;
    clock = 500_000;
    expect(await reach(serverId)).toMatchObject({ ok: true });
    clock = 700_000;
    expect(await reach(serverId)).toMatchObject({ ok: false, failure: { kind: 'auth' } });
    expect(await getIncidents(authProfileId)).toEqual([]);
    isDown = false;
    clock = 800_000;
    expect(await reach(serverId)).toMatchObject({ ok: true });
  });

  it('notifies once of an end that is known, three days ahead', async () => {
    const { authProfileId } = await setUpPerson();
    await signIn(org.ctx, authProfileId);
    const day = 86_400_000;
    const endsAt = new Date(Date.now() + 10 * day);
    const where = { orgId: org.orgId, authProfileId };
    await test.deps.db.oAuthProfile.updateMany({ where, data: { endsAt, refreshAt: null } });
    clock = 6 * day;
    expect(await keepSignedIn(test.deps)).toMatchObject({ endsNotified: 0 });
    clock = 8 * day;
    expect(await keepSignedIn(test.deps)).toMatchObject({ endsNotified: 1 });
    expect(await keepSignedIn(test.deps)).toMatchObject({ endsNotified: 0 });
    expect(await getIncidents(authProfileId)).toMatchObject([
      { closedAt: null, level: 'warn', summary: expect.stringContaining('Sign in again') },
    ]);
  });

  it('asks a person for scopes that are missing', async () => {
    const scope = (body: string) => (body.includes('tools/list') ? 'tools tools:write' : 'tools');
    const { serverId, authProfileId } = await setUpPerson({ server: { scope } });
    await signIn(org.ctx, authProfileId);
    expect(await reach(serverId)).toMatchObject({ ok: false, failure: { kind: 'auth' } });
    expect((await getSignIn(org.ctx, { authProfileId })).neededScope).toContain('tools:write');
    await signIn(org.ctx, authProfileId);
    expect(await reach(serverId)).toMatchObject({ ok: true });
    expect((await getSignIn(org.ctx, { authProfileId })).neededScope).toBeNull();
  });
});

describe('the answer to a sign-in', () => {
  const finish = (query: string, as = org.ctx, given = session) =>
    completeSignIn(as, { state: new URLSearchParams(query).get('state') ?? '', query, session: given });

  it('counts once, in the browser and for the person that began it, within ten minutes', async () => {
    const { authProfileId } = await setUpPerson();
    const { url } = await startSignIn(org.ctx, { authProfileId, session });
    const query = (await visit(url)).search.slice(1);
    expect(await failureOf(finish(query, org.ctx, 'another browser'))).toMatchObject({ code: 'resource_not_found' });
    expect(await failureOf(finish(query, org.as('admin')))).toMatchObject({ code: 'resource_not_found' });
    const other = await testOrg(test.deps);
    expect(await failureOf(finish(query, other.ctx))).toMatchObject({ code: 'resource_not_found' });
    clock = 11 * 60_000;
    expect(await failureOf(finish(query))).toMatchObject({ code: 'resource_not_found' });
    clock = 0;
    await finish(query);
    expect(await failureOf(finish(query))).toMatchObject({ code: 'resource_not_found' });
  });

  it('is refused from another issuer, without asking for tokens', async () => {
    const { authProfileId } = await setUpPerson();
    const { url } = await startSignIn(org.ctx, { authProfileId, session });
    const answer = (await visit(url)).searchParams;
    answer.set('iss', 'https://evil.example');
    expect(await failureOf(finish(answer.toString()))).toMatchObject({
      code: 'sign_in_failed',
      details: { reason: 'callback' },
    });
    const { state, traces } = await getSignIn(org.ctx, { authProfileId });
    expect(state).toBe('signed_out');
    expect(traces[0]).toMatchObject({ outcome: 'failed' });
    expect(JSON.stringify(traces[0])).not.toContain('Exchange the code');
  });
});

describe('an authorization server', () => {
  it('that is not public has to be confirmed', async () => {
    const { provider, server } = await setUp();
    const { authProfileId } = await connectProtected(org.ctx, server.url, { kind: 'oauth_authorization_code' });
    const failure = await failureOf(startSignIn(org.ctx, { authProfileId, session }));
    expect(failure).toMatchObject({
      code: 'sign_in_failed',
      details: { reason: 'issuer_unconfirmed', issuer: provider.issuer },
    });
    await confirmIssuer(org.ctx, { authProfileId, issuer: provider.issuer });
    await signIn(org.ctx, authProfileId);
  });

  it('that changed stops everything until somebody confirms it, and never gets the credentials of the other', async () => {
    let named: string | undefined;
    const metadata = (document: object) => ({ ...document, ...(named && { authorization_servers: [named] }) });
    const { serverId, authProfileId } = await setUpPerson({ server: { metadata } });
    await signIn(org.ctx, authProfileId);
    const seen: string[] = [];
    const before: ProviderOptions['before'] = ({ url = '' }) => {
      seen.push(url);
      return false;
    };
    const other = await startProvider({ before });
    closing.push(other.close);
    named = other.issuer;
    const failure = await failureOf(startSignIn(org.ctx, { authProfileId, session }));
    expect(failure).toMatchObject({ details: { reason: 'issuer_changed', issuer: other.issuer } });
    expect(seen).toEqual([]);
    // What is signed in goes on until then.
    expect(await reach(serverId)).toMatchObject({ ok: true });
    await confirmIssuer(org.ctx, { authProfileId, issuer: other.issuer });
    expect(await reach(serverId)).toMatchObject({ ok: false });
    const { url } = await startSignIn(org.ctx, { authProfileId, session });
    expect(new URL(url).origin).toBe(other.issuer);
    expect(seen.some((path) => path.startsWith('/reg'))).toBe(true);
  });

  it('without S256 is refused, with the reason', async () => {
    const metadata = (document: object) => ({ ...document, code_challenge_methods_supported: ['plain'] });
    const { authProfileId } = await setUpPerson({ provider: { metadata } });
    const failure = await failureOf(startSignIn(org.ctx, { authProfileId, session }));
    expect(failure).toMatchObject({ details: { reason: 'no_pkce' }, message: expect.stringContaining('S256') });
  });
});

describe('client credentials', () => {
  const common = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
  const clientSecret = 'a long secret of a client';
  const clients = [{ client_id: 'job', client_secret: clientSecret, ...common }];

  it('get a token when one is needed, and more scopes at a refusal', async () => {
    const scope = (body: string) => (body.includes('tools/list') ? 'tools tools:write' : 'tools');
    const { provider, server } = await setUp({ provider: { clients }, server: { scope } });
    const kind = 'oauth_client_credentials';
    const ids = await connectProtected(org.ctx, server.url, {
      kind,
      issuer: provider.issuer,
      clientId: 'job',
      clientSecret,
    });
    expect(await reach(ids.serverId)).toMatchObject({ ok: true });
    const view = await getSignIn(org.ctx, ids);
    expect(view).toMatchObject({
      state: 'signed_in',
      actsAs: 'job',
      scope: expect.stringContaining('tools:write'),
      endsAt: null,
    });
    await signOutProfile(org.ctx, ids);
    expect(await reach(ids.serverId)).toMatchObject({ ok: true });
  });

  it('go to no authorization server that only the server names', async () => {
    const { server, provider } = await setUp({ provider: { clients } });
    const kind = 'oauth_client_credentials';
    const ids = await connectProtected(org.ctx, server.url, { kind, clientId: 'job', clientSecret });
    expect(await reach(ids.serverId)).toMatchObject({ ok: false, failure: { kind: 'auth' } });
    await confirmIssuer(org.ctx, { ...ids, issuer: provider.issuer });
    expect(await reach(ids.serverId)).toMatchObject({ ok: true });
  });

  it('that are wrong open an incident of the profile', async () => {
    const { provider, server } = await setUp({ provider: { clients } });
    const ids = await connectProtected(org.ctx, server.url, {
      kind: 'oauth_client_credentials',
      issuer: provider.issuer,
      clientId: 'job',
      clientSecret: 'wrong wrong wrong',
    });
    expect(await reach(ids.serverId)).toMatchObject({
      ok: false,
      failure: { kind: 'auth', message: expect.stringContaining('refused') },
    });
    expect(await getIncidents(ids.authProfileId)).toMatchObject([{ closedAt: null }]);
  });
});

describe('a server that moves to another origin', () => {
  it('does not get the tokens', async () => {
    const { provider, serverId, authProfileId } = await setUpPerson();
    await signIn(org.ctx, authProfileId);
    const other = await startProtectedServer(provider);
    closing.push(other.close);
    await editServer(org.ctx, { serverId, url: other.url, saveAnyway: true });
    expect(await reach(serverId)).toMatchObject({ ok: false, failure: { kind: 'auth' } });
    expect(other.statuses).toEqual([]);
  });
});
