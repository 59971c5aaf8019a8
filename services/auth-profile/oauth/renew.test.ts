import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProtectedServer } from '../../../tests/support/oauth/protected-server.ts';
import { type ProviderOptions, startProvider } from '../../../tests/support/oauth/provider.ts';
import { connectProtected, probe, signIn } from '../../../tests/support/oauth/scenario.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import type { Deps } from '../../context/context.ts';
import { getSignIn } from '../sign-in/get.ts';
import { keepSignedIn } from './keep.ts';
import { readTokens } from './stored.ts';

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

/** A profile that is signed in, whose token is due. */
async function setUp(options: ProviderOptions) {
  org = await testOrg(test.deps);
  const provider = await startProvider({ accessTokenTtl: 600, ...options });
  const server = await startProtectedServer(provider);
  closing.push(provider.close, server.close);
  const kind = 'oauth_authorization_code';
  const ids = await connectProtected(org.ctx, server.url, { kind, issuer: provider.issuer });
  await signIn(org.ctx, ids.authProfileId);
  clock = 700_000;
  const where = { orgId: org.orgId, authProfileId: ids.authProfileId };
  const row = () => test.deps.db.oAuthProfile.findFirstOrThrow({ where });
  const stored = async () => {
    const tokens = await readTokens(test.deps.secrets, await row());
    if (!tokens) throw new Error('The tokens are gone.');
    return tokens;
  };
  return { provider, ...ids, where, row, stored };
}

type Setting = Awaited<ReturnType<typeof setUp>>;
const reach = (serverId: string, deps: Deps = test.deps) => probe(deps, org.orgId, serverId);

/** As a process leaves it that was killed between the answer of the authorization server and the write. */
async function dieAfterAnswer({ provider, where, stored }: Setting): Promise<void> {
  const { generation, tokens } = await stored();
  const used = provider.store.rows.get(`RefreshToken:${tokens.refreshToken}`);
  if (!used) throw new Error('The authorization server does not know the refresh token.');
  used.consumed = Date.now();
  const now = Date.now();
  const data = {
    leaseHolder: 'dead',
    leaseUntil: new Date(now + 500),
    attemptedGeneration: generation,
    attemptedAt: new Date(now),
  };
  await test.deps.db.oAuthProfile.updateMany({ where, data });
}

describe('a refresh whose process was killed before it stored the answer', () => {
  it('is made once more with the same token, which many authorization servers take for some seconds', async () => {
    const setting = await setUp({ leewayMs: 60_000 });
    await dieAfterAnswer(setting);
    const before = await setting.stored();
    expect(await reach(setting.serverId)).toMatchObject({ ok: true });
    expect((await setting.stored()).generation).toBe(before.generation + 1);
    expect(await getSignIn(org.ctx, setting)).toMatchObject({ state: 'signed_in', problem: null });
  });

  it('ends the sign-in elsewhere, and says why', async () => {
    const setting = await setUp({});
    await dieAfterAnswer(setting);
    expect(await reach(setting.serverId)).toMatchObject({ ok: false, failure: { kind: 'auth' } });
    const { state, problem } = await getSignIn(org.ctx, setting);
    expect(state).toBe('ended');
    expect(problem?.message).toMatch(/Armature was stopped .* during the refresh on .* UTC/);
    expect(problem?.remediation).toContain('Sign in again.');
    // The next sign-in starts afresh.
    await signIn(org.ctx, setting.authProfileId);
    expect(await reach(setting.serverId)).toMatchObject({ ok: true });
    setting.provider.store.revokeAll();
    clock = 1_400_000;
    expect(await reach(setting.serverId)).toMatchObject({ ok: false });
    expect((await getSignIn(org.ctx, setting)).problem?.message).not.toContain('was stopped');
  });
});

describe('a refresh', () => {
  it('is made once more when its answer gets lost on the way', async () => {
    let lost = 0;
    const before: ProviderOptions['before'] = ({ url }, response) => {
      if (url === '/token' && lost === 1) {
        lost++;
        const { socket } = response;
        Object.assign(response, { end: () => socket?.destroy() });
      }
      return false;
    };
    const { serverId, stored } = await setUp({ leewayMs: 60_000, before });
    const { generation } = await stored();
    lost = 1;
    expect(await reach(serverId)).toMatchObject({ ok: true });
    expect(lost).toBe(2);
    expect((await stored()).generation).toBe(generation + 1);
  });

  it('is stored as soon as the database is back', async () => {
    const { provider, serverId, stored } = await setUp({});
    let failures = 3;
    const { secrets } = test.deps;
    const replace: typeof secrets.replace = (...given) =>
      failures-- > 0 ? Promise.reject(new Error('The database is away.')) : secrets.replace(...given);
    expect(await reach(serverId, { ...test.deps, secrets: { ...secrets, replace } })).toMatchObject({ ok: true });
    expect(failures).toBe(-1);
    expect(provider.store.countUsable()).toBe(1);
    expect(await stored()).toMatchObject({ tokens: { accessToken: expect.any(String) } });
  });

  it('of a client that the authorization server has forgotten ends the sign-in, and the next one registers again', async () => {
    const { provider, serverId, authProfileId, row } = await setUp({});
    const { registeredRef } = await row();
    for (const key of provider.store.rows.keys()) if (key.startsWith('Client:')) provider.store.rows.delete(key);
    expect(await reach(serverId)).toMatchObject({ ok: false, failure: { kind: 'auth' } });
    expect(await getSignIn(org.ctx, { authProfileId })).toMatchObject({
      state: 'ended',
      problem: { kind: 'client', remediation: expect.stringContaining('Sign in again') },
    });
    expect(await test.deps.secrets.get(org.orgId, registeredRef ?? '')).toBeNull();
    await signIn(org.ctx, authProfileId);
    expect(await reach(serverId)).toMatchObject({ ok: true });
  });

  it('that a process stored before it died is followed by the profile', async () => {
    const { where, row } = await setUp({});
    await reach((await test.deps.db.authProfile.findFirstOrThrow({ where: { id: where.authProfileId } })).serverId);
    const { refreshAt } = await row();
    await test.deps.db.oAuthProfile.updateMany({ where, data: { refreshAt: new Date(0), state: 'signed_in' } });
    await keepSignedIn(test.deps);
    expect((await row()).refreshAt).toEqual(refreshAt);
  });
});
