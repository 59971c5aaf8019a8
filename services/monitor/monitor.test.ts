import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { TargetError } from '../../infra/mcp-target/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { archiveAuthProfile } from '../auth-profile/archive.ts';
import { createAuthProfile } from '../auth-profile/create.ts';
import type { Context } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { observeChecksIn } from '../incident/recording/observe-checks.ts';
import { isInMaintenance } from '../maintenance/active.ts';
import { createMaintenance } from '../maintenance/create.ts';
import { endMaintenance } from '../maintenance/end.ts';
import { listMaintenance } from '../maintenance/list.ts';
import { getOrgHealth, getOrgHealthOutput } from '../organization/health.ts';
import { archiveServer } from '../server/archive.ts';
import { connectServer } from '../server/connect.ts';
import { getServer } from '../server/reading/get.ts';
import { archiveMonitors } from './archive.ts';
import { checkMonitorsNow } from './check-now.ts';
import { createMonitors } from './create.ts';
import { editMonitor } from './edit.ts';
import { getMonitor } from './reading/get.ts';
import { setMonitorState } from './set-state.ts';
import { suggestMonitors } from './tool-call/suggest.ts';
import { testCall } from './tool-call/test-call.ts';

let test: TestDeps;
let shop: ShopServer;
let org: TestOrg;
let serverId: string;
/** An editor of a fresh workspace with the shop connected. */
let editor: Context;

beforeAll(async () => {
  test = await testDeps();
  shop = await startShopServer();
  await test.deps.temporal.ensureSearchAttributes();
});
afterAll(async () => {
  await shop?.close();
  await test?.close();
});

async function freshWorkspace() {
  org = await testOrg(test.deps);
  editor = org.as('editor');
  serverId = await connectShop();
}

async function connectShop(): Promise<string> {
  const found = await connectServer(org.ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  if (found.serverId === null) throw new Error('the shop was not connected');
  return found.serverId;
}

type Wanted = Parameters<typeof createMonitors>[1]['monitors'];
const make = (monitors: Wanted, intervalSeconds: 60 | 300 | 900 | 3600 = 60, ctx = editor) =>
  createMonitors(ctx, { serverId, intervalSeconds, monitors });
async function makeOne(monitor: Wanted[number], intervalSeconds?: 60 | 300 | 900 | 3600) {
  const { monitors } = await make([monitor], intervalSeconds);
  const [made] = monitors;
  if (!made) throw new Error('no monitor was made');
  return made;
}
const intervals = [60, 300, 900, 3600] as const;
/** Asked one by one: the list of Temporal lags behind, and may keep what was made and deleted in the same moment. */
async function schedules(): Promise<number[]> {
  const { orgId } = org;
  const found = await Promise.all(
    intervals.map((intervalSeconds) =>
      test.deps.temporal.checkMonitorSchedule({
        orgId,
        serverId,
        serverName: 'Shop',
        intervalSeconds,
        offsetSeconds: 0,
        heartbeatSeconds: 60,
      }),
    ),
  );
  return intervals.filter((_, index) => found[index] !== null);
}
const audited = (action: string) =>
  test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, action }, orderBy: { id: 'asc' } });

