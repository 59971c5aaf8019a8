import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { signIn } from '../account/sign-in.ts';
import { signUp } from '../account/sign-up.ts';
import type { Context } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { changeMemberRole } from '../member/change-role.ts';
import { removeMember } from '../member/remove.ts';
import { acceptInvitation, getInvitation, joinByInvitation } from './accept.ts';
import { resendInvitation, revokeInvitation } from './change.ts';
import { createInvitation } from './create.ts';
import { listInvitations } from './list.ts';

let scenario: TestDeps;
let org: TestOrg;
let clock = Date.now();
const mails: { to: string; text: string }[] = [];
let isMailOn = false;

beforeAll(async () => {
  scenario = await testDeps({
    env: { ARMATURE_OPEN_SIGNUP: 'true' },
    now: () => new Date(clock),
    email: {
      get configured() {
        return isMailOn;
      },
      async send({ to, text }) {
        mails.push({ to, text });
        return { id: newId() };
      },
    },
  });
});
afterAll(() => scenario?.close());
beforeEach(async () => {
  [clock, isMailOn, mails.length] = [Date.now(), false, 0];
  org = await testOrg(scenario.deps);
});

const password = 'correct horse battery';
const visitor = (): Context => ({
  deps: scenario.deps,
  actor: { kind: 'visitor', id: '198.51.100.1' },
  requestId: 'test',
});
const visitWith = (cookie = '') => ({ cookie, address: newId(), userAgent: 'a browser' });
const tokenIn = (text: string | null | undefined) => /\/invite\?token=([\w-]{43})/.exec(text ?? '')?.[1] ?? '';
const newEmail = () => `${newId()}@example.com`;
const join = (token: string, email?: string) =>
  joinByInvitation(visitor(), { visit: visitWith(), token, name: 'Grace', password, ...(email && { email }) });
const roleOf = async (email: string) =>
  (await scenario.deps.db.member.findFirst({ where: { orgId: org.orgId, user: { email } } }))?.role ?? null;
const isVerified = async (email: string) =>
  (await scenario.deps.db.user.findUniqueOrThrow({ where: { email } })).emailVerified;

/** An account with a workspace of its own, signed in. */
async function signedUp(email = newEmail()) {
  await signUp(visitor(), { name: 'Linus', email, password, organizationName: 'Elsewhere' });
  const { cookies } = await signIn(visitor(), { visit: visitWith(), email, password });
  return { email, visit: visitWith(cookies.map((cookie) => cookie.split(';')[0]).join('; ')) };
}

