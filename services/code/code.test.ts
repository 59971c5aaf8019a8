import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseFile } from '../../domain/code/parse.ts';
import type { SentFile } from '../../domain/code/schema.ts';
import { writeFile } from '../../domain/code/yaml.ts';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { anyDefinition, line } from '../../tests/support/arbitrary/definition.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { createRule } from '../alert-rule/create.ts';
import { createAuthProfile } from '../auth-profile/create.ts';
import type { Context } from '../context/context.ts';
import { createMaintenance } from '../maintenance/create.ts';
import { createMonitors } from '../monitor/create.ts';
import { connectServer } from '../server/connect.ts';
import { archiveWorkflow } from '../workflow/archive.ts';
import { createWorkflow } from '../workflow/create.ts';
import { getWorkflow } from '../workflow/reading/get.ts';
import { listWorkflows } from '../workflow/reading/list.ts';
import { saveWorkflow } from '../workflow/save.ts';
import { tagWorkflow } from '../workflow/tag.ts';
import { applyCode } from './apply.ts';
import { exportCode } from './export.ts';
import { planCode } from './plan.ts';

let test: TestDeps;
let shop: ShopServer;
let org: TestOrg;
let editor: Context;
let serverId: string;

beforeAll(async () => {
  test = await testDeps();
  shop = await startShopServer();
  await test.deps.temporal.ensureSearchAttributes();
});
afterAll(async () => {
  await shop?.close();
  await test?.close();
});

async function connect(name: string, token?: string): Promise<string> {
  const connected = await connectServer(org.as('admin'), {
    name,
    transport: 'streamable_http',
    url: shop.url,
    auth: token === undefined ? { kind: 'none' } : { kind: 'bearer', token },
  });
  if (connected.serverId === null) throw new Error('the shop was not connected');
  return connected.serverId;
}

beforeEach(async () => {
  org = await testOrg(test.deps);
  editor = org.as('editor');
  serverId = await connect('Shop');
});

const workflow = {
  id: 'order-a-mug',
  name: 'Order a mug',
  tags: ['smoke'],
  prompt: 'call search_products {"query": "mug"}',
  criteria: ['calls `search_products` once', { text: 'no tool call fails', optional: true }],
  schedule: '*/15 * * * *',
};
const monitor = { id: 'mugs', tool: 'search_products', arguments: { query: 'mug' }, every: '5m', slowerThan: '2s' };
const rule = {
  name: 'Mugs',
  target: { workflow: 'order-a-mug' },
  destination: { email: 'ada@example.com' },
  conditions: { failures: 2, remindEvery: '1h' },
};
const inHours = (hours: number) => new Date(Math.ceil(Date.now() / 1000) * 1000 + hours * 3_600_000).toISOString();
const file = (more: Partial<SentFile> = {}): SentFile => ({
  version: 1,
  server: { name: 'Shop' },
  workflows: [workflow],
  monitors: [monitor],
  alertRules: [rule],
  ...more,
});
const files = (...given: SentFile[]) => given.map((each, index) => ({ path: `${index}.yaml`, file: each }));

const plan = (given = files(file()), prune = false) => planCode(editor, { files: given, prune });
async function push(given = files(file()), prune = false) {
  const { token } = await plan(given, prune);
  return applyCode(editor, { files: given, prune, token });
}
/** A plan in one line for each change. */
const inShort = ({ changes }: Awaited<ReturnType<typeof plan>>) =>
  changes.map(({ action, kind, id, properties }) =>
    [action, kind, id, ...properties.map(({ name }) => name)].join(' '),
  );
const actions = async () =>
  (await test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId }, orderBy: { id: 'asc' } })).map(
    ({ action }) => action,
  );