describe('creating monitors', () => {
  beforeAll(freshWorkspace);

  it('makes several at once, active, with a Schedule, audited', async () => {
    const { monitors, warnings } = await make([
      { tool: 'search_products' },
      { tool: 'search_products', name: 'Mugs', arguments: { query: 'mug' }, degradedAboveMs: 500 },
      {
        tool: 'check_stock',
        arguments: { sku: 'MUG-001' },
        assertions: ['`check_stock` result field `in_stock` equals true'],
      },
    ]);
    expect(warnings).toEqual([]);
    expect(monitors.map(({ name, tool, state }) => [name, tool, state])).toEqual([
      ['search_products', 'search_products', 'active'],
      ['Mugs', 'search_products', 'active'],
      ['check_stock', 'check_stock', 'active'],
    ]);
    expect(monitors[1]).toMatchObject({ arguments: { query: 'mug' }, timeoutSeconds: 30, degradedAboveMs: 500 });
    expect(await schedules()).toEqual([60]);
    expect(await audited('monitor.create')).toMatchObject([{ subject: serverId, actorKind: 'member' }]);
  });

  it.each<[string, Wanted, string, RegExp]>([
    [
      'an API key of Armature',
      [{ tool: 'search_products', arguments: { query: `amt_${'0a'.repeat(8)}_${'x'.repeat(43)}` } }],
      'monitors[0].arguments',
      /API key of Armature/,
    ],
    [
      'an argument of the wrong type',
      [{ tool: 'search_products', arguments: { query: 7 } }],
      'monitors[0].arguments.query',
      /string/,
    ],
    [
      'a missing argument',
      [{ tool: 'search_products', arguments: { limit: 2 } }, { tool: 'get_product' }],
      'monitors[1].arguments.sku',
      /^Required\.$/,
    ],
    [
      'an unknown argument',
      [{ tool: 'search_products', arguments: { q: 'x' } }],
      'monitors[0].arguments.q',
      /no such argument/,
    ],
    ['a tool that is not there', [{ tool: 'nothing' }], 'monitors[0].tool', /no tool "nothing"/],
    [
      'a time limit that is not below the interval',
      [{ tool: 'search_products', timeoutSeconds: 60 }],
      'monitors[0].timeoutSeconds',
      /below the interval/,
    ],
    [
      'a time limit over 120 s',
      [{ tool: 'search_products', timeoutSeconds: 121 }],
      'monitors[0].timeoutSeconds',
      /120/,
    ],
    [
      'a line that only a judge could read',
      [{ tool: 'search_products', assertions: ['The products look nice'] }],
      'monitors[0].assertions[0]',
      /must be an assertion/,
    ],
    [
      'a line about another tool',
      [{ tool: 'search_products', assertions: ['`get_order` result contains "x"'] }],
      'monitors[0].assertions[0]',
      /get_order/,
    ],
    [
      'a line about a final answer',
      [{ tool: 'search_products', assertions: ['final answer contains "x"'] }],
      'monitors[0].assertions[0]',
      /no final answer/,
    ],
    [
      'a list of arguments',
      [{ tool: 'search_products', arguments: JSON.parse('[1]') }],
      'monitors[0].arguments',
      /JSON object/,
    ],
    ['a NUL', [{ tool: 'search_products', arguments: { query: 'a\u0000' } }], 'monitors[0].arguments', /NUL/],
    [
      'very long arguments',
      [{ tool: 'search_products', arguments: { query: 'x'.repeat(70_000) } }],
      'monitors[0].arguments',
      /65,536/,
    ],
    [
      'the same call twice',
      [
        { tool: 'search_products', arguments: { query: 'a', limit: 1 } },
        { tool: 'search_products', arguments: { limit: 1, query: 'a' } },
      ],
      'monitors[1]',
      /same call as monitors\[0\]/,
    ],
  ])('refuses %s, with its field', async (_, monitors, field, message) => {
    const before = await test.deps.db.monitor.count({ where: { orgId: org.orgId } });
    await expect(make(monitors)).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: expect.arrayContaining([{ field, message: expect.stringMatching(message) }]) },
    });
    expect(await test.deps.db.monitor.count({ where: { orgId: org.orgId } })).toBe(before);
  });

  it('names the monitor that makes the same call', async () => {
    const there = await test.deps.db.monitor.findFirstOrThrow({ where: { orgId: org.orgId, name: 'Mugs' } });
    await expect(make([{ tool: 'search_products', arguments: { query: 'mug' } }], 300)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('"Mugs"'),
      details: { monitorIds: [there.id], fieldErrors: [{ field: 'monitors[0]' }] },
    });
  });

  it('makes one of two that come at once', async () => {
    const same: Wanted = [{ tool: 'search_products', arguments: { query: 'twice' } }];
    const ends = await Promise.allSettled([make(same), make(same)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find((end) => end.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
  });

  it('lets a removed tool be monitored no more', async () => {
    await test.deps.db.catalogTool.create({
      data: {
        orgId: org.orgId,
        serverId,
        name: 'gone',
        inputSchema: {},
        active: false,
        firstSeenAt: new Date(),
        lastSeenAt: new Date(),
        removedAt: new Date(),
      },
    });
    await expect(make([{ tool: 'gone' }])).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'monitors[0].tool', message: expect.stringContaining('no longer offers') }] },
    });
  });

  it('saves with a warning what a hostile schema keeps from being checked', async () => {
    await test.deps.db.catalogTool.create({
      data: {
        orgId: org.orgId,
        serverId,
        name: 'hostile',
        inputSchema: { $ref: 'https://evil.example/schema.json' },
        firstSeenAt: new Date(),
        lastSeenAt: new Date(),
      },
    });
    const { monitors, warnings } = await make([{ tool: 'hostile', arguments: { a: 1 } }]);
    expect(monitors).toHaveLength(1);
    expect(warnings).toMatchObject([{ code: 'arguments_not_checked', field: 'monitors[0].arguments' }]);
  });

  it('is for editors', async () => {
    await expect(make([{ tool: 'search_products' }], 60, org.as('viewer'))).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});