describe('an invitation by e-mail', () => {
  it('is sent to the person, who joins with a new account that has a verified address', async () => {
    isMailOn = true;
    const email = newEmail();
    const { invitation, url } = await createInvitation(org.as('admin'), {
      role: 'editor',
      email: ` ${email.toUpperCase()}`,
    });
    expect(url).toBeNull();
    expect(mails).toMatchObject([{ to: email, text: expect.stringContaining('The admin invites you') }]);
    const token = tokenIn(mails[0]?.text);
    expect(JSON.stringify(await scenario.deps.db.invitation.findMany())).not.toContain(token);
    expect(await getInvitation(visitor(), { token })).toMatchObject({
      organization: { name: `Organization ${org.orgId}` },
      role: 'editor',
      email,
      hasAccount: false,
      invitedBy: 'The admin',
    });
    // Another address can't be given.
    await join(token, newEmail());
    expect([await roleOf(email), await isVerified(email)]).toEqual(['editor', true]);
    await expect(join(token)).rejects.toMatchObject({ code: 'invitation_invalid' });
    const { invitations } = await listInvitations(org.ctx, {});
    expect(invitations).toMatchObject([{ id: invitation.id, state: 'used', createdByName: 'The admin' }]);
    const rows = await scenario.deps.db.auditEvent.findMany({ where: { orgId: org.orgId }, orderBy: { id: 'asc' } });
    expect(rows.map(({ action, subject }) => [action, subject])).toEqual([
      ['invitation.create', invitation.id],
      ['invitation.accept', invitation.id],
    ]);
  });

  it('is accepted with the account that has its address, and no other', async () => {
    const [me, other] = [await signedUp(), await signedUp()];
    const token = tokenIn((await createInvitation(org.ctx, { role: 'viewer', email: me.email })).url);
    await expect(acceptInvitation(visitor(), { ...other, token })).rejects.toMatchObject({ code: 'permission_denied' });
    // Shown to the inviter, the link doesn't prove the address.
    await expect(acceptInvitation(visitor(), { ...me, token })).rejects.toMatchObject({
      message: 'Your e-mail address is not verified yet.',
    });
    expect(await roleOf(me.email)).toBeNull();
    await scenario.deps.db.user.update({ where: { email: me.email }, data: { emailVerified: true } });
    expect(await acceptInvitation(visitor(), { ...me, token })).toEqual({ slug: `org-${org.orgId}`, joined: true });
    expect(await roleOf(me.email)).toBe('viewer');
    await expect(acceptInvitation(visitor(), { visit: visitWith(), token })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('that was sent proves the address of an existing account', async () => {
    isMailOn = true;
    const me = await signedUp();
    await createInvitation(org.ctx, { role: 'viewer', email: me.email });
    await acceptInvitation(visitor(), { ...me, token: tokenIn(mails.at(-1)?.text) });
    expect([await roleOf(me.email), await isVerified(me.email)]).toEqual(['viewer', true]);
  });

  it('replaces an earlier one of the same person, and is refused for a member', async () => {
    const email = newEmail();
    const first = tokenIn((await createInvitation(org.ctx, { role: 'viewer', email })).url);
    const second = tokenIn((await createInvitation(org.ctx, { role: 'editor', email })).url);
    await expect(join(first)).rejects.toMatchObject({ code: 'invitation_invalid' });
    await join(second);
    await expect(createInvitation(org.ctx, { role: 'viewer', email })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a link', () => {
  it('lets as many people join as it says, also at once', async () => {
    const { url, invitation } = await createInvitation(org.ctx, { role: 'viewer', maxUses: 3 });
    const token = tokenIn(url);
    const settled = await Promise.allSettled(Array.from({ length: 8 }, () => join(token, newEmail())));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await scenario.deps.db.member.count({ where: { orgId: org.orgId } })).toBe(4 + 3);
    const { invitations } = await listInvitations(org.ctx, {});
    expect(invitations).toMatchObject([{ id: invitation.id, useCount: 3, maxUses: 3, state: 'used' }]);
    expect((await listInvitations(org.ctx, { pending: true })).invitations).toEqual([]);
  });

  it('makes a person a member once, whatever they press twice, and leaves a member as they are', async () => {
    const me = await signedUp();
    const token = tokenIn((await createInvitation(org.ctx, { role: 'editor', maxUses: 5 })).url);
    const answers = await Promise.all([1, 2, 3].map(() => acceptInvitation(visitor(), { ...me, token })));
    expect(answers.filter(({ joined }) => joined)).toHaveLength(1);
    const higher = tokenIn((await createInvitation(org.ctx, { role: 'admin' })).url);
    expect(await acceptInvitation(visitor(), { ...me, token: higher })).toMatchObject({ joined: false });
    expect(await roleOf(me.email)).toBe('editor');
  });

  it('leaves no account behind when it does not work, nor takes over an existing one', async () => {
    const me = await signedUp();
    const { url, invitation } = await createInvitation(org.ctx, { role: 'viewer', maxUses: 9 });
    await expect(join(tokenIn(url), me.email)).rejects.toMatchObject({ code: 'conflict' });
    await revokeInvitation(org.as('admin'), { invitationId: invitation.id });
    const email = newEmail();
    await expect(join(tokenIn(url), email)).rejects.toMatchObject({ code: 'invitation_invalid' });
    expect(await scenario.deps.db.user.count({ where: { email } })).toBe(0);
  });

  it("ends after seven days, with its creator's right to invite, and when it is sent again", async () => {
    const { url, invitation } = await createInvitation(org.as('admin'), { role: 'viewer', maxUses: 9 });
    const first = tokenIn(url);
    clock += 7 * 86_400_000 + 1;
    await expect(getInvitation(visitor(), { token: first })).rejects.toMatchObject({ code: 'invitation_invalid' });
    expect((await listInvitations(org.ctx, {})).invitations).toMatchObject([{ state: 'expired' }]);
    const second = tokenIn((await resendInvitation(org.ctx, { invitationId: invitation.id })).url);
    await expect(getInvitation(visitor(), { token: first })).rejects.toMatchObject({ code: 'invitation_invalid' });
    await join(second, newEmail());
    await removeMember(org.ctx, { userId: org.as('admin').actor.id });
    await expect(join(second, newEmail())).rejects.toMatchObject({ code: 'invitation_invalid' });
    await expect(resendInvitation(org.ctx, { invitationId: invitation.id })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it("gives a role up to the inviter's and never the owner's", async () => {
    for (const role of ['viewer', 'editor', 'admin'] as const) await createInvitation(org.as('admin'), { role });
    // @ts-expect-error: not a role that can be given
    await expect(createInvitation(org.ctx, { role: 'owner' })).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(createInvitation(org.as('editor'), { role: 'viewer' })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    const { url } = await createInvitation(org.as('admin'), { role: 'admin' });
    await changeMemberRole(org.ctx, { userId: org.as('admin').actor.id, role: 'editor' });
    await expect(join(tokenIn(url), newEmail())).rejects.toMatchObject({ code: 'invitation_invalid' });
  });
});