describe('a first push', () => {
  it('creates what the files say, as planned, audited one by one, and Schedules follow', async () => {
    const planned = await plan();
    expect(inShort(planned)).toEqual([
      'create workflow order-a-mug server name tags prompt criteria models judge schedule',
      'create monitor mugs server tool arguments.query every slowerThan',
      'create alert_rule Mugs name target destination conditions.failures conditions.remindEvery',
    ]);
    const before = (await actions()).length;
    await push();
    expect((await actions()).slice(before)).toEqual([
      'workflow.create',
      'monitor.create',
      'alert_rule.create',
      'code.apply',
    ]);
    const { workflows } = await listWorkflows(editor, {});
    expect(workflows).toMatchObject([{ slug: 'order-a-mug', tags: ['smoke'], schedule: '*/15 * * * *' }]);
    const id = workflows[0]?.id ?? '';
    const { workflow: made, definition } = await getWorkflow(editor, { workflowId: id });
    expect(made.scheduleSynced).toBe(true);
    expect(definition.criteria).toMatchObject([{ isRequired: true }, { isRequired: false }]);
    const schedules = await test.deps.db.monitorSchedule.findMany({ where: { orgId: org.orgId } });
    expect(schedules).toMatchObject([{ intervalSeconds: 300, revision: 1, syncedRevision: 1 }]);
    const rules = await test.deps.db.alertRule.findMany({ where: { orgId: org.orgId } });
    expect(rules).toMatchObject([{ name: 'Mugs', targetKind: 'workflow', targetId: id }]);
  });

  it('is an empty plan the second time, under other paths and in other files', async () => {
    await push();
    const { workflows, monitors, alertRules, ...rest } = file();
    const split = files(
      { ...rest, ...(monitors && { monitors }) },
      { ...rest, ...(workflows && { workflows }) },
      { version: 1, ...(alertRules && { alertRules }) },
    );
    for (const given of [files(file()), split]) expect((await plan(given, true)).changes).toEqual([]);
    expect(await push()).toMatchObject({ changes: [] });
  });

  it('finds the server by its URL, for other installations', async () => {
    const given = files(file({ server: { name: 'Staging shop', url: `${shop.url}?key=1` } }));
    expect((await plan(given)).changes).toHaveLength(3);
  });
});