describe('changing monitors', () => {
  beforeAll(freshWorkspace);

  it('changes what is given and leaves the rest, once', async () => {
    const { id } = await makeOne({ tool: 'search_products', arguments: { query: 'mug' } });
    const change = { monitorId: id, name: 'Renamed', arguments: { query: 'cup' }, intervalSeconds: 300 as const };
    const { monitor, changed, warnings } = await editMonitor(editor, change);
    expect(monitor).toMatchObject({
      name: 'Renamed',
      arguments: { query: 'cup' },
      intervalSeconds: 300,
      tool: 'search_products',
    });
    expect(changed.sort()).toEqual(['arguments', 'intervalSeconds', 'name']);
    expect(warnings).toEqual([]);
    expect(await schedules()).toEqual([300]);
    expect((await editMonitor(editor, change)).changed).toEqual([]);
    const rows = await audited('monitor.edit');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows[0]?.data)).not.toContain('cup');
    // Its old call is free again, its new one is not.
    await makeOne({ tool: 'search_products', arguments: { query: 'mug' } });
    await expect(make([{ tool: 'search_products', arguments: { query: 'cup' } }])).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('refuses what does not fit', async () => {
    const { id } = await makeOne({ tool: 'check_stock', arguments: { sku: 'MUG-001' }, timeoutSeconds: 100 }, 300);
    const refusals: [Partial<Parameters<typeof editMonitor>[1]>, object][] = [
      [{ arguments: {} }, { details: { fieldErrors: [{ field: 'arguments.sku' }] } }],
      [{ intervalSeconds: 60 }, { details: { fieldErrors: [{ field: 'timeoutSeconds' }] } }],
      [{ assertions: ['`other` fails'] }, { details: { fieldErrors: [{ field: 'assertions[0]' }] } }],
      [{ authProfileId: newId() }, { code: 'auth_profile_not_found' }],
      [{ monitorId: newId() }, { code: 'monitor_not_found' }],
    ];
    for (const [change, error] of refusals)
      await expect(editMonitor(editor, { monitorId: id, ...change })).rejects.toMatchObject(error);
  });

  it('warns of a tool that is gone and of arguments that no longer fit, and lets other fields be changed', async () => {
    const { id } = await makeOne({ tool: 'get_product', arguments: { sku: 'MUG-001' } });
    const tool = { orgId_serverId_name: { orgId: org.orgId, serverId, name: 'get_product' } };
    const { inputSchema } = await test.deps.db.catalogTool.findUniqueOrThrow({ where: tool });
    await test.deps.db.catalogTool.update({ where: tool, data: { inputSchema: { type: 'object', required: ['id'] } } });
    const drifted = await editMonitor(editor, { monitorId: id, name: 'Still here' });
    expect(drifted.warnings).toMatchObject([{ code: 'arguments_do_not_fit', field: 'arguments.id' }]);
    expect((await getMonitor(editor, { monitorId: id })).warnings).toMatchObject([{ code: 'arguments_do_not_fit' }]);
    await test.deps.db.catalogTool.update({
      where: tool,
      data: { inputSchema: inputSchema ?? {}, active: false, removedAt: new Date() },
    });
    expect((await editMonitor(editor, { monitorId: id, name: 'Again' })).warnings).toMatchObject([
      { code: 'monitor_tool_missing' },
    ]);
  });

  it("hides the server's credential in arguments, and keeps it when it comes back hidden", async () => {
    const auth = { kind: 'bearer' as const, token: 'hush-hush' };
    await createAuthProfile(org.ctx, { serverId, name: 'With a token', auth, isDefault: true });
    await test.deps.db.catalogTool.create({
      data: {
        orgId: org.orgId,
        serverId,
        name: 'sign',
        inputSchema: {},
        firstSeenAt: new Date(),
        lastSeenAt: new Date(),
      },
    });
    const made = await makeOne({ tool: 'sign', arguments: { api_token: 'hush-hush', password: 'data', user: 'ada' } });
    expect(made.arguments).toEqual({ api_token: '[redacted]', password: 'data', user: 'ada' });
    const { monitor } = await editMonitor(editor, {
      monitorId: made.id,
      arguments: { api_token: '[redacted]', user: 'bob' },
    });
    expect(monitor.arguments).toEqual({ api_token: '[redacted]', user: 'bob' });
    const row = await test.deps.db.monitor.findUniqueOrThrow({ where: { id: made.id } });
    expect(row.arguments).toEqual({ api_token: 'hush-hush', user: 'bob' });
    await expect(editMonitor(editor, { monitorId: made.id, arguments: { other: '[redacted]' } })).rejects.toMatchObject(
      { details: { fieldErrors: [{ field: 'arguments.other' }] } },
    );
    expect(JSON.stringify(await audited('monitor.create'))).not.toContain('hush');
  });
});

