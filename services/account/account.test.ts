import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../infra/logger/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import type { Context } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { sweepOrganizations } from '../installation/housekeeping/sweep.ts';
import { listSecurityEvents } from '../security-event/list.ts';
import { pauseWorkflow } from '../workflow/pause.ts';
import { requestVerification, verifyEmail } from './link/verify-email.ts';
import { createResetLink } from './password/create-reset-link.ts';
import { requestPasswordReset } from './password/request-reset.ts';
import { resetPassword } from './password/reset.ts';
import { changeEmail, requestEmailChange } from './profile/change-email.ts';
import { changePassword } from './profile/change-password.ts';
import { getProfile, renamePerson } from './profile/profile.ts';
import { getSession } from './session.ts';
import { endOtherSessions, endSession } from './sessions/end.ts';
import { listSessions } from './sessions/list.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';

let scenario: TestDeps;
let org: TestOrg;
let clock: number;
const lines: string[] = [];
const hour = 3_600_000;
const day = 24 * hour;

beforeAll(async () => {
  const log = createLogger({ level: 'info', process: 'test', to: { write: (line) => void lines.push(line) } });
  scenario = await testDeps({ log, now: () => new Date(clock) });
});
afterAll(() => scenario?.close());
beforeEach(async () => {
  clock = Date.now();
  lines.length = 0;
  org = await testOrg(scenario.deps);
});

const password = 'correct horse battery';
const visitor = (): Context => ({
  deps: scenario.deps,
  actor: { kind: 'visitor', id: '198.51.100.1' },
  requestId: 'test',
  address: '198.51.100.1',
});
const visitWith = (cookie = '') => ({ cookie, address: '198.51.100.1', userAgent: 'a browser' });
const emailOf = async ({ actor }: Context) =>
  (await scenario.deps.db.user.findUniqueOrThrow({ where: { id: actor.id } })).email;

async function withPassword(ctx: Context): Promise<Context> {
  const { db, auth } = scenario.deps;
  const userId = ctx.actor.id;
  const hash = await auth.hashPassword(password);
  await db.account.create({
    data: { id: newId(), userId, accountId: userId, providerId: 'credential', password: hash },
  });
  return ctx;
}
async function openSession(ctx: Context, as = password): Promise<string> {
  const { cookies } = await signIn(visitor(), { visit: visitWith(), email: await emailOf(ctx), password: as });
  return cookies.map((cookie) => cookie.split(';')[0]).join('; ');
}
const isSignedIn = async (cookie: string) => (await getSession(visitor(), { visit: visitWith(cookie) })) !== null;
/** The address of a link that was written to the log. */
const loggedLink = (page: string) =>
  expect.poll(() => new RegExp(`/${page}\\?token=([\\w-]{43})`).exec(lines.join('\n'))?.[1]).toBeTruthy();
const loggedToken = (page: string) => new RegExp(`/${page}\\?token=([\\w-]{43})`).exec(lines.join('\n'))?.[1] ?? '';
const eventsOf = async (ctx: Context) =>
  (await listSecurityEvents(ctx, {})).events.map(({ kind, outcome, detail }) => [kind, outcome, detail]);

