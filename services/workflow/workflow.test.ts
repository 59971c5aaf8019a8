import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { archiveAuthProfile } from '../auth-profile/archive.ts';
import { createAuthProfile } from '../auth-profile/create.ts';
import { archiveServer } from '../server/archive.ts';
import { connectServer } from '../server/connect.ts';
import { archiveWorkflow } from './archive.ts';
import { createWorkflow } from './create.ts';
import type { DefinitionInput } from './definition.ts';
import { pauseWorkflow } from './pause.ts';
import { getWorkflow } from './reading/get.ts';
import { getWorkflowVersion } from './reading/get-version.ts';
import { listWorkflows } from './reading/list.ts';
import { listVersions } from './reading/list-versions.ts';
import { restoreVersion } from './restore-version.ts';
import { resumeWorkflow } from './resume.ts';
import { saveWorkflow } from './save.ts';
import { tagWorkflow } from './tag.ts';
import { unarchiveWorkflow } from './unarchive.ts';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
let serverId: string;

const connect = async (of: TestOrg): Promise<string> => {
  const address = { transport: 'streamable_http' as const, url: shop.url, auth: { kind: 'none' as const } };
  const { serverId } = await connectServer(of.as('admin'), { name: 'Shop', ...address });
  if (serverId === null) throw new Error('the shop was not connected');
  return serverId;
};

beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps, { role: 'editor' });
  shop = await startShopServer();
  serverId = await connect(org);
});
afterAll(async () => {
  await shop.close();
  await test.close();
});

const definition = (more: Partial<DefinitionInput> = {}): DefinitionInput => ({
  name: 'Order a mug',
  serverId,
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: 'call search_products {"query": "mug"}',
  criteria: [{ text: 'calls `search_products` once' }, { text: 'no tool call fails', isRequired: false }],
  ...more,
});
const create = (more: Partial<DefinitionInput> = {}) => createWorkflow(org.ctx, { definition: definition(more) });
const auditOf = (subject: string) =>
  test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, subject }, orderBy: { id: 'asc' } });

describe('the slug of a workflow', () => {
  it('is made of the name, and free, however many are created at the same time', async () => {
    const own = await testOrg(test.deps, { role: 'editor' });
    const ownServer = await connect(own);
    const made = await Promise.all(
      Array.from({ length: 8 }, () =>
        createWorkflow(own.ctx, { definition: definition({ name: 'Buy: a mug!', serverId: ownServer }) }),
      ),
    );
    expect(made.map(({ workflow }) => workflow.slug).sort()).toEqual(
      ['buy-a-mug', ...[2, 3, 4, 5, 6, 7, 8].map((number) => `buy-a-mug-${number}`)].sort(),
    );
    const [first] = made;
    const { workflows } = await listWorkflows(own.ctx, { slug: 'buy-a-mug-3' });
    expect(workflows).toMatchObject([{ slug: 'buy-a-mug-3' }]);
    // A new name changes nothing; an archived workflow makes room.
    const { workflow, version } = first ?? (await create());
    await saveWorkflow(own.ctx, { workflowId: workflow.id, baseVersionId: version.id, changes: { name: 'Other' } });
    const { workflow: renamed } = await getWorkflow(own.ctx, { workflowId: workflow.id });
    expect(renamed).toMatchObject({ name: 'Other', slug: workflow.slug });
    await archiveWorkflow(own.ctx, { workflowId: workflow.id });
    const again = await createWorkflow(own.ctx, {
      definition: definition({ name: workflow.slug, serverId: ownServer }),
    });
    expect(again.workflow.slug).toBe(workflow.slug);
  });
});

describe('a workflow that is created with a slug and tags', () => {
  it('has them, unless another one has the slug', async () => {
    const own = await testOrg(test.deps, { role: 'editor' });
    const of = { definition: definition({ serverId: await connect(own) }), slug: 'mug', tags: ['smoke', 'smoke'] };
    const { workflow } = await createWorkflow(own.ctx, of);
    expect(workflow).toMatchObject({ slug: 'mug', tags: ['smoke'] });
    await expect(createWorkflow(own.ctx, of)).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'slug' }] },
    });
    await expect(createWorkflow(own.ctx, { ...of, slug: 'Not a slug' })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'slug' }] },
    });
    await archiveWorkflow(own.ctx, { workflowId: workflow.id });
    expect((await createWorkflow(own.ctx, of)).workflow.slug).toBe('mug');
  });
});