describe('pausing, resuming and deleting', () => {
  beforeAll(freshWorkspace);

  it('moves many at once, and their Schedules with them', async () => {
    const { monitors } = await make([
      { tool: 'search_products' },
      { tool: 'list_orders', arguments: { reference: 'a' } },
    ]);
    const slow = await makeOne({ tool: 'search_products', arguments: { query: 'slow' } }, 3600);
    const ids = [...monitors, slow].map(({ id }) => id);
    expect(await schedules()).toEqual([60, 3600]);

    const paused = await setMonitorState(editor, { monitorIds: [...ids, ...ids], state: 'paused' });
    expect(paused.changed.sort()).toEqual([...ids].sort());
    expect(await schedules()).toEqual([]);
    expect((await setMonitorState(editor, { monitorIds: ids, state: 'paused' })).changed).toEqual([]);

    await setMonitorState(editor, { monitorIds: [slow.id], state: 'active' });
    expect(await schedules()).toEqual([3600]);

    expect((await archiveMonitors(editor, { monitorIds: ids })).changed).toHaveLength(3);
    expect(await schedules()).toEqual([]);
    expect((await archiveMonitors(editor, { monitorIds: ids })).changed).toEqual([]);
    await expect(setMonitorState(editor, { monitorIds: [slow.id], state: 'active' })).rejects.toMatchObject({
      code: 'monitor_archived',
    });
    await expect(editMonitor(editor, { monitorId: slow.id, name: 'x' })).rejects.toMatchObject({
      code: 'monitor_archived',
    });
    await expect(checkMonitorsNow(editor, { monitorIds: [slow.id], key: 'a' })).rejects.toMatchObject({
      code: 'monitor_archived',
    });
    expect((await getMonitor(org.as('viewer'), { monitorId: slow.id })).monitor.state).toBe('archived');
    // What is deleted stands in nobody's way.
    await makeOne({ tool: 'search_products' });
  });

  it('does nothing when one of them is not there', async () => {
    const { id } = await makeOne({ tool: 'search_products', arguments: { query: 'alone' } });
    await expect(setMonitorState(editor, { monitorIds: [id, newId()], state: 'paused' })).rejects.toMatchObject({
      code: 'monitor_not_found',
    });
    expect((await getMonitor(editor, { monitorId: id })).monitor.state).toBe('active');
  });

  it('closes the open incident of what is paused', async () => {
    const { id } = await makeOne({ tool: 'search_products', arguments: { query: 'broken' } });
    const failed = {
      monitorId: id,
      name: 'search_products',
      at: new Date(),
      outcome: 'fail' as const,
      errorKind: null,
      serverFailure: null,
      message: 'It broke.',
      latencyMs: 5,
      degradedBy: [],
    };
    await test.deps.db.$transaction((tx) =>
      observeChecksIn(tx, test.deps, { orgId: org.orgId, serverId, checks: [failed] }),
    );
    const open = getOrgHealthOutput.parse(await getOrgHealth(org.as('viewer'), {})).openIncidents;
    expect(open).toMatchObject([{ subject: 'monitor', monitorId: id, level: 'bad' }]);
    await setMonitorState(editor, { monitorIds: [id], state: 'paused' });
    expect((await getMonitor(editor, { monitorId: id })).incidents).toMatchObject([{ closeReason: 'paused' }]);
  });

  it('deletes the monitors of a deleted server', async () => {
    serverId = await connectShop();
    const { monitors } = await make(
      [{ tool: 'search_products' }, { tool: 'search_products', arguments: { query: 'a' } }],
      900,
    );
    const ids = monitors.map(({ id }) => id).sort();
    const { archivedMonitors, warnings } = await archiveServer(org.ctx, { serverId });
    expect([archivedMonitors.sort(), warnings]).toEqual([ids, []]);
    expect(await schedules()).toEqual([]);
    expect(await test.deps.db.monitor.count({ where: { serverId, archivedAt: { not: null } } })).toBe(2);
    await expect(make([{ tool: 'search_products' }])).rejects.toMatchObject({ code: 'mcp_server_archived' });
    await expect(suggestMonitors(editor, { serverId })).rejects.toMatchObject({ code: 'mcp_server_archived' });
  });

  it('names the monitors of a deleted auth profile', async () => {
    serverId = await connectShop();
    const { authProfileId } = await createAuthProfile(org.ctx, { serverId, name: 'Second', auth: { kind: 'none' } });
    const [made] = (
      await createMonitors(editor, {
        serverId,
        authProfileId,
        intervalSeconds: 60,
        monitors: [{ tool: 'search_products' }],
      })
    ).monitors;
    const { monitors } = await archiveAuthProfile(org.ctx, { authProfileId });
    expect(monitors).toEqual([{ id: made?.id, name: 'search_products' }]);
    expect((await getMonitor(editor, { monitorId: made?.id ?? '' })).warnings).toMatchObject([
      { code: 'auth_profile_archived', field: 'authProfileId' },
    ]);
  });
});