describe('a change', () => {
  it('is shown property by property, and keeps the ids of criteria', async () => {
    await push();
    const { workflows } = await listWorkflows(editor, {});
    const workflowId = workflows[0]?.id ?? '';
    const before = (await getWorkflow(editor, { workflowId })).definition.criteria;
    const given = files(
      file({
        workflows: [
          {
            ...workflow,
            tags: ['nightly'],
            criteria: ['finishes within 30 s', ...workflow.criteria],
            limits: { duration: '10m' },
          },
        ],
        monitors: [{ ...monitor, every: '15m', arguments: { query: 'cup' } }],
        alertRules: [{ ...rule, conditions: { failures: 3 } }],
      }),
    );
    const planned = await plan(given);
    expect(inShort(planned)).toEqual([
      'change workflow order-a-mug tags criteria limits.duration',
      'change monitor mugs arguments.query every',
      'change alert_rule Mugs conditions.failures conditions.remindEvery',
    ]);
    expect(planned.changes[0]).toMatchObject({
      baseVersion: workflows[0]?.activeVersionId,
      field: 'files[0].workflows[0]',
      properties: [
        { before: ['smoke'], after: ['nightly'] },
        {},
        { name: 'limits.duration', before: '5m', after: '10m' },
      ],
    });
    const audited = (await actions()).length;
    await push(given);
    expect((await actions()).slice(audited)).toEqual([
      'workflow.save',
      'workflow.tag',
      'monitor.edit',
      'alert_rule.edit',
      'code.apply',
    ]);
    const { definition, version } = await getWorkflow(editor, { workflowId });
    expect(version.number).toBe(2);
    expect(definition.criteria.slice(1)).toEqual(before);
    const schedules = await test.deps.db.monitorSchedule.findMany({
      where: { orgId: org.orgId },
      orderBy: { intervalSeconds: 'asc' },
    });
    expect(schedules).toMatchObject([
      { intervalSeconds: 300, revision: 2, syncedRevision: 2 },
      { intervalSeconds: 900, revision: 1, syncedRevision: 1 },
    ]);
    expect((await plan(given)).changes).toEqual([]);
  });

  it('lets monitors exchange their arguments', async () => {
    const other = { ...monitor, id: 'cups', arguments: { query: 'cup' } };
    await push(files(file({ monitors: [monitor, other] })));
    const swapped = [
      { ...monitor, arguments: other.arguments },
      { ...other, arguments: monitor.arguments },
    ];
    await push(files(file({ monitors: swapped })));
    expect((await plan(files(file({ monitors: swapped })))).changes).toEqual([]);
  });

  it('archives with prune only, and only kinds that the files have', async () => {
    await push();
    const none = files({ version: 1, workflows: [], monitors: [] });
    expect(await plan(none)).toMatchObject({
      changes: [],
      notInFiles: [{ id: 'order-a-mug' }, { id: 'mugs' }, { id: 'Mugs' }],
    });
    expect(inShort(await plan(none, true))).toEqual(['archive workflow order-a-mug', 'archive monitor mugs']);
    await push(none, true);
    expect(await listWorkflows(editor, {})).toMatchObject({ workflows: [] });
    expect(await listWorkflows(editor, { state: 'archived' })).toMatchObject({ workflows: [{ slug: 'order-a-mug' }] });
    // The same file creates another workflow; the rule follows what has its target's id.
    const again = await push();
    expect(inShort({ ...again, token: '' })).toEqual([
      expect.stringContaining('create workflow order-a-mug'),
      expect.stringContaining('create monitor mugs'),
      expect.stringContaining('create alert_rule Mugs'),
    ]);
  });

  it('of maintenance is by scope and times', async () => {
    const maintenance = [{ startsAt: inHours(1), endsAt: inHours(2), reason: 'Upgrade' }];
    const over = { startsAt: inHours(-3), endsAt: inHours(-2) };
    await push(files(file({ maintenance }), { version: 1, maintenance }));
    const windows = await test.deps.db.maintenanceWindow.findMany({ where: { orgId: org.orgId } });
    expect(windows.map((window) => window.serverId)).toEqual(expect.arrayContaining([serverId, null]));
    expect(
      await plan(files(file({ maintenance: [...maintenance, over] }), { version: 1, maintenance }), true),
    ).toMatchObject({
      changes: [],
      warnings: [{ code: 'maintenance_over' }],
    });
    const edited = files(file({ maintenance: [{ ...(maintenance[0] ?? over), reason: 'Move' }] }));
    expect(inShort(await plan(edited, true))).toEqual([
      expect.stringMatching(/^change maintenance Shop .* reason$/),
      expect.stringMatching(/^archive maintenance all servers/),
    ]);
    await push(edited, true);
    expect(await test.deps.db.maintenanceWindow.findMany({ where: { orgId: org.orgId } })).toMatchObject([
      { serverId, reason: 'Move' },
    ]);
  });
});