describe('the tags of a workflow', () => {
  it('are set outside of its versions, and filter the list', async () => {
    const { workflow } = await create();
    const { workflow: tagged } = await tagWorkflow(org.ctx, {
      workflowId: workflow.id,
      tags: ['smoke', 'smoke', 'nightly'],
    });
    expect(tagged).toMatchObject({ tags: ['smoke', 'nightly'], versionNumber: 1 });
    await tagWorkflow(org.ctx, { workflowId: workflow.id, tags: ['smoke', 'nightly'] });
    expect((await auditOf(workflow.id)).map(({ action }) => action)).toEqual(['workflow.create', 'workflow.tag']);
    const found = await listWorkflows(org.ctx, { tag: 'nightly' });
    expect(found.workflows.map(({ id, tags }) => ({ id, tags }))).toEqual([
      { id: workflow.id, tags: ['smoke', 'nightly'] },
    ]);
    await archiveWorkflow(org.ctx, { workflowId: workflow.id });
    await expect(tagWorkflow(org.ctx, { workflowId: workflow.id, tags: [] })).rejects.toMatchObject({
      code: 'workflow_archived',
    });
  });
});

describe('an archived workflow', () => {
  it('is taken back with the state that is asked for, and with another slug where its own is used again', async () => {
    const own = await testOrg(test.deps, { role: 'editor' });
    const ownServer = await connect(own);
    const make = () => createWorkflow(own.ctx, { definition: definition({ serverId: ownServer }) });
    const { workflow } = await make();
    const { id: workflowId } = workflow;
    expect(await archiveWorkflow(own.ctx, { workflowId })).toMatchObject({ before: 'active' });
    expect(await archiveWorkflow(own.ctx, { workflowId })).toMatchObject({ before: 'archived' });
    const taken = await make();
    expect(taken.workflow.slug).toBe(workflow.slug);
    const back = await unarchiveWorkflow(own.ctx, { workflowId, state: 'paused' });
    expect(back).toMatchObject({ workflow: { state: 'paused', slug: `${workflow.slug}-2` }, warnings: [] });
    // Another time it does nothing.
    expect(await unarchiveWorkflow(own.ctx, { workflowId })).toMatchObject({ workflow: { state: 'paused' } });
    const actions = await test.deps.db.auditEvent.findMany({
      where: { orgId: own.orgId, subject: workflowId },
      orderBy: { id: 'asc' },
      select: { action: true },
    });
    expect(actions.map(({ action }) => action)).toEqual(['workflow.create', 'workflow.archive', 'workflow.unarchive']);
    expect((await listWorkflows(own.ctx, {})).workflows).toHaveLength(2);
  });

  it('stays archived where its server was deleted', async () => {
    const own = await testOrg(test.deps, { role: 'admin' });
    const ownServer = await connect(own);
    const { workflow } = await createWorkflow(own.ctx, { definition: definition({ serverId: ownServer }) });
    await archiveServer(own.ctx, { serverId: ownServer });
    await expect(unarchiveWorkflow(own.ctx, { workflowId: workflow.id })).rejects.toMatchObject({
      code: 'mcp_server_archived',
    });
  });
});