describe('check now', () => {
  beforeAll(freshWorkspace);

  it('starts one workflow for a key, however often it is asked for', async () => {
    const { id } = await makeOne({ tool: 'search_products' });
    const started: unknown[] = [];
    const temporal = {
      ...test.deps.temporal,
      startCheckNow: async (check: unknown) => {
        started.push(check);
        await test.deps.temporal.startCheckNow({ orgId: org.orgId, monitorId: id, key: 'again', heartbeatSeconds: 30 });
      },
    };
    const ctx = { ...editor, deps: { ...test.deps, temporal } };
    for (let i = 0; i < 3; i++)
      expect(await checkMonitorsNow(ctx, { monitorIds: [id, id], key: 'again' })).toEqual({
        monitorIds: [id],
        key: 'again',
      });
    expect(started).toHaveLength(3);
    expect(started[0]).toMatchObject({ orgId: org.orgId, monitorId: id, key: 'again' });
    await expect(checkMonitorsNow(editor, { monitorIds: [id], key: 'a b' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    expect(await audited('monitor.check_now')).toHaveLength(3);
  });
});

describe('a test call', () => {
  beforeAll(freshWorkspace);

  it('says what a check would have said, and stores nothing', async () => {
    shop.control.set({ slow: { check_stock: 30 } });
    const passed = await testCall(editor, { serverId, tool: 'check_stock', arguments: { sku: 'MUG-001' } });
    shop.control.reset();
    expect(passed).toMatchObject({ outcome: 'pass', errorKind: null, degradedBy: [] });
    expect(passed.excerpt).toContain('MUG-001');
    expect(passed.latencyMs).toBeGreaterThanOrEqual(30);
    const failed = await testCall(editor, { serverId, tool: 'check_stock', arguments: { sku: 'NOTHING' } });
    expect(failed).toMatchObject({ outcome: 'fail', errorKind: null });
    const degraded = await testCall(editor, {
      serverId,
      tool: 'check_stock',
      arguments: { sku: 'MUG-001' },
      assertions: ['`check_stock` result contains "no such text"'],
    });
    expect(degraded.outcome).toBe('degraded');
    expect(degraded.degradedBy).toHaveLength(1);
    expect(await test.deps.db.check.count({ where: { orgId: org.orgId } })).toBe(0);
    expect(await audited('monitor.test_call')).toHaveLength(3);
  });

  it('refuses arguments that do not fit, without calling', async () => {
    const before = (await audited('monitor.test_call')).length;
    await expect(testCall(editor, { serverId, tool: 'check_stock' })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'arguments.sku', message: 'Required.' }] },
    });
    expect(await audited('monitor.test_call')).toHaveLength(before);
  });

  it('keeps whether a tool is slow or asks for input', async () => {
    const { db } = test.deps;
    const args = { serverId, tool: 'check_stock', arguments: { sku: 'MUG-001' } };
    const where = { orgId: org.orgId, serverId, name: 'check_stock' };
    const stored = async () => (await db.catalogTool.findFirstOrThrow({ where })).testCall;
    await testCall(editor, args);
    expect(await stored()).toMatchObject({ latencyMs: expect.any(Number), asked: false });
    const connect: typeof test.deps.targets.connect = async (...options) => ({
      ...(await test.deps.targets.connect(...options)),
      callTool: () => Promise.reject(new TargetError('timeout', 'The server asked for sampling/createMessage.')),
    });
    const deps = { ...test.deps, targets: { ...test.deps.targets, connect } };
    await testCall({ ...editor, deps }, args);
    expect(await stored()).toMatchObject({ asked: true });
    const suggested = (await suggestMonitors(editor, { serverId })).tools.find(({ name }) => name === 'check_stock');
    expect(suggested).toMatchObject({ preselected: false, why: expect.stringContaining('asked for input') });
  });

  it('tells a server that is not there', async () => {
    const other = await startShopServer();
    const found = await connectServer(org.ctx, {
      name: 'Gone',
      transport: 'streamable_http',
      url: other.url,
      auth: { kind: 'none' },
    });
    await other.close();
    expect(await testCall(editor, { serverId: found.serverId ?? '', tool: 'search_products' })).toMatchObject({
      outcome: 'error',
      errorKind: 'unreachable',
    });
  });
});