describe('a session', () => {
  it('ends when it was not used for 14 days, and lives on while it is used, up to 90 days', async () => {
    const cookie = await openSession(await withPassword(org.ctx));
    const started = clock;
    for (let days = 13; days < 90; days += 13) {
      clock = started + days * day;
      expect(await isSignedIn(cookie), `${days} days`).toBe(true);
    }
    clock = started + 90 * day + hour;
    expect(await isSignedIn(cookie)).toBe(false);

    clock = Date.now();
    const idle = await openSession(org.ctx);
    clock += 14 * day + 1;
    expect(await isSignedIn(idle)).toBe(false);
  });

  it('is listed without its token, and ended by the person that it is of', async () => {
    const me = await withPassword(org.as('viewer'));
    const [here, there] = [await openSession(me), await openSession(me)];
    const { sessions } = await listSessions(visitor(), { visit: visitWith(here) });
    expect(sessions).toMatchObject([
      { isCurrent: false, address: '198.51.100.1', userAgent: 'a browser' },
      { isCurrent: true },
    ]);
    const { token } = await scenario.deps.db.session.findFirstOrThrow({ where: { userId: me.actor.id } });
    expect(JSON.stringify(sessions)).not.toContain(token);

    const sessionId = sessions[0]?.id ?? '';
    await expect(endSession(visitor(), { visit: visitWith(), sessionId })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const other = await openSession(await withPassword(org.as('owner')));
    await expect(endSession(visitor(), { visit: visitWith(other), sessionId })).rejects.toMatchObject({
      code: 'resource_not_found',
    });
    await endSession(visitor(), { visit: visitWith(there), sessionId });
    expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([true, false]);
    await openSession(me);
    expect(await endOtherSessions(visitor(), { visit: visitWith(here) })).toEqual({ ended: 1 });
    expect(await isSignedIn(here)).toBe(true);
  });
});

describe('a password that was forgotten', () => {
  it('is replaced by a link, once, which ends every session', async () => {
    const me = await withPassword(org.as('editor'));
    const cookie = await openSession(me);
    const email = await emailOf(me);
    expect(await requestPasswordReset(visitor(), { visit: visitWith(), email })).toEqual({ requested: true });
    await loggedLink('reset-password');
    const token = loggedToken('reset-password');
    expect(JSON.stringify(await scenario.deps.db.accountLink.findMany())).not.toContain(token);
    const reset = (to: string) => resetPassword(visitor(), { visit: visitWith(), token, password: to });
    await expect(reset('password123')).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(reset(`${email} and more`)).rejects.toMatchObject({ code: 'validation_failed' });
    await reset('another good password');
    await expect(reset('a third good password')).rejects.toMatchObject({ code: 'resource_not_found' });
    expect(await isSignedIn(cookie)).toBe(false);
    await expect(openSession(me)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await isSignedIn(await openSession(me, 'another good password'))).toBe(true);
  });

  it('is answered the same for an address without an account, or after too many requests', async () => {
    const me = org.as('viewer');
    const email = await emailOf(me);
    for (let count = 0; count < 6; count++)
      expect(await requestPasswordReset(visitor(), { visit: visitWith(), email })).toEqual({ requested: true });
    expect(await requestPasswordReset(visitor(), { visit: visitWith(), email: 'nobody@example.com' })).toEqual({
      requested: true,
    });
    await expect.poll(() => lines.filter((line) => line.includes('/reset-password?token=')).length).toBe(5);
  });

  it('is not replaced by a link that is too old', async () => {
    await requestPasswordReset(visitor(), { visit: visitWith(), email: await emailOf(org.ctx) });
    await loggedLink('reset-password');
    clock += hour + 1;
    await expect(
      resetPassword(visitor(), { visit: visitWith(), token: loggedToken('reset-password'), password }),
    ).rejects.toMatchObject({ code: 'resource_not_found' });
  });

  it('is replaced by a link of an admin, for a lower role of this workspace alone, audited', async () => {
    const target = org.as('editor').actor.id;
    const { url } = await createResetLink(org.as('admin'), { userId: target });
    const token = new URL(url).searchParams.get('token') ?? '';
    await resetPassword(visitor(), { visit: visitWith(), token, password });
    expect(await isSignedIn(await openSession(org.as('editor')))).toBe(true);
    expect(
      await scenario.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, action: 'account.create_reset_link' } }),
    ).toMatchObject([{ subject: target, actorId: org.as('admin').actor.id }]);

    for (const role of ['admin', 'owner'] as const)
      await expect(createResetLink(org.as('admin'), { userId: org.as(role).actor.id })).rejects.toMatchObject({
        code: 'permission_denied',
      });
    const other = await testOrg(scenario.deps);
    await expect(createResetLink(org.ctx, { userId: other.as('viewer').actor.id })).rejects.toMatchObject({
      code: 'member_not_found',
    });
    await scenario.deps.db.member.create({ data: { orgId: other.orgId, userId: target, role: 'viewer' } });
    await expect(createResetLink(org.ctx, { userId: target })).rejects.toMatchObject({ code: 'permission_denied' });
  });
});

describe('an e-mail address', () => {
  it('is verified by a link, once, and only as the account still has it', async () => {
    const me = org.as('viewer');
    const { db } = scenario.deps;
    const isVerified = async () => (await db.user.findUniqueOrThrow({ where: { id: me.actor.id } })).emailVerified;
    await db.user.update({ where: { id: me.actor.id }, data: { emailVerified: false } });
    const visit = visitWith(await openSession(await withPassword(me)));
    expect(await requestVerification(visitor(), { visit })).toEqual({ sent: true });
    const token = loggedToken('verify-email');
    expect(await isVerified()).toBe(false);
    await verifyEmail(visitor(), { token });
    expect(await isVerified()).toBe(true);
    await expect(verifyEmail(visitor(), { token })).rejects.toMatchObject({ code: 'resource_not_found' });
    expect(await requestVerification(visitor(), { visit })).toEqual({ sent: false });

    lines.length = 0;
    await db.user.update({ where: { id: me.actor.id }, data: { emailVerified: false } });
    await requestVerification(visitor(), { visit });
    await db.user.update({ where: { id: me.actor.id }, data: { email: `${newId()}@example.com` } });
    await verifyEmail(visitor(), { token: loggedToken('verify-email') });
    expect(await isVerified()).toBe(false);
  });
});

