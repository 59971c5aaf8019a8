import { Client } from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createAuth } from '../../infra/auth/index.ts';
import { createLogger } from '../../infra/logger/index.ts';
import { announceSetupCode } from '../../services/account/setup-code.ts';
import { signUp } from '../../services/account/sign-up.ts';
import { isWithinLimit, signInLimits } from '../../services/account/throttle.ts';
import type { Context } from '../../services/context/context.ts';
import { startApp, type TestApp } from '../support/browser/app.ts';

let app: TestApp | undefined;
let shared: TestApp | undefined;
afterEach(async () => {
  if (app !== shared) await app?.close();
  app = undefined;
});
afterAll(() => shared?.close());

/** An app where nobody has signed up yet: one for all tests, which is emptied. */
async function startEmptyApp(): Promise<TestApp> {
  shared ??= await startApp();
  const owner = new Client({ connectionString: shared.database.ownerUrl });
  await owner.connect();
  await owner.query('SET session_replication_role = replica');
  await owner.query('TRUNCATE "User", "Organization", "SignInThrottle" CASCADE');
  await owner.end();
  return shared;
}

const person = {
  name: 'Ada',
  email: 'ada@example.com',
  password: 'a long password',
  organizationName: 'Müller & Söhne',
};

const visitor = ({ deps }: TestApp): Context => ({ deps, actor: { kind: 'visitor', id: 'test' }, requestId: 'test' });