describe('suggestions', () => {
  beforeAll(freshWorkspace);

  it('preselects tools that need no arguments and only read, but no monitored ones', async () => {
    const add = (name: string, inputSchema: object, annotations: object) =>
      test.deps.db.catalogTool.create({
        data: {
          orgId: org.orgId,
          serverId,
          name,
          inputSchema,
          annotations,
          firstSeenAt: new Date(),
          lastSeenAt: new Date(),
        },
      });
    await add('wipe_all', { type: 'object' }, { destructiveHint: true });
    await add('get_time', { type: 'object' }, {});
    await add('ping', { type: 'object' }, {});
    const { tools, authProfiles } = await suggestMonitors(org.as('viewer'), { serverId });
    const of = (name: string) => tools.find((tool) => tool.name === name);
    expect(of('search_products')).toMatchObject({ preselected: true, why: 'It needs no arguments and only reads.' });
    expect(of('get_time')).toMatchObject({ preselected: true, why: expect.stringContaining('by its name') });
    expect(of('ping')).toMatchObject({ preselected: false, why: expect.stringContaining('Nothing says') });
    expect(of('wipe_all')).toMatchObject({ preselected: false, why: expect.stringContaining('delete') });
    expect(of('check_stock')).toMatchObject({
      preselected: false,
      why: 'It needs arguments: sku.',
      sampleArguments: {},
    });
    expect(authProfiles).toMatchObject([{ isDefault: true }]);
    const { id } = await makeOne({ tool: 'get_time' });
    const again = (await suggestMonitors(editor, { serverId })).tools.find(({ name }) => name === 'get_time');
    expect(again).toMatchObject({
      preselected: false,
      why: 'A monitor calls it already.',
      monitors: [{ id, intervalSeconds: 60 }],
    });
  });

  it('shows on the page of the server how the monitors of each tool do', async () => {
    const one = await makeOne({ tool: 'search_products' });
    const two = await makeOne({ tool: 'search_products', arguments: { query: 'x' } });
    const paused = await makeOne({ tool: 'search_products', arguments: { query: 'y' } });
    await setMonitorState(editor, { monitorIds: [paused.id], state: 'paused' });
    const at = new Date();
    for (const [monitorId, outcome] of [
      [one.id, 'pass'],
      [two.id, 'degraded'],
      [paused.id, 'fail'],
    ] as const)
      await test.deps.db.monitorHealth.create({
        data: { orgId: org.orgId, monitorId, outcome, checkedAt: at, since: at },
      });
    const { tools, monitors } = await getServer(org.as('viewer'), { serverId });
    expect(tools.find(({ name }) => name === 'search_products')?.monitors).toEqual({
      count: 3,
      paused: 1,
      worst: 'degraded',
    });
    expect(tools.find(({ name }) => name === 'get_order')?.monitors).toEqual({ count: 0, paused: 0, worst: null });
    expect(monitors).toEqual({ all: 4, pass: 1, degraded: 1, fail: 0, error: 0, unchecked: 1, paused: 1 });
    const health = getOrgHealthOutput.parse(await getOrgHealth(org.as('viewer'), {}));
    expect(health.monitors).toEqual(monitors);
    expect(health.failingMonitors).toMatchObject([{ monitorId: two.id, outcome: 'degraded' }]);
  });
});

