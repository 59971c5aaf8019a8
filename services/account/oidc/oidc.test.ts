import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardProvider, startDashboardProvider } from '../../../tests/support/oauth/dashboard-provider.ts';
import { visit as visitProvider } from '../../../tests/support/oauth/visit.ts';
import { type TestDeps, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import type { Context } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { createInvitation } from '../../invitation/create.ts';
import { getSession } from '../session.ts';
import { beginProviderSignIn } from './begin.ts';
import { completeProviderSignIn } from './complete.ts';

const url = 'http://127.0.0.1:4000';
let provider: DashboardProvider;
const scenarios: TestDeps[] = [];
let closed: Context;

/** A visitor of an installation with an account, and with the provider. */
async function install(env: Record<string, string> = {}, hasAccounts = true): Promise<Context> {
  const scenario = await testDeps({ env: { ARMATURE_URL: url, ...provider.env, ...env } });
  scenarios.push(scenario);
  if (hasAccounts) await testOrg(scenario.deps);
  return { deps: scenario.deps, actor: { kind: 'visitor', id: '127.0.0.1' }, requestId: newId() };
}

beforeAll(async () => {
  provider = await startDashboardProvider();
  provider.register(url);
  closed = await install();
});
afterAll(async () => {
  for (const { close } of scenarios) await close();
  await provider?.close();
});

const visitOf = (cookie: string) => ({ cookie, address: '127.0.0.1', userAgent: 'test' });
const toCookie = (headers: readonly string[]) => headers.map((line) => line.split(';')[0]).join('; ');

/** Goes to the provider as that person, and back. */
async function goThere(ctx: Context, user: string, to = '/') {
  const begun = await beginProviderSignIn(ctx, { to });
  const back = await visitProvider(begun.url, { user });
  return { cookie: toCookie([begun.cookie]), query: back.search.slice(1) };
}

async function signIn(ctx: Context, user: string, to?: string) {
  const { cookie, query } = await goThere(ctx, user, to);
  const ended = await completeProviderSignIn(ctx, { visit: visitOf(cookie), query });
  const session = await getSession(ctx, { visit: visitOf(toCookie(ended.cookies)) });
  return { ...ended, session };
}

/** An account with a password. */
async function createUser({ deps }: Context, emailVerified: boolean): Promise<{ id: string; email: string }> {
  const id = newId();
  return deps.db.user.create({ data: { id, name: 'Ada', email: `ada-${id}@example.com`, emailVerified } });
}

describe('a sign-in at the OpenID provider', () => {
  it('finds the account of a verified address, and from then on by the provider’s id of the person', async () => {
    const { id, email } = await createUser(closed, true);
    const first = await signIn(closed, email, '/o/acme');
    expect(first).toMatchObject({ to: '/o/acme', session: { user: { id, email } } });
    await closed.deps.db.user.update({ where: { id }, data: { email: `moved-${email}` } });
    expect((await signIn(closed, email)).session?.user.id).toBe(id);
    expect(await closed.deps.db.account.count({ where: { userId: id, providerId: 'oidc' } })).toBe(1);
    const events = await closed.deps.db.securityEvent.findMany({ where: { subject: `user:${id}` } });
    const event = { kind: 'sign_in', outcome: 'ok', detail: 'at the OpenID provider' };
    expect(events).toMatchObject([event, event]);
  });

  it.each([
    ['an address that the provider has not verified', 'ada@unverified.example.com', 'not verified your e-mail'],
    ['somebody who has no account', 'nobody@example.com', 'has no account on this installation'],
  ])('refuses %s', async (_, user, message) => {
    await expect(signIn(closed, user)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining(message),
    });
    expect(await closed.deps.db.user.findUnique({ where: { email: user } })).toBeNull();
  });

  it('gives nobody the account of an address that was not verified here', async () => {
    const { email } = await createUser(closed, false);
    await expect(signIn(closed, email)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('was never verified'),
    });
  });

  it('creates an account where sign-up is open, and where the domain is allowed', async () => {
    const open = await install({ ARMATURE_OPEN_SIGNUP: 'true' });
    expect((await signIn(open, 'grace@example.com')).session?.user).toMatchObject({
      name: 'Grace Hopper',
      email: 'grace@example.com',
    });
    const ofCompany = await install({ ARMATURE_OIDC_ALLOWED_DOMAINS: 'example.com, example.org' });
    expect((await signIn(ofCompany, 'grace@example.org')).session).not.toBeNull();
    await expect(signIn(ofCompany, 'grace@example.net')).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(signIn(ofCompany, 'grace@sub.example.com')).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('never creates the first account', async () => {
    const empty = await install({ ARMATURE_OPEN_SIGNUP: 'true' }, false);
    await expect(signIn(empty, 'grace@example.com')).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('creates an account for somebody who was invited, and leads back to the invitation', async () => {
    const org = await testOrg(closed.deps);
    const email = `${newId()}@example.com`;
    const { url: link } = await createInvitation(org.ctx, { role: 'viewer', email });
    const to = link ? new URL(link).pathname + new URL(link).search : '/invite?token=none';
    await expect(signIn(closed, `other-${email}`, to)).rejects.toMatchObject({ code: 'permission_denied' });
    expect(await signIn(closed, email, to)).toMatchObject({ to, session: { user: { email } } });
  });

  it('ends only in the browser that began it, and once', async () => {
    const { id, email } = await createUser(closed, true);
    const mine = await goThere(closed, email);
    const stolen = { visit: visitOf(''), query: mine.query };
    await expect(completeProviderSignIn(closed, stolen)).rejects.toMatchObject({ code: 'conflict' });
    const theirs = await goThere(closed, 'mallory@example.com');
    const mixed = { visit: visitOf(mine.cookie), query: theirs.query };
    await expect(completeProviderSignIn(closed, mixed)).rejects.toMatchObject({ code: 'sign_in_failed' });
    const forged = {
      visit: visitOf(mine.cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))),
      query: mine.query,
    };
    await expect(completeProviderSignIn(closed, forged)).rejects.toMatchObject({ code: 'conflict' });
    const right = { visit: visitOf(mine.cookie), query: mine.query };
    await completeProviderSignIn(closed, right);
    await expect(completeProviderSignIn(closed, right)).rejects.toMatchObject({ code: 'sign_in_failed' });
    expect(await closed.deps.db.session.count({ where: { userId: id } })).toBe(1);
  });

  it('refuses an answer that names another issuer, or none', async () => {
    const { email } = await createUser(closed, true);
    for (const iss of ['https://other.example.com', null]) {
      const { cookie, query } = await goThere(closed, email);
      const changed = new URLSearchParams(query);
      if (iss === null) changed.delete('iss');
      else changed.set('iss', iss);
      const visit = visitOf(cookie);
      await expect(completeProviderSignIn(closed, { visit, query: String(changed) })).rejects.toMatchObject({
        code: 'sign_in_failed',
      });
    }
  });

  it('refuses a provider that names another issuer in its metadata', async () => {
    const wrong = await startDashboardProvider({
      metadata: (document) => ({ ...document, issuer: 'https://other.example.com' }),
    });
    try {
      const ctx = await install({ ARMATURE_OIDC_ISSUER: wrong.issuer });
      await expect(beginProviderSignIn(ctx, { to: '/' })).rejects.toMatchObject({ code: 'sign_in_failed' });
    } finally {
      await wrong.close();
    }
  });
});