describe('a profile', () => {
  const passwordOf = (visit: ReturnType<typeof visitWith>, currentPassword: string, to: string) =>
    changePassword(visitor(), { visit, currentPassword, password: to });

  it('shows the person and their workspaces, and takes another name', async () => {
    const me = await withPassword(org.as('editor'));
    const visit = visitWith(await openSession(me));
    await renamePerson(visitor(), { visit, name: ' Grace Hopper ' });
    expect(await getProfile(visitor(), { visit })).toMatchObject({
      name: 'Grace Hopper',
      email: await emailOf(me),
      isEmailVerified: true,
      hasPassword: true,
      workspaces: [{ slug: `org-${org.orgId}`, role: 'editor' }],
    });
    await expect(getProfile(visitor(), { visit: visitWith() })).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('takes another password with the current one, and ends the other sessions', async () => {
    const me = await withPassword(org.as('editor'));
    const [here, there] = [await openSession(me), await openSession(me)];
    await expect(passwordOf(visitWith(here), 'wrong', 'another good password')).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'currentPassword' }] },
    });
    await expect(passwordOf(visitWith(here), password, 'password123')).rejects.toMatchObject({
      code: 'validation_failed',
    });
    expect(await passwordOf(visitWith(here), password, 'another good password')).toEqual({ ended: 1 });
    expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([true, false]);
    await expect(openSession(me)).rejects.toMatchObject({ code: 'unauthenticated' });
    await openSession(me, 'another good password');
    // Guessing with a session that was left open.
    for (let tries = 0; tries < 8; tries++)
      await expect(passwordOf(visitWith(here), 'wrong', 'another good password')).rejects.toThrow();
    await expect(passwordOf(visitWith(here), 'wrong', 'x'.repeat(10))).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('takes another e-mail address when its link was opened, and notifies the old one', async () => {
    const me = await withPassword(org.as('viewer'));
    const [before, email] = [await emailOf(me), `${newId()}@example.com`];
    const visit = visitWith(await openSession(me));
    const request = (to: string, currentPassword = password) =>
      requestEmailChange(visitor(), { visit, email: to, currentPassword });
    await expect(request(email, 'wrong')).rejects.toMatchObject({ code: 'validation_failed' });
    expect(await request(email)).toEqual({ requested: email });
    await loggedLink('change-email');
    const token = loggedToken('change-email');
    expect(await emailOf(me)).toBe(before);
    expect(await changeEmail(visitor(), { token })).toEqual({ email });
    expect(await emailOf(me)).toBe(email);
    await expect.poll(() => lines.join('\n')).toMatch(new RegExp(`address was changed.{1,3} for ${before}`));
    await expect(changeEmail(visitor(), { token })).rejects.toMatchObject({ code: 'resource_not_found' });
  });

  it("doesn't say whether another account has an address, and never takes it", async () => {
    const me = await withPassword(org.as('viewer'));
    const visit = visitWith(await openSession(me));
    const theirs = await emailOf(org.as('admin'));
    const request = (email: string) => requestEmailChange(visitor(), { visit, email, currentPassword: password });
    expect(await request(theirs)).toEqual({ requested: theirs });
    const email = `${newId()}@example.com`;
    await request(email);
    await loggedLink('change-email');
    // No link was created for the address of the other account.
    expect(lines.filter((line) => line.includes('/change-email?token='))).toHaveLength(1);
    // Meanwhile, somebody else got the address.
    await scenario.deps.db.user.create({ data: { id: newId(), name: 'Quick', email } });
    await expect(changeEmail(visitor(), { token: loggedToken('change-email') })).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('security events', () => {
  it('record who signed in, failed, and was refused, for the admins of their workspaces', async () => {
    const me = await withPassword(org.as('editor'));
    const cookie = await openSession(me);
    await expect(openSession(me, 'wrong')).rejects.toMatchObject({ code: 'unauthenticated' });
    await signOut(visitor(), { visit: visitWith(cookie) });
    await expect(pauseWorkflow(org.as('viewer'), { workflowId: newId() })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    expect(await eventsOf(org.as('admin'))).toEqual([
      ['authorization', 'refused', 'workflow.pause'],
      ['sign_out', 'ok', null],
      ['sign_in', 'failed', null],
      ['sign_in', 'ok', null],
    ]);
    const { events } = await listSecurityEvents(org.as('admin'), {});
    expect(events[2]).toMatchObject({
      subject: `user:${me.actor.id}`,
      name: 'The editor',
      address: '198.51.100.1',
      userAgent: 'a browser',
      requestId: 'test',
    });
    const log = lines.map((line) => JSON.parse(line)).filter(({ security }) => security !== undefined);
    expect(log.map(({ security }) => security.outcome)).toEqual(['ok', 'failed', 'ok', 'refused']);
    const filtered = async (filters: Parameters<typeof listSecurityEvents>[1]) =>
      (await listSecurityEvents(org.as('admin'), filters)).events.map(({ kind, outcome }) => `${kind} ${outcome}`);
    expect(await filtered({ kind: 'sign_in' })).toEqual(['sign_in failed', 'sign_in ok']);
    expect(await filtered({ outcome: 'failed', user: me.actor.id })).toEqual(['sign_in failed']);
    expect(await filtered({ user: org.as('viewer').actor.id })).toEqual(['authorization refused']);
    expect(await filtered({ before: new Date(clock - 1000).toISOString() })).toEqual([]);
    expect(await eventsOf((await testOrg(scenario.deps)).ctx)).toEqual([]);
  });

  it('record a lockout once, and addresses without an account as a hash', async () => {
    const email = `${newId()}@example.com`;
    for (let count = 0; count < 14; count++)
      await expect(signIn(visitor(), { visit: visitWith(), email, password })).rejects.toThrow();
    const rows = await scenario.deps.db.securityEvent.findMany({ where: { orgId: null, outcome: 'locked' } });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.subject).toMatch(/^email:[\w-]{22}$/);
    expect(lines.join('')).not.toContain(email);
  });

  it('are paged, newest first', async () => {
    for (const _ of [1, 2, 3]) {
      clock += 1000;
      await expect(pauseWorkflow(org.as('viewer'), { workflowId: newId() })).rejects.toThrow();
    }
    const first = await listSecurityEvents(org.ctx, { limit: 2 });
    const rest = await listSecurityEvents(org.ctx, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([first.events.length, rest.events.length, rest.nextCursor]).toEqual([2, 1, null]);
    const times = [...first.events, ...rest.events].map(({ at }) => at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('of one source are stored up to 60 a minute, and all of them logged', async () => {
    const ctx: Context = { ...org.as('viewer'), address: '203.0.113.77' };
    for (let count = 0; count < 70; count++)
      await expect(pauseWorkflow(ctx, { workflowId: newId() })).rejects.toThrow();
    expect(await scenario.deps.db.securityEvent.count({ where: { orgId: org.orgId } })).toBe(60);
    expect(lines.filter((line) => line.includes('"security"'))).toHaveLength(70);
  });
});

describe('housekeeping', () => {
  it('deletes ended sessions, links, counted attempts and old security events, and nothing else', async () => {
    const { db } = scenario.deps;
    await db.signInThrottle.deleteMany();
    await expect(signIn(visitor(), { visit: visitWith(), email: 'nobody@example.com', password })).rejects.toThrow();
    await createResetLink(org.ctx, { userId: org.as('viewer').actor.id });
    await openSession(await withPassword(org.ctx));
    const count = async () => ({
      attempts: (await db.signInThrottle.count()) > 0,
      links: (await db.accountLink.count({ where: { userId: org.as('viewer').actor.id } })) > 0,
      sessions: (await db.session.count({ where: { userId: org.userId } })) > 0,
      events: (await db.securityEvent.count({ where: { orgId: org.orgId } })) > 0,
    });
    const all = { attempts: true, links: true, sessions: true, events: true };
    await sweepOrganizations(scenario.deps, { after: null });
    expect(await count()).toEqual(all);
    clock += 25 * hour;
    await sweepOrganizations(scenario.deps, { after: null });
    expect(await count()).toEqual({ ...all, attempts: false, links: false });
    clock += 91 * day;
    await sweepOrganizations(scenario.deps, { after: null });
    expect(await count()).toEqual({ attempts: false, links: false, sessions: false, events: false });
  });
});
