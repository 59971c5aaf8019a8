import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../domain/role/role.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { createApiKey } from '../api-key/create.ts';
import { createKeyVerifier } from '../api-key/verify.ts';
import type { Context } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { createInvitation } from '../invitation/create.ts';
import { changeMemberRole } from './change-role.ts';
import { leaveWorkspace } from './leave.ts';
import { listMembers } from './list.ts';
import { previewMemberChange } from './preview-change.ts';
import { removeMember } from './remove.ts';
import { transferOwnership } from './transfer-ownership.ts';

let scenario: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  scenario = await testDeps();
});
afterAll(() => scenario?.close());
beforeEach(async () => {
  org = await testOrg(scenario.deps);
});

const idOf = (role: Role) => org.as(role).actor.id;
const rolesNow = async () => {
  const rows = await scenario.deps.db.member.findMany({ where: { orgId: org.orgId } });
  return Object.fromEntries(rows.map(({ userId, role }) => [userId, role]));
};
const audited = async (action: string) =>
  (await scenario.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, action }, orderBy: { id: 'asc' } })).map(
    ({ subject, data }) => ({ subject, data }),
  );

/** A key of a member, and whether it is accepted. */
async function keyOf(ctx: Context, role?: Role) {
  const { id, key } = await createApiKey(ctx, { name: `${role ?? 'own'} key`, ...(role && { role }) });
  return { id, works: async () => (await createKeyVerifier(scenario.deps)(key, null)) !== null };
}

/** A rule that sends to an address, with a delivery on its way. */
async function ruleFor(address: string) {
  const { db } = scenario.deps;
  const [ruleId, id] = [newId(), newId()];
  const destination = { kind: 'email', address };
  await db.alertRule.create({
    data: {
      id: ruleId,
      orgId: org.orgId,
      name: `To ${address}`,
      targetKind: 'all_monitors',
      destination,
      conditions: {},
      createdBy: 'test',
    },
  });
  await db.delivery.create({
    data: { id, orgId: org.orgId, ruleId, kind: 'test', ordinal: 0, destination, message: {} },
  });
  return {
    ruleId,
    read: async () => [
      (await db.alertRule.findUniqueOrThrow({ where: { orgId_id: { orgId: org.orgId, id: ruleId } } })).state,
      (await db.delivery.findUniqueOrThrow({ where: { orgId_id: { orgId: org.orgId, id } } })).state,
    ],
  };
}

describe('a role', () => {
  it('is changed up to the own one, and audited', async () => {
    await changeMemberRole(org.as('admin'), { userId: idOf('viewer'), role: 'admin' });
    expect((await rolesNow())[idOf('viewer')]).toBe('admin');
    expect(await audited('member.change_role')).toMatchObject([
      { subject: idOf('viewer'), data: { from: 'viewer', to: 'admin' } },
    ]);
    // The owner alone changes an admin's.
    await expect(changeMemberRole(org.as('admin'), { userId: idOf('viewer'), role: 'viewer' })).rejects.toMatchObject({
      code: 'permission_denied',
      message: 'Only the owner can remove an admin or change their role.',
    });
    await changeMemberRole(org.as('owner'), { userId: idOf('viewer'), role: 'viewer' });
    await changeMemberRole(org.as('owner'), { userId: idOf('viewer'), role: 'viewer' });
    expect(await audited('member.change_role')).toHaveLength(2);
  });

  it("is never the owner's, and nobody's own", async () => {
    for (const ctx of [org.as('admin'), org.as('owner')])
      for (const userId of [idOf('owner'), ctx.actor.id]) {
        await expect(changeMemberRole(ctx, { userId, role: 'viewer' })).rejects.toMatchObject({
          code: 'permission_denied',
        });
        await expect(removeMember(ctx, { userId })).rejects.toMatchObject({ code: 'permission_denied' });
      }
  });

  it('that is lowered revokes the keys above it and the invitations, as a preview says', async () => {
    const admin = org.as('admin');
    const [high, low] = [await keyOf(admin, 'admin'), await keyOf(admin, 'viewer')];
    const { invitation } = await createInvitation(admin, { role: 'viewer' });
    expect(await previewMemberChange(org.ctx, { userId: admin.actor.id, role: 'editor' })).toMatchObject({
      member: { role: 'admin' },
      keys: [{ id: high.id, name: 'admin key', role: 'admin' }],
      invitationCount: 1,
      rules: [],
    });
    expect(await high.works()).toBe(true);
    await expect(changeMemberRole(org.ctx, { userId: admin.actor.id, role: 'editor' })).resolves.toMatchObject({
      revokedKeys: ['admin key'],
    });
    expect([await high.works(), await low.works()]).toEqual([false, true]);
    expect(await audited('api_key.revoke')).toMatchObject([{ subject: high.id, data: { role: 'admin' } }]);
    expect(await audited('member.change_role')).toMatchObject([
      { data: { revokedKeys: [high.id], revokedInvitations: [invitation.id] } },
    ]);
  });

  it('that was lowered a moment ago changes nothing more', async () => {
    const stale = org.as('admin');
    await changeMemberRole(org.ctx, { userId: stale.actor.id, role: 'viewer' });
    for (const change of [
      () => changeMemberRole(stale, { userId: idOf('editor'), role: 'viewer' }),
      () => removeMember(stale, { userId: idOf('editor') }),
      () => createInvitation(stale, { role: 'viewer' }),
    ])
      await expect(change()).rejects.toMatchObject({ code: 'permission_denied' });
  });
});