describe('a plan', () => {
  it.each([
    [
      'a workflow was saved',
      async (id: string, base: string) =>
        saveWorkflow(editor, { workflowId: id, baseVersionId: base, changes: { name: 'Mine' } }),
    ],
    ['a workflow was tagged', (id: string) => tagWorkflow(editor, { workflowId: id, tags: [] })],
    ['a workflow was archived', (id: string) => archiveWorkflow(editor, { workflowId: id })],
    [
      'a rule was edited',
      () => test.deps.db.alertRule.updateMany({ where: { orgId: org.orgId }, data: { conditions: {} } }),
    ],
    [
      'a monitor was edited',
      () => test.deps.db.monitor.updateMany({ where: { orgId: org.orgId }, data: { name: 'x' } }),
    ],
  ])('is stale after %s, and nothing of it is applied', async (_, change) => {
    await push();
    const given = files(
      file({
        workflows: [
          { ...workflow, prompt: 'call list_products' },
          { ...workflow, id: 'new' },
        ],
      }),
    );
    const { token } = await plan(given);
    const { workflows } = await listWorkflows(editor, {});
    await change(workflows[0]?.id ?? '', workflows[0]?.activeVersionId ?? '');
    const before = await exportCode(editor, {});
    await expect(applyCode(editor, { files: given, token })).rejects.toMatchObject({ code: 'plan_stale' });
    expect(await exportCode(editor, {})).toEqual(before);
  });

  it('is applied once, however many apply it at the same time', async () => {
    const given = files(file());
    const { token } = await plan(given);
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => applyCode(editor, { files: given, token })));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of all)
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ code: expect.stringMatching(/^(plan_stale|conflict)$/) });
    expect(await test.deps.db.workflowVersion.count({ where: { orgId: org.orgId } })).toBe(1);
  });

  it('is applied as a whole beside other pushes and saves', async () => {
    const of = (letter: string) =>
      files(
        file({
          workflows: Array.from({ length: 8 }, (_, index) => ({ ...workflow, id: `w-${index}`, prompt: letter })),
          monitors: [],
          alertRules: [],
        }),
      );
    await push(of('first'));
    const { workflows } = await listWorkflows(editor, {});
    const [touched] = workflows;
    const tokens = await Promise.all(['a', 'b', 'c'].map(async (letter) => ({ letter, ...(await plan(of(letter))) })));
    const results = await Promise.allSettled([
      ...tokens.map(({ letter, token }) => applyCode(editor, { files: of(letter), token })),
      saveWorkflow(editor, {
        workflowId: touched?.id ?? '',
        baseVersionId: touched?.activeVersionId ?? '',
        changes: { description: 'Saved by hand' },
      }),
    ]);
    const [won] = tokens.filter((_, index) => results[index]?.status === 'fulfilled');
    const { files: after } = await exportCode(editor, {});
    const prompts = new Set(after.flatMap((each) => each.file.workflows?.map(({ prompt }) => prompt) ?? []));
    expect([...prompts]).toEqual([won?.letter ?? 'first']);
    expect(results.slice(0, 3).filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
  });

  it('needs the role editor to be applied', async () => {
    const { token } = await planCode(org.as('viewer'), { files: files(file()) });
    await expect(applyCode(org.as('viewer'), { files: files(file()), token })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});

describe('problems', () => {
  it('name the file and the item, all of them together', async () => {
    const other = file({
      workflows: [
        { ...workflow, authProfile: 'Robot' },
        { ...workflow, id: 'b', prompt: `amt_${'0'.repeat(16)}_${'a'.repeat(43)}` },
      ],
      monitors: [
        { ...monitor, tool: 'nothing' },
        { ...monitor, id: 'c', arguments: { nothing: 1 } },
      ],
      alertRules: [
        { ...rule, target: { monitor: 'gone' }, destination: { webhook: 'Pager' } },
        { ...rule, name: 'Own', target: 'installation' },
      ],
    });
    const error = await plan(files(other, { ...file(), server: { name: 'Other' } })).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'validation_failed' });
    expect(error.details.fieldErrors.map(({ field }: { field: string }) => field)).toEqual([
      'files[0].workflows[0].authProfile',
      'files[0].workflows[1].prompt',
      'files[1].workflows[0].id',
      'files[0].monitors[0].tool',
      'files[0].monitors[1].arguments.nothing',
      'files[1].monitors[0].id',
      'files[0].alertRules[0].destination',
      'files[0].alertRules[0].target',
      'files[0].alertRules[1].target',
      'files[1].alertRules[0].name',
    ]);
  });

  it('are two servers of one name, unless the URL decides or the item has one of them', async () => {
    await push();
    await connect('Shop');
    expect((await plan()).changes).toEqual([]);
    const another = files(file({ workflows: [{ ...workflow, id: 'other' }], monitors: [], alertRules: [] }));
    await expect(plan(another)).rejects.toMatchObject({
      details: {
        fieldErrors: [{ field: 'files[0].server', message: expect.stringContaining('2 servers called "Shop"') }],
      },
    });
  });

  it('are a monitor that would get another tool or server', async () => {
    await push();
    const moved = files(file({ monitors: [{ ...monitor, tool: 'get_product', arguments: { sku: 'mug' } }] }));
    await expect(plan(moved)).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'files[0].monitors[0].tool' }] },
    });
  });
});