describe('maintenance windows', () => {
  beforeAll(freshWorkspace);
  const hour = 3_600_000;
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const is = () => isInMaintenance(test.deps.db, { orgId: org.orgId, serverId, at: new Date() });

  it('go on between their times, and can be ended early', async () => {
    const { window } = await createMaintenance(editor, {
      serverId,
      startsAt: at(-1000),
      endsAt: at(hour),
      reason: 'Upgrade',
    });
    expect(window).toMatchObject({ state: 'active', reason: 'Upgrade' });
    expect(await is()).toBe(true);
    const later = await createMaintenance(editor, { serverId, startsAt: at(hour), endsAt: at(2 * hour) });
    expect((await listMaintenance(org.as('viewer'), { serverId })).windows.map(({ state }) => state)).toEqual([
      'active',
      'upcoming',
    ]);
    expect(await endMaintenance(editor, { windowId: window.id })).toEqual({ ended: 'ended' });
    expect(await endMaintenance(editor, { windowId: window.id })).toEqual({ ended: 'over' });
    expect(await endMaintenance(editor, { windowId: later.window.id })).toEqual({ ended: 'taken_back' });
    expect(await is()).toBe(false);
    expect((await listMaintenance(editor, {})).windows).toMatchObject([{ id: window.id, state: 'over' }]);
    expect(await audited('maintenance.end')).toHaveLength(2);
    await expect(endMaintenance(editor, { windowId: newId() })).rejects.toMatchObject({
      code: 'maintenance_not_found',
    });
  });

  it.each([
    ['an end before the start', hour, hour - 1, 'endsAt'],
    ['more than 30 days', 0, 31 * 24 * hour, 'endsAt'],
    ['what is over', -2 * hour, -hour, 'endsAt'],
    ['a start long ago', -48 * hour, hour, 'startsAt'],
  ])('refuse %s', async (_, start, end, field) => {
    await expect(createMaintenance(editor, { serverId, startsAt: at(start), endsAt: at(end) })).rejects.toMatchObject({
      details: { fieldErrors: [{ field }] },
    });
  });
});
