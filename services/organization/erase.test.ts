import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf, makeWorld, type World } from '../../tests/contract/registry/world.ts';
import { type TestDeps, testDeps } from '../../tests/support/setup/context.ts';
import { getSession } from '../account/session.ts';
import { signIn } from '../account/sign-in.ts';
import { createApiKey } from '../api-key/create.ts';
import { createKeyVerifier } from '../api-key/verify.ts';
import type { Context, Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { syncSchedule } from '../workflow/sync-schedule.ts';
import { createOrganization } from './create.ts';
import { deleteOrganization } from './delete.ts';
import { eraseOrganizations } from './erase.ts';

let scenario: TestDeps;
beforeAll(async () => {
  scenario = await testDeps({ env: { ARMATURE_OPEN_SIGNUP: 'true' } });
  await scenario.deps.temporal.ensureSearchAttributes();
});
afterAll(() => scenario?.close());

const world = () => makeWorld(scenario.deps, { shopUrl: 'http://127.0.0.1:9/mcp' });
const nameOf = ({ org }: World) => `Organization ${org.orgId}`;
const erase = (deps: Partial<Deps> = {}, onProgress = () => {}) =>
  eraseOrganizations({ ...scenario.deps, ...deps }, { onProgress });

/** How many rows each table has of an organization, where it has any. */
async function rowsOf(orgId: string): Promise<{ [table: string]: number }> {
  const { db } = scenario.deps;
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'orgId'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`;
  const counts: { [table: string]: number } = {};
  for (const { name } of tables) {
    const [row] = await db.$queryRawUnsafe<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM "${name}" WHERE "orgId"::text = $1`,
      orgId,
    );
    if (row && row.count > 0) counts[name] = row.count;
  }
  return counts;
}

describe('a deleted workspace', () => {
  it('is erased with its secrets, Schedules and rows, whatever fails in between, and no other is touched', async () => {
    const { db, secrets, temporal } = scenario.deps;
    const [mine, theirs] = [await world(), await world()];
    const { orgId } = mine.org;
    const ref = await secrets.put(orgId, { token: 'abcd-1234' });
    const theirRef = await secrets.put(theirs.org.orgId, { token: 'abcd-1234' });
    await syncSchedule(scenario.deps, { orgId, workflowId: mine.workflowId });
    // Lists of Temporal are behind by a moment.
    await expect
      .poll(async () => (await temporal.listSchedules()).map(({ workflowId }) => workflowId))
      .toContain(mine.workflowId);
    await temporal.startRun({
      ...{ runId: mine.runId, orgId, workflowId: mine.workflowId, serverId: mine.serverId },
      trigger: 'manual',
      heartbeatSeconds: 15,
    });
    const { key } = await createApiKey(mine.org.ctx, { name: 'agent' });
    const before = await contentOf(scenario.deps, theirs.org);

    await deleteOrganization(mine.org.ctx, { name: nameOf(mine) });
    // Nobody gets in any more.
    expect(await createKeyVerifier(scenario.deps)(key, null)).toBeNull();
    expect(await db.member.count({ where: { orgId } })).toBe(0);

    const failing = { ...secrets, destroyAll: () => Promise.reject(new Error('the secrets store is away')) };
    expect(await erase({ secrets: failing })).toEqual({ organizationsErased: 0 });
    // Secrets go first: as long as they are there, everything else is.
    expect(Object.keys(await rowsOf(orgId)).length).toBeGreaterThan(20);
    const away = { ...temporal, deleteSchedule: () => Promise.reject(new Error('Temporal is away')) };
    expect(await erase({ temporal: away })).toEqual({ organizationsErased: 0 });
    expect(await secrets.get(orgId, ref)).toBeNull();
    // Processes that die one step later each.
    let deaths = 0;
    for (let isErased = false; !isErased; ) {
      let steps = 0;
      const { organizationsErased } = await erase({}, () => {
        if (++steps === deaths + 1) throw new Error('killed');
      });
      isErased = organizationsErased > 0;
      if (!isErased) deaths += 1;
    }
    expect(deaths).toBeGreaterThan(3);
    expect(await erase()).toEqual({ organizationsErased: 0 });

    expect(await rowsOf(orgId)).toEqual({ Erasure: 1 });
    expect(await db.organization.findUnique({ where: { id: orgId } })).toBeNull();
    expect(await db.erasure.findUnique({ where: { orgId } })).toMatchObject({
      slug: `org-${orgId}`,
      requestedById: mine.org.userId,
      finishedAt: expect.any(Date),
    });
    await expect
      .poll(async () => (await temporal.listSchedules()).map(({ workflowId }) => workflowId))
      .not.toContain(mine.workflowId);
    expect(await temporal.describeRun(mine.runId)).toBe('closed');
    expect(await contentOf(scenario.deps, theirs.org)).toBe(before);
    expect(await secrets.get(theirs.org.orgId, theirRef)).toEqual({ token: 'abcd-1234' });
  });

  it('is deleted by its owner in person, who types its name', async () => {
    const { org } = await world();
    for (const name of ['', 'organization', `org-${org.orgId}`])
      await expect(deleteOrganization(org.ctx, { name })).rejects.toMatchObject({ code: 'validation_failed' });
    const asKey: Context = { ...org.ctx, actor: { kind: 'api_key', id: newId(), orgId: org.orgId, role: 'owner' } };
    for (const ctx of [org.as('admin'), asKey])
      await expect(deleteOrganization(ctx, { name: `Organization ${org.orgId}` })).rejects.toMatchObject({
        code: 'permission_denied',
      });
    expect(await scenario.deps.db.erasure.count({ where: { orgId: org.orgId } })).toBe(0);
  });

  it('is erased by the database only after a request', async () => {
    const { org } = await world();
    await expect(
      scenario.deps.db.$queryRaw`SELECT armature_erase_organization(${org.orgId}::uuid, 10)`,
    ).rejects.toThrow(/was not requested/);
    await expect(
      scenario.deps.db.$queryRaw`SELECT armature_erase_with_children('public."Run"'::regclass, '{}')`,
    ).rejects.toThrow(/permission denied/);
  });
});