describe('secrets', () => {
  it('stay masked on the way through files', async () => {
    const secretServer = await connect('Guarded', 'hush-hush-secret');
    await createMonitors(editor, {
      serverId: secretServer,
      intervalSeconds: 300,
      monitors: [{ tool: 'search_products', arguments: { query: 'hush-hush-secret' } }],
    });
    const exported = await exportCode(editor, {});
    expect(JSON.stringify(exported)).not.toContain('hush-hush-secret');
    expect((await plan(exported.files, true)).changes).toEqual([]);
    const [row] = await test.deps.db.monitor.findMany({ where: { orgId: org.orgId } });
    const renamed = exported.files.map((each) => ({
      ...each,
      file: { ...each.file, monitors: each.file.monitors?.map((own) => ({ ...own, name: 'Renamed' })) },
    }));
    await push(renamed);
    expect(await test.deps.db.monitor.findMany({ where: { orgId: org.orgId } })).toMatchObject([
      { name: 'Renamed', arguments: row?.arguments, argumentsKey: row?.argumentsKey },
    ]);
  });
});

describe('a pull and a push', () => {
  it('change nothing, whatever the workspace holds', async () => {
    const { authProfileId: profileId } = await createAuthProfile(org.as('admin'), {
      serverId,
      name: 'Robot',
      auth: { kind: 'none' },
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyDefinition, { minLength: 1, maxLength: 3 }),
        line,
        fc.record({
          onDegraded: fc.boolean(),
          onPartial: fc.boolean(),
          tellRecovery: fc.boolean(),
          cooldownMinutes: fc.integer({ min: 0, max: 10_080 }),
          remindEveryMinutes: fc.option(fc.integer({ min: 5, max: 10_080 })),
          threshold: fc.oneof(
            fc.record({ kind: fc.constant('consecutive' as const), failures: fc.integer({ min: 1, max: 100 }) }),
            fc.record({
              kind: fc.constant('within' as const),
              failures: fc.integer({ min: 1, max: 100 }),
              minutes: fc.integer({ min: 1, max: 1440 }),
            }),
          ),
        }),
        fc.record({
          timeoutSeconds: fc.integer({ min: 1, max: 59 }),
          degradedAboveMs: fc.option(fc.integer({ min: 1, max: 120_000 })),
          storeResults: fc.boolean(),
          name: line,
        }),
        async (definitions, query, conditions, settings) => {
          count += 1;
          const created = [];
          for (const definition of definitions)
            created.push(
              await createWorkflow(editor, {
                definition: { ...definition, serverId, authProfileId: definition.authProfileId && profileId },
              }),
            );
          await createMonitors(editor, {
            serverId,
            intervalSeconds: 60,
            ...(settings.storeResults && { authProfileId: profileId }),
            monitors: [{ tool: 'search_products', arguments: { query: `${count} ${query}` }, ...settings }],
          });
          await createRule(editor, {
            name: `Rule ${count}`,
            target: { kind: 'workflow', id: created[0]?.workflow.id ?? '' },
            destination: { kind: 'email', address: 'ada@example.com' },
            conditions,
          });
          await createMaintenance(editor, {
            serverId: count % 2 ? serverId : null,
            startsAt: inHours(1),
            endsAt: inHours(2),
          });
          const exported = await exportCode(editor, {});
          const read = exported.files.map(({ path, file: each }) => {
            const text = writeFile(each, { schemaUrl: 'https://armature.example.com/schemas/workflows.json' });
            const parsed = parseFile(text, { path, env: {}, credentials: 'ignore' });
            if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
            return { path: `renamed/${path}`, file: parsed.file };
          });
          expect((await plan(read, true)).changes).toEqual([]);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  });
});