describe('a member who is removed', () => {
  it('loses keys, Slack links, invitations and the rules that notify them; nobody else does', async () => {
    const { db } = scenario.deps;
    const gone = org.as('admin');
    const { email } = await db.user.findUniqueOrThrow({ where: { id: gone.actor.id } });
    const [theirs, mine] = [await keyOf(gone, 'viewer'), await keyOf(org.as('editor'))];
    const [toThem, toOthers] = [await ruleFor(email.toUpperCase()), await ruleFor('team@example.com')];
    await db.slackUserLink.create({
      data: { orgId: org.orgId, teamId: 'T1', slackUserId: 'U1', userId: gone.actor.id, linkedAt: new Date() },
    });
    await createInvitation(gone, { role: 'viewer' });
    const [incidentId, at] = [newId(), new Date()];
    await db.incident.create({
      data: {
        ...{ id: incidentId, orgId: org.orgId, subjectKind: 'installation', subjectKey: 'worker', level: 'bad' },
        ...{ summary: 'No worker.', cause: {}, openedAt: at, lastFailedAt: at, assigneeId: gone.actor.id },
      },
    });
    expect(await previewMemberChange(org.ctx, { userId: gone.actor.id })).toMatchObject({
      keys: [{ id: theirs.id }],
      invitationCount: 1,
      rules: [{ id: toThem.ruleId }],
    });
    await removeMember(org.ctx, { userId: gone.actor.id });
    expect(await rolesNow()).not.toHaveProperty(gone.actor.id);
    expect([await theirs.works(), await mine.works()]).toEqual([false, true]);
    expect(await db.slackUserLink.count({ where: { orgId: org.orgId } })).toBe(0);
    expect(await db.invitation.count({ where: { orgId: org.orgId, revokedAt: null } })).toBe(0);
    expect(await db.incident.findFirst({ where: { id: incidentId }, include: { updates: true } })).toMatchObject({
      assigneeId: null,
      updates: [{ kind: 'assigned', assigneeId: null, createdBy: `member:${idOf('owner')}` }],
    });
    expect(await toThem.read()).toEqual(['paused', 'superseded']);
    expect(await toOthers.read()).toEqual(['watching', 'pending']);
    expect(await audited('member.remove')).toMatchObject([
      { subject: gone.actor.id, data: { role: 'admin', revokedKeys: [theirs.id], pausedRules: [toThem.ruleId] } },
    ]);
    await expect(removeMember(org.ctx, { userId: gone.actor.id })).rejects.toMatchObject({ code: 'member_not_found' });
  });

  it('may have left by themselves, but not as the owner or as a key', async () => {
    const editor = org.as('editor');
    const key = await keyOf(editor);
    await leaveWorkspace(editor, {});
    expect(await key.works()).toBe(false);
    expect(await audited('member.leave')).toMatchObject([{ subject: editor.actor.id }]);
    await expect(leaveWorkspace(org.as('owner'), {})).rejects.toMatchObject({ code: 'conflict' });
    const asKey: Context = { ...org.ctx, actor: { kind: 'api_key', id: newId(), orgId: org.orgId, role: 'owner' } };
    await expect(leaveWorkspace(asKey, {})).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(transferOwnership(asKey, { userId: idOf('admin') })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});

describe('the ownership', () => {
  it('is transferred to a member; the former owner is an admin, and loses the keys of an owner', async () => {
    const [high, low] = [await keyOf(org.ctx, 'owner'), await keyOf(org.ctx, 'admin')];
    await transferOwnership(org.ctx, { userId: idOf('viewer') });
    expect(await rolesNow()).toMatchObject({ [idOf('viewer')]: 'owner', [idOf('owner')]: 'admin' });
    expect([await high.works(), await low.works()]).toEqual([false, true]);
    expect(await audited('member.transfer_ownership')).toMatchObject([
      { subject: idOf('viewer'), data: { from: 'viewer', revokedKeys: [high.id] } },
    ]);
    await expect(transferOwnership(org.ctx, { userId: idOf('editor') })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    const stranger = (await testOrg(scenario.deps)).userId;
    const owner: Context = {
      ...org.as('viewer'),
      actor: { kind: 'member', id: idOf('viewer'), orgId: org.orgId, role: 'owner' },
    };
    await expect(transferOwnership(owner, { userId: stranger })).rejects.toMatchObject({ code: 'member_not_found' });
    await expect(transferOwnership(owner, { userId: idOf('viewer') })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });

  it('has one person at every moment, however many transfer, remove and leave at once', async () => {
    const others = ['viewer', 'editor', 'admin'] as const;
    const settled = await Promise.allSettled([
      ...others.flatMap((role) => [1, 2, 3].map(() => transferOwnership(org.ctx, { userId: idOf(role) }))),
      ...others.map((role) => removeMember(org.ctx, { userId: idOf(role) })),
      ...others.map((role) => leaveWorkspace(org.as(role), {})),
      ...others.map((role) => changeMemberRole(org.ctx, { userId: idOf(role), role: 'editor' })),
    ]);
    expect(Object.values(await rolesNow()).filter((role) => role === 'owner')).toHaveLength(1);
    const failures = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    // Nobody gets an internal error.
    expect(failures.filter((code) => !['permission_denied', 'member_not_found', 'conflict'].includes(code))).toEqual(
      [],
    );
  });

  it('is held by the database against any other code', async () => {
    const { db } = scenario.deps;
    const { orgId } = org;
    const role = (userId: string, to: string) =>
      db.member.update({ where: { orgId_userId: { orgId, userId } }, data: { role: to } });
    await expect(role(idOf('admin'), 'owner')).rejects.toThrow(/Unique constraint/);
    // Prisma's word for a refusal of the trigger Member_owner.
    await expect(role(idOf('owner'), 'admin')).rejects.toThrow(/constraint violated/);
    await expect(db.member.deleteMany({ where: { orgId } })).rejects.toThrow(/constraint violated/);
    expect(Object.keys(await rolesNow())).toHaveLength(4);
  });
});

it('members are listed to all of them, a page at a time, with what the caller may change', async () => {
  const first = await listMembers(org.as('viewer'), { limit: 3 });
  const rest = await listMembers(org.as('viewer'), { limit: 3, cursor: first.nextCursor ?? '' });
  expect([...first.members, ...rest.members].map(({ role }) => role).sort()).toEqual([
    'admin',
    'editor',
    'owner',
    'viewer',
  ]);
  expect(rest.nextCursor).toBeNull();
  const changeable = async (role: Role) =>
    (await listMembers(org.as(role), {})).members
      .filter((member) => member.changeable)
      .map((member) => member.role)
      .sort();
  expect(await changeable('editor')).toEqual([]);
  expect(await changeable('admin')).toEqual(['editor', 'viewer']);
  expect(await changeable('owner')).toEqual(['admin', 'editor', 'viewer']);
});