describe('a further workspace', () => {
  it('has an address that is chosen, or made from its name, and that nobody else has', async () => {
    const { org } = await world();
    const { db, auth } = scenario.deps;
    const user = await db.user.findUniqueOrThrow({ where: { id: org.userId } });
    await db.account.create({
      data: {
        id: newId(),
        userId: user.id,
        accountId: user.id,
        providerId: 'credential',
        password: await auth.hashPassword('correct horse battery'),
      },
    });
    const visitor: Context = { deps: scenario.deps, actor: { kind: 'visitor', id: 'test' }, requestId: 'test' };
    const visit = { cookie: '', address: '198.51.100.9', userAgent: 'test' };
    const { cookies } = await signIn(visitor, { visit, email: user.email, password: 'correct horse battery' });
    const me = { ...visit, cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') };
    const create = (name: string, slug?: string) =>
      createOrganization(visitor, { visit: me, name, ...(slug && { slug }) });
    const tag = newId().slice(-6);

    expect(await create(`Café ${tag}`)).toMatchObject({ slug: `cafe-${tag}` });
    expect(await create(`Café ${tag}`)).toMatchObject({ slug: `cafe-${tag}-2` });
    expect(await create('Anything', `chosen-${tag}`)).toMatchObject({ slug: `chosen-${tag}` });
    await expect(create('Anything', `chosen-${tag}`)).rejects.toMatchObject({
      code: 'slug_taken',
      remediation: `Choose another one, such as chosen-${tag}-2.`,
      details: { fieldErrors: [{ field: 'slug' }] },
    });
    await expect(create('Anything', 'settings')).rejects.toMatchObject({ code: 'slug_taken' });
    for (const slug of ['Two Words', '-a', 'a--b', 'a'.repeat(41)])
      await expect(create('Anything', slug)).rejects.toMatchObject({ code: 'validation_failed' });
    const at = await Promise.allSettled(Array.from({ length: 5 }, () => create('Anything', `race-${tag}`)));
    expect(at.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const session = await getSession(visitor, { visit: me });
    expect(session?.organizations.map(({ slug, role }) => [slug, role])).toContainEqual([`race-${tag}`, 'owner']);
  });
});