/** A form as a browser sends it from a page of the app. */
function post(
  { url }: TestApp,
  path: string,
  fields: { [name: string]: string },
  headers: { [name: string]: string } = {},
) {
  return fetch(`${url}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
    headers: { origin: url, 'sec-fetch-site': 'same-origin', ...headers },
  });
}
const signInAs = (at: TestApp, password: string, headers = {}, query = '') =>
  post(at, `/sign-in${query}`, { email: person.email, password }, headers);
const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

describe('signing up', () => {
  it('makes a person who owns an organization with a readable slug, and is audited', async () => {
    app = await startEmptyApp();
    const { userId, orgId, slug } = await signUp(visitor(app), person);
    expect(slug).toBe('muller-sohne');
    expect(await app.deps.db.member.findMany({ where: { orgId } })).toMatchObject([{ userId, role: 'owner' }]);
    expect(await app.deps.db.auditEvent.findMany({ where: { orgId } })).toMatchObject([
      { action: 'account.sign_up', actorKind: 'member', actorId: userId },
    ]);
  });

  it('is closed after the first account, also when two are made at once', async () => {
    app = await startEmptyApp();
    const ctx = visitor(app);
    const ends = await Promise.allSettled(
      ['one', 'two', 'three'].map((name) => signUp(ctx, { ...person, email: `${name}@example.com` })),
    );
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []))).toEqual([
      'permission_denied',
      'permission_denied',
    ]);
    expect(await app.deps.db.user.count()).toBe(1);
    expect(await app.deps.db.organization.count()).toBe(1);
    expect(await (await fetch(`${app.url}/sign-up`)).text()).toContain('Sign-up is closed here.');
  });

  it('stays open with ARMATURE_OPEN_SIGNUP, each with a slug of their own', async () => {
    app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true' } });
    const first = await signUp(visitor(app), person);
    const second = await signUp(visitor(app), { ...person, email: 'bob@example.com' });
    expect([first.slug, second.slug]).toEqual(['muller-sohne', 'muller-sohne-2']);
    await expect(signUp(visitor(app), { ...person, email: 'ADA@example.com' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await app.deps.db.organization.count()).toBe(2);
  });

  it('answers the same whether or not the address has an account', async () => {
    app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true' } });
    await signUp(visitor(app), person);
    const at = app;
    const answers = await Promise.all(
      [person, { ...person, email: 'bob@example.com' }].map(async (each) => {
        const answer = await post(at, '/sign-up', { ...each, password: 'another long password' });
        return [answer.status, answer.headers.get('location'), answer.headers.getSetCookie(), await answer.text()];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    // The account that was there keeps its password.
    expect((await signInAs(app, 'another long password')).status).toBe(401);
    expect((await signInAs(app, person.password)).status).toBe(302);
    expect(await app.deps.db.user.count()).toBe(2);
  });

  it('of the first account needs the setup code, which the api writes to its log until then', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', process: 'test', to: { write: (line) => void lines.push(line) } });
    app = await startApp({ log });
    const at = app;
    const first = (fields: object) => post(at, '/sign-up', { ...person, ...fields });
    for (const setupCode of ['', '0'.repeat(12), 'x'.repeat(100)]) {
      const answer = await first({ setupCode });
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('The setup code is wrong.')]);
    }
    expect(await app.deps.db.user.count()).toBe(0);
    await announceSetupCode(app.deps);
    const [, setupCode = ''] = /setup code: ([0-9a-f]{12})"/.exec(lines.at(-1) ?? '') ?? [];
    const answer = await first({ setupCode: ` ${setupCode.toUpperCase()} ` });
    expect(answer.headers.get('location')).toBe('/o/muller-sohne/servers/new');
    expect((await signInAs(app, person.password)).status).toBe(302);
    lines.length = 0;
    await announceSetupCode(app.deps);
    expect(lines).toEqual([]);
  });

  it.each([
    ['password123', 'most common'],
    ['ada-is-here-now', 'part of your name'],
    ['muller-und-co-99', 'part of your name'],
  ])('refuses the password %s', async (password, message) => {
    app = await startEmptyApp();
    await expect(signUp(visitor(app), { ...person, password })).rejects.toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining(message),
      details: { fieldErrors: [{ field: 'password' }] },
    });
  });
});

describe('signing in', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  /** Counts attempts without the cost of a password hash. */
  const countOften = async (limit: (typeof signInLimits)[keyof typeof signInLimits], value: string, times: number) => {
    for (let count = 0; count < times; count++) await isWithinLimit(at().deps.db, limit, value, at().deps.now());
  };
  const at = (): TestApp => {
    if (!app) throw new Error('no app was started');
    return app;
  };

  it('is throttled by account and network, says when to try again, and lets in again after the window', async () => {
    let clock = Date.now();
    app = await startApp({ now: () => new Date(clock), env: { ARMATURE_TRUSTED_PROXIES: '127.0.0.1' } });
    await signUp(visitor(app), person);
    for (let attempt = 1; attempt <= 10; attempt++)
      expect((await signInAs(app, 'wrong', from('203.0.113.7'))).status).toBe(401);
    const refused = await signInAs(app, person.password, from('203.0.113.7'));
    expect(refused.status).toBe(429);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(await refused.text()).toMatch(/Too many attempts for this account\. Try again in 15 minutes\./);
    // Not from another network, where nobody guessed.
    expect((await signInAs(app, person.password, from('203.0.113.8'))).status).toBe(302);
    clock += 15 * 60_000 + 1;
    expect((await signInAs(app, person.password, from('203.0.113.7'))).status).toBe(302);
    expect(await app.deps.db.signInThrottle.count({ where: { key: { startsWith: 'account' } } })).toBe(0);
  });

  it('counts attempts that come at once', async () => {
    app = await startEmptyApp();
    await signUp(visitor(app), person);
    const statuses = await Promise.all(Array.from({ length: 14 }, async () => (await signInAs(at(), 'wrong')).status));
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
  });

  it('is throttled by network over all accounts, and by a whole IPv6 /64', async () => {
    app = await startApp({ env: { ARMATURE_TRUSTED_PROXIES: '127.0.0.1' } });
    await signUp(visitor(app), person);
    const attempt = (email: string, address: string) => post(at(), '/sign-in', { email, password: 'x' }, from(address));
    for (const [network, address, elsewhere] of [
      ['203.0.113.9', '203.0.113.9', '203.0.113.10'],
      ['2001:db8:1:1::/64', '2001:db8:1:1:ffff::9', '2001:db8:1:2::1'],
    ] as const) {
      await countOften(signInLimits.network, network, 49);
      expect((await attempt('one@example.com', address)).status).toBe(401);
      const refused = await attempt('two@example.com', address);
      expect(refused.status).toBe(429);
      expect(await refused.text()).toContain('Too many attempts from your network');
      expect((await attempt('three@example.com', elsewhere)).status).toBe(401);
    }
  });

  it('is not throttled by a private address that no trusted proxy tells: it may be that of everybody', async () => {
    app = await startEmptyApp();
    await signUp(visitor(app), person);
    await countOften(signInLimits.network, '127.0.0.1', 60);
    expect((await signInAs(app, person.password)).status).toBe(302);
    // Nor by an address that the client made up.
    expect((await signInAs(app, person.password, from('203.0.113.7'))).status).toBe(302);
    expect(await app.deps.db.signInThrottle.count({ where: { key: { startsWith: 'network' } } })).toBe(1);
  });

  it('never locks out a browser that has signed in to the account before', async () => {
    app = await startEmptyApp();
    await signUp(visitor(app), person);
    // Without the session, which would lead from the sign-in page to the workspace.
    const cookie = cookieOf(await signInAs(app, person.password)).replace(/armature\.session_token=[^;]*; /, '');
    expect(cookie).toMatch(/^armature\.device\./);
    await countOften(signInLimits.accountFromNetwork, ` ${person.email}`, 20);
    await countOften(signInLimits.account, person.email, 200);
    expect((await signInAs(app, person.password)).status).toBe(429);
    expect((await signInAs(app, 'wrong', { cookie })).status).toBe(401);
    expect((await signInAs(app, person.password, { cookie })).status).toBe(302);
    // The cookie is good for one account, and only as it was signed.
    const other = await post(app, '/sign-in', { email: 'bob@example.com', password: 'x' }, { cookie });
    expect(other.status).toBe(401);
    const forged = cookie.replace(/(armature\.device\.\w+=)[\w-]+/, '$1another');
    expect((await signInAs(app, person.password, { cookie: forged })).status).toBe(429);
  });

  it('forgets a success, and only that one, of a network', async () => {
    app = await startApp({ env: { ARMATURE_TRUSTED_PROXIES: '127.0.0.1' } });
    await signUp(visitor(app), person);
    expect((await signInAs(app, 'wrong', from('203.0.113.7'))).status).toBe(401);
    expect((await signInAs(app, person.password, from('203.0.113.7'))).status).toBe(302);
    expect(await app.deps.db.signInThrottle.findMany()).toMatchObject([{ attempts: 1 }]);
  });

  it('takes the address that a trusted proxy tells', async () => {
    app = await startApp({ env: { ARMATURE_TRUSTED_PROXIES: '127.0.0.1' } });
    await signUp(visitor(app), person);
    expect((await signInAs(app, person.password, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(302);
    const session = await app.deps.db.session.findFirstOrThrow();
    expect(session.ipAddress).toBe('203.0.113.7');
  });

  it('opens a session by an HttpOnly cookie, which signing out ends', async () => {
    app = await startEmptyApp();
    await signUp(visitor(app), person);
    const answer = await signInAs(app, person.password);
    expect(answer.headers.getSetCookie().join()).toMatch(/HttpOnly/i);
    expect(answer.headers.getSetCookie().join()).toMatch(/SameSite=Lax/i);
    const cookie = cookieOf(answer);
    const page = () => fetch(`${app?.url}/o/muller-sohne/workflows`, { headers: { cookie }, redirect: 'manual' });
    expect((await page()).status).toBe(200);
    expect((await post(app, '/sign-out', {}, { cookie })).headers.get('location')).toBe('/sign-in');
    expect((await page()).headers.get('location')).toMatch(/^\/sign-in/);
    expect(await app.deps.db.session.count()).toBe(0);
  });

  it('sets Secure cookies where the dashboard is served by https', async () => {
    app = await startEmptyApp();
    const { db, config } = app.deps;
    const auth = createAuth({ config: { ...config, url: 'https://armature.example.com' }, db });
    await signUp(visitor(app), person);
    const visit = { cookie: '', address: '127.0.0.1', userAgent: 'test' };
    const opened = await auth.signIn({ email: person.email, password: person.password }, visit);
    expect(opened?.cookies.join()).toMatch(/__Secure-armature[^;]*;.*Secure/i);
  });

  it.each([
    ['?to=/o/muller-sohne/runs', '/o/muller-sohne/runs'],
    ['?to=https://evil.example/', '/'],
    ['?to=//evil.example/', '/'],
    ['?to=/%5Cevil.example/', '/'],
    ['?to=%2F%09%2Fevil.example', '/'],
  ])('leads from %s to %s, never to another site', async (query, target) => {
    app = await startEmptyApp();
    await signUp(visitor(app), person);
    expect((await signInAs(app, person.password, {}, query)).headers.get('location')).toBe(target);
  });
});

describe('a request', () => {
  it('that changes something with a cookie is refused unless it comes from our pages', async () => {
    app = await startEmptyApp();
    await signUp(visitor(app), person);
    const cookie = cookieOf(await signInAs(app, person.password));
    const send = (headers: { [name: string]: string }) =>
      fetch(`${app?.url}/sign-out`, { method: 'POST', headers: { cookie, ...headers }, redirect: 'manual' });
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: app.url },
      {},
    ] as { [name: string]: string }[])
      expect((await send(headers)).status, JSON.stringify(headers)).toBe(403);
    expect(await app.deps.db.session.count()).toBe(1);
    // A forged sign-in carries no cookie, and is refused all the same.
    expect((await signInAs(app, person.password, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it("finds no other organization's pages", async () => {
    app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true' } });
    await signUp(visitor(app), person);
    const other = await signUp(visitor(app), { ...person, email: 'bob@example.com', organizationName: 'Other' });
    const cookie = cookieOf(await signInAs(app, person.password));
    for (const path of ['servers', 'workflows', 'runs', 'servers/new']) {
      const answer = await fetch(`${app.url}/o/${other.slug}/${path}`, { headers: { cookie } });
      expect(answer.status).toBe(404);
    }
    const action = await post(app, `/o/${other.slug}/servers/new`, { intent: 'probe' }, { cookie });
    expect(action.status).toBe(404);
  });

  it('gets strict headers, an id, and no route manifest', async () => {
    app = await startEmptyApp();
    const answer = await fetch(`${app.url}/sign-up`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w-]{20,}'/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("style-src-attr 'unsafe-inline'");
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const asset = /\/assets\/[\w.-]+\.css/.exec(await answer.text())?.[0] ?? '';
    const caching = (await fetch(`${app.url}${asset}`)).headers.get('cache-control');
    expect(caching?.split(/,\s*/)).toEqual(['public', 'max-age=31536000', 'immutable']);
    expect((await fetch(`${app.url}/__manifest?p=/`)).status).toBe(404);
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
  });

  it('for readiness names what is missing', async () => {
    app = await startEmptyApp();
    const answer = await fetch(`${app.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ ready: false, missing: [{ part: 'worker' }] });
  });

  it('with a large or unsized body is refused unread', async () => {
    app = await startEmptyApp();
    const large = await post(app, '/sign-in', { email: 'x'.repeat(3_000_000) });
    expect(large.status).toBe(413);
  });
});
