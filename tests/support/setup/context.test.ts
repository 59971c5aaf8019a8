import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDeps, testDeps, testOrg } from './context.ts';

let made: TestDeps;
beforeAll(async () => {
  made = await testDeps();
});
afterAll(() => made.close());

it('reaches real databases and a real Temporal server', async () => {
  const { deps } = made;
  expect(await deps.temporal.listSchedules()).toEqual([]);
  expect(await deps.temporal.listUnhostedQueues()).toEqual(['runs', 'checks', 'system']);
  const { orgId } = await testOrg(deps);
  const ref = await deps.secrets.put(orgId, { token: 'of a test' });
  expect(await deps.secrets.get(orgId, ref)).toEqual({ token: 'of a test' });
  expect(deps.models.list().map(({ id }) => id)).toContain('builtin/scripted');
});

it('makes organizations that are apart, with a member for each role', async () => {
  const { deps } = made;
  const [one, other] = [await testOrg(deps, { role: 'viewer' }), await testOrg(deps)];
  expect(one.ctx.actor).toMatchObject({ kind: 'member', role: 'viewer', orgId: one.orgId, id: one.userId });
  expect(one.as('admin').actor).toMatchObject({ role: 'admin', orgId: one.orgId });
  expect(other.orgId).not.toBe(one.orgId);
  const members = await deps.db.member.findMany({ where: { orgId: one.orgId }, select: { role: true } });
  expect(members.map(({ role }) => role).sort()).toEqual(['admin', 'editor', 'owner', 'viewer']);
});