describe('creating a workflow', () => {
  it('makes version 1 with an id for each criterion, and an audit row', async () => {
    const { workflow, version, warnings } = await create();
    expect(workflow).toMatchObject({ name: 'Order a mug', state: 'active', versionNumber: 1, scheduleSynced: true });
    expect(version).toMatchObject({ id: workflow.activeVersionId, number: 1, createdBy: `member:${org.userId}` });
    expect(warnings).toEqual([]);
    const got = await getWorkflow(org.as('viewer'), { workflowId: workflow.id });
    expect(got.definition).toMatchObject({ limits: { turns: 20 }, timezone: 'UTC', schedule: null });
    expect(new Set(got.definition.criteria.map(({ id }) => id)).size).toBe(2);
    expect(got).toMatchObject({ scheduleLabel: 'Manual', nextFireTimes: [], server: { name: 'Shop' } });
    expect(got.versions).toMatchObject([{ number: 1, createdByName: 'The editor', changed: [] }]);
    expect(await auditOf(workflow.id)).toMatchObject([{ action: 'workflow.create' }]);
  });

  it.each([
    ['a schedule of six fields', { schedule: '0 0 9 * * *' }, 'schedule'],
    ['a time zone that is none', { timezone: 'Mars/Olympus' }, 'timezone'],
    ['an API key of Armature', { prompt: `Use amt_${'0a'.repeat(8)}_${'x'.repeat(43)}.` }, 'prompt'],
    ['no criterion', { criteria: [] }, 'criteria'],
    ['a criterion of two lines', { criteria: [{ text: 'a\nb' }] }, 'criteria[0].text'],
    [
      'a tool that is both allowed and blocked',
      { toolPolicy: { allowedTools: ['a'], blockedTools: ['a'] } },
      'toolPolicy.blockedTools[0]',
    ],
  ])('refuses %s', async (_, more, field) => {
    await expect(create(more)).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(create(more)).rejects.toHaveProperty(
      'details.fieldErrors',
      expect.arrayContaining([expect.objectContaining({ field: expect.stringContaining(field) })]),
    );
  });

  it('refuses a server of another workspace and a profile of another server', async () => {
    const other = await testOrg(test.deps);
    const [theirs, second] = await Promise.all([connect(other), connect(org)]);
    await expect(create({ serverId: theirs })).rejects.toMatchObject({ code: 'mcp_server_not_found' });
    const { authProfileId } = await createAuthProfile(org.as('admin'), {
      serverId: second,
      name: 'Other',
      auth: { kind: 'none' },
    });
    await expect(create({ authProfileId })).rejects.toMatchObject({ code: 'auth_profile_not_found' });
    const made = await create({ serverId: second, authProfileId });
    const { workflows } = await archiveAuthProfile(org.as('admin'), { authProfileId });
    expect(workflows).toEqual([{ id: made.workflow.id, name: 'Order a mug' }]);
    const { warnings } = await getWorkflow(org.ctx, { workflowId: made.workflow.id });
    expect(warnings).toMatchObject([{ code: 'auth_profile_archived' }]);
  });

  it('needs an editor', async () => {
    await expect(createWorkflow(org.as('viewer'), { definition: definition() })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});

describe('what a save warns of', () => {
  it('names a workflow in use that has the name of a new one', async () => {
    const name = 'Told apart by nobody';
    const first = await create({ name });
    expect(first.warnings).toEqual([]);
    const second = await create({ name });
    expect(second.warnings).toEqual([
      { code: 'workflow_name_taken', message: expect.stringContaining(first.workflow.id), field: 'name' },
    ]);
    for (const { workflow } of [first, second]) await archiveWorkflow(org.ctx, { workflowId: workflow.id });
    expect((await create({ name })).warnings).toEqual([]);
  });

  it('names models, policy entries and assertion tools that are not there', async () => {
    const { warnings } = await create({
      name: 'With nothing that is there',
      testerModels: ['builtin/scripted', 'nobody/model', 'builtin/assertions'],
      toolPolicy: { allowedTools: ['search_products', 'gone_tool'], blockedTools: ['lost_tool'] },
      criteria: [
        { text: 'calls `search_product`' },
        { text: 'the answer is friendly' },
        { text: 'calls `list_resources`' },
      ],
    });
    expect(warnings.map(({ code, field }) => [code, field])).toEqual([
      ['model_unknown', 'testerModels[1]'],
      ['model_unsuitable', 'testerModels[2]'],
      ['criterion_not_an_assertion', 'criteria[1].text'],
      ['policy_tool_missing', 'toolPolicy.allowedTools[1]'],
      ['policy_tool_missing', 'toolPolicy.blockedTools[0]'],
      ['criterion_mentions_missing_tool', 'criteria[0].text'],
      ['needed_tool_blocked', 'toolPolicy.allowedTools'],
    ]);
  });

  it('says that a provider has no key, and that a catalog is not known yet', async () => {
    const list = () => [
      ...test.deps.models.list(),
      {
        id: 'acme/m',
        label: 'm',
        provider: 'acme',
        builtin: false,
        source: 'installation' as const,
        tester: true,
        judge: true,
        keySet: false,
      },
    ];
    const ctx = { ...org.ctx, deps: { ...test.deps, models: { ...test.deps.models, list } } };
    const { serverId: silent } = await connectServer(org.as('admin'), {
      name: 'Silent',
      transport: 'streamable_http',
      url: `${shop.url}/nothing`,
      auth: { kind: 'none' },
      saveAnyway: true,
    });
    const { warnings } = await createWorkflow(ctx, {
      definition: definition({ name: 'Silent', serverId: silent ?? '', judgeModel: 'acme/m' }),
    });
    expect(warnings.map(({ code }) => code)).toEqual(['model_without_key', 'catalog_unknown']);
  });

  it('shows for each line how it is graded', async () => {
    const { workflow } = await create({
      judgeModel: 'acme/m',
      criteria: [
        { text: 'calls `create_order` exactly once' },
        { text: 'calls `create_order` exactly' },
        { text: 'is kind' },
      ],
    });
    const { criteria } = await getWorkflow(org.ctx, { workflowId: workflow.id });
    expect(criteria.map(({ gradedBy }) => gradedBy)).toEqual(['assertion', 'judge', 'judge']);
    expect(criteria[1]?.hint?.position).toBe('calls `create_order` exactly'.length);
    expect(criteria[2]).not.toHaveProperty('hint');
  });
});

describe('saving a workflow', () => {
  it('makes the next version when something differs, and none when nothing does', async () => {
    const { workflow, version } = await create({ limits: { turns: 7 }, description: 'Kept.' });
    const base = { workflowId: workflow.id, baseVersionId: version.id };
    const same = await saveWorkflow(org.ctx, { ...base, changes: { name: ' Order a mug ', limits: { turns: 7 } } });
    expect(same).toMatchObject({ changed: false, version: { id: version.id, number: 1 } });
    const saved = await saveWorkflow(org.ctx, {
      ...base,
      changes: { prompt: 'call list_orders {}', limits: { seconds: 60 } },
    });
    expect(saved).toMatchObject({ changed: true, version: { number: 2 } });
    const got = await getWorkflow(org.ctx, { workflowId: workflow.id });
    expect(got.definition).toMatchObject({ description: 'Kept.', limits: { turns: 7, seconds: 60 } });
    expect(got.versions.map(({ number, changed }) => [number, changed])).toEqual([
      [2, ['prompt', 'limits']],
      [1, []],
    ]);
    expect((await auditOf(workflow.id)).map(({ action }) => action)).toEqual(['workflow.create', 'workflow.save']);
    const first = await getWorkflowVersion(org.ctx, { workflowId: workflow.id, versionId: version.id });
    expect(first).toMatchObject({ definition: { prompt: definition().prompt }, previous: null, changes: [] });
    const second = await getWorkflowVersion(org.ctx, { workflowId: workflow.id, versionId: saved.version.id });
    expect(second).toMatchObject({
      previous: { number: 1 },
      changes: [
        { field: 'prompt', lines: [{ op: 'removed' }, { op: 'added', text: 'call list_orders {}' }] },
        { field: 'limits.seconds', before: 300, after: 60 },
      ],
    });
  });

  it('keeps the ids of criteria whose text or flag changes', async () => {
    const { workflow, version } = await create({ criteria: ['a', 'b', 'c'].map((text) => ({ text })) });
    const { criteria } = (await getWorkflow(org.ctx, { workflowId: workflow.id })).definition;
    const [a, b, c] = criteria.map(({ id }) => id);
    const saved = await saveWorkflow(org.ctx, {
      workflowId: workflow.id,
      baseVersionId: version.id,
      changes: { criteria: [{ text: 'new' }, { id: b ?? '', text: 'b, edited' }, { text: 'a', isRequired: false }] },
    });
    const after = await getWorkflowVersion(org.ctx, { workflowId: workflow.id, versionId: saved.version.id });
    const [first, ...others] = after.definition.criteria;
    expect([a, b, c]).not.toContain(first?.id);
    expect(others.map(({ id, text }) => [id, text])).toEqual([
      [b, 'b, edited'],
      [a, 'a'],
    ]);
    const [change] = after.changes;
    expect(change?.kind === 'criteria' && change.criteria.map((one) => one.change).sort()).toEqual([
      'added',
      'edited',
      'edited',
      'removed',
      'reordered',
    ]);
  });

  it('keeps the id of an edited line that comes without one', async () => {
    const { workflow, version } = await create({ criteria: ['a', 'b', 'c'].map((text) => ({ text })) });
    const before = (await getWorkflow(org.ctx, { workflowId: workflow.id })).definition.criteria;
    const changes = { criteria: ['a', 'b, reworded', 'c'].map((text) => ({ text })) };
    await saveWorkflow(org.ctx, { workflowId: workflow.id, baseVersionId: version.id, changes });
    const after = (await getWorkflow(org.ctx, { workflowId: workflow.id })).definition.criteria;
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(after[1]?.text).toBe('b, reworded');
  });

  it('lets one of many win that began from the same version; the others learn the current one', async () => {
    const { workflow, version } = await create();
    const ends = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) =>
        saveWorkflow(org.ctx, {
          workflowId: workflow.id,
          baseVersionId: version.id,
          changes: { description: `Edit ${index}` },
        }),
      ),
    );
    const [won, ...more] = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    expect(more).toEqual([]);
    expect(won?.version.number).toBe(2);
    for (const end of ends)
      if (end.status === 'rejected')
        expect(end.reason).toMatchObject({
          code: 'base_version_stale',
          details: { currentVersionId: won?.version.id, currentVersionNumber: 2 },
        });
    expect(await test.deps.db.workflowVersion.count({ where: { workflowId: workflow.id } })).toBe(2);
  });

  it('refuses unknown fields, a version of another workflow, and what is archived', async () => {
    const [one, two] = [await create(), await create()];
    const base = { workflowId: one.workflow.id, baseVersionId: one.version.id };
    const unknown: object = { promt: 'x' };
    await expect(saveWorkflow(org.ctx, { ...base, changes: unknown })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(saveWorkflow(org.ctx, { ...base, changes: { schedule: '* *' } })).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'schedule' }] },
    });
    await expect(saveWorkflow(org.ctx, { ...base, baseVersionId: two.version.id, changes: {} })).rejects.toMatchObject({
      code: 'version_not_found',
    });
    const other = await testOrg(test.deps);
    await expect(saveWorkflow(other.ctx, { ...base, changes: {} })).rejects.toMatchObject({
      code: 'workflow_not_found',
    });
    await expect(getWorkflow(other.ctx, { workflowId: one.workflow.id })).rejects.toMatchObject({
      code: 'workflow_not_found',
    });
    await archiveWorkflow(org.ctx, { workflowId: one.workflow.id });
    await expect(saveWorkflow(org.ctx, { ...base, changes: { name: 'New' } })).rejects.toMatchObject({
      code: 'workflow_archived',
    });
    await expect(resumeWorkflow(org.ctx, { workflowId: one.workflow.id })).rejects.toMatchObject({
      code: 'workflow_archived',
    });
  });

  it('restores an earlier version as the next one, on top of the version that the caller saw', async () => {
    const { workflow, version: first } = await create();
    const second = await saveWorkflow(org.ctx, {
      workflowId: workflow.id,
      baseVersionId: first.id,
      changes: { name: 'Order two mugs', schedule: '0 9 * * *' },
    });
    const of = { workflowId: workflow.id, versionId: first.id };
    await expect(restoreVersion(org.ctx, { ...of, baseVersionId: first.id })).rejects.toMatchObject({
      code: 'base_version_stale',
      details: { currentVersionId: second.version.id },
    });
    const restored = await restoreVersion(org.ctx, { ...of, baseVersionId: second.version.id });
    expect(restored).toMatchObject({ changed: true, version: { number: 3 } });
    const page = await getWorkflow(org.ctx, { workflowId: workflow.id });
    expect(page).toMatchObject({ workflow: { name: 'Order a mug' }, definition: { schedule: null } });
    expect((await auditOf(workflow.id)).at(-1)).toMatchObject({
      action: 'workflow.restore_version',
      data: { restoredVersionId: first.id, fields: expect.arrayContaining(['name', 'schedule']) },
    });
    expect(await restoreVersion(org.ctx, { ...of, baseVersionId: restored.version.id })).toMatchObject({
      changed: false,
      version: { number: 3 },
    });
    const { workflow: other } = await create();
    await expect(
      restoreVersion(org.ctx, { ...of, workflowId: other.id, baseVersionId: other.activeVersionId }),
    ).rejects.toMatchObject({ code: 'version_not_found' });
    const newest = await listVersions(org.ctx, { workflowId: workflow.id, limit: 2 });
    expect(newest.versions.map(({ number, changed }) => [number, changed])).toEqual([
      [3, ['name', 'schedule']],
      [2, ['name', 'schedule']],
    ]);
    expect(
      await listVersions(org.ctx, { workflowId: workflow.id, cursor: newest.nextCursor ?? undefined }),
    ).toMatchObject({ versions: [{ number: 1, changed: [] }], nextCursor: null });
  });

  it('pauses and resumes, each once in the audit log', async () => {
    const { workflow } = await create();
    const ref = { workflowId: workflow.id };
    expect(await pauseWorkflow(org.ctx, ref)).toMatchObject({ workflow: { state: 'paused' }, warnings: [] });
    await pauseWorkflow(org.ctx, ref);
    expect(await resumeWorkflow(org.ctx, ref)).toMatchObject({ workflow: { state: 'active', versionNumber: 1 } });
    const actions = (await auditOf(workflow.id)).map(({ action }) => action);
    expect(actions).toEqual(['workflow.create', 'workflow.pause', 'workflow.resume']);
  });
});
