import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Tool } from '../../agent/ports.ts';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { storedSecrets } from '../../tests/support/setup/stored-secrets.ts';
import { createAuthProfile } from '../auth-profile/create.ts';
import { archiveServer } from '../server/archive.ts';
import { connectServer } from '../server/connect.ts';
import { probeSavedServer } from '../server/probe-saved.ts';
import { getServer } from '../server/reading/get.ts';
import { type ObservedCatalog, recordCatalog } from './record.ts';
import { setToolRepeatability } from './set-tool-repeatability.ts';
import { syncServer } from './sync.ts';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
let serverId: string;
let clock = new Date('2026-11-21T09:00:00Z');
const pass = (seconds: number) => {
  clock = new Date(clock.getTime() + seconds * 1000);
};

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
  org = await testOrg(test.deps, { role: 'admin' });
  shop = await startShopServer();
});
afterAll(async () => {
  await shop.close();
  await test.close();
});
beforeEach(async () => {
  shop.control.reset();
  pass(3600);
  const connected = await connectServer(org.ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  serverId = connected.serverId ?? '';
  pass(60);
});

const page = () => getServer(org.ctx, { serverId });
const toolNamed = async (name: string) => (await page()).tools.find((tool) => tool.name === name);

describe('a catalog sync', () => {
  it('finds a tool renamed, schemas changed breaking and not, and a description', async () => {
    shop.control.set({
      rename: { refund_order: 'return_order' },
      schema: { check_stock: 'breaking', get_order: 'compatible' },
      describe: { create_order: 'Orders something else.' },
    });
    const result = await syncServer(org.ctx, { serverId });
    expect(result).toMatchObject({
      toolCount: 9,
      added: ['return_order'],
      removed: ['refund_order'],
      changed: ['check_stock', 'create_order', 'get_order'],
    });
    const { changes, probes, server } = await page();
    const seen = changes.map(({ tool, kind, breaking, source }) => ({ tool, kind, breaking, source }));
    expect(seen).toEqual(
      expect.arrayContaining([
        { tool: 'refund_order', kind: 'removed', breaking: true, source: 'sync' },
        { tool: 'return_order', kind: 'added', breaking: false, source: 'sync' },
        { tool: 'check_stock', kind: 'input_schema_changed', breaking: true, source: 'sync' },
        { tool: 'get_order', kind: 'input_schema_changed', breaking: false, source: 'sync' },
        { tool: 'create_order', kind: 'description_changed', breaking: false, source: 'sync' },
      ]),
    );
    expect(changes.find(({ tool }) => tool === 'get_order')?.diff).toMatchObject({
      fields: [{ path: 'locale', change: 'added', breaking: false }],
    });
    expect(probes[0]).toMatchObject({ kind: 'sync', ok: true, toolCount: 9 });
    expect(server.syncedAt).toBe(clock.toISOString());
    expect(await toolNamed('create_order')).toMatchObject({ description: 'Orders something else.', active: true });
    expect(await toolNamed('refund_order')).toMatchObject({ active: false, removedAt: clock.toISOString() });
  });

  it('keeps what vanished and takes it in again when it is back', async () => {
    await setToolRepeatability(org.ctx, { serverId, tool: 'get_order', repeatability: 'read_only' });
    const before = await toolNamed('get_order');
    shop.control.set({ remove: ['get_order'] });
    expect(await syncServer(org.ctx, { serverId })).toMatchObject({ removed: ['get_order'], added: [] });
    pass(301);
    shop.control.reset();
    expect(await syncServer(org.ctx, { serverId })).toMatchObject({ removed: [], added: ['get_order'] });
    expect(await toolNamed('get_order')).toEqual({ ...before, lastSeenAt: clock.toISOString() });
    expect((await page()).changes.map(({ kind }) => kind)).toEqual(['added', 'removed']);
  });

  it('is taken once by two at the same time; the other is told when', async () => {
    const ends = await Promise.allSettled([syncServer(org.ctx, { serverId }), syncServer(org.ctx, { serverId })]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = ends.find((end) => end.status === 'rejected');
    expect(lost?.reason).toMatchObject({
      code: 'sync_cooldown_active',
      details: { retryAfterSeconds: 300, retryAt: new Date(clock.getTime() + 300_000).toISOString() },
    });
    const audit = { orgId: org.orgId, subject: serverId, action: 'catalog.sync' };
    expect(await test.deps.db.auditEvent.count({ where: audit })).toBe(1);
  });

  it('shares its five minutes with failed, implicit and periodic ones', async () => {
    shop.control.set({ unauthorized: true });
    await expect(syncServer(org.ctx, { serverId })).rejects.toMatchObject({
      code: 'sync_failed',
      details: { kind: 'auth' },
    });
    const { server, tools, probes } = await page();
    expect(server).toMatchObject({ status: 'unreachable', probeError: { kind: 'auth' } });
    expect(tools.every(({ active }) => active)).toBe(true);
    expect(probes[0]).toMatchObject({ kind: 'sync', ok: false, error: { kind: 'auth' } });
    shop.control.reset();
    pass(299);
    const refused = { code: 'sync_cooldown_active', details: { retryAfterSeconds: 1 } };
    await expect(syncServer(org.asSystem(), { serverId, source: 'implicit' })).rejects.toMatchObject(refused);
    pass(1);
    expect(await syncServer(org.asSystem(), { serverId, source: 'periodic' })).toMatchObject({ changed: [] });
    await expect(syncServer(org.ctx, { serverId })).rejects.toMatchObject({ code: 'sync_cooldown_active' });
    expect((await page()).server).toMatchObject({ status: 'reachable', probeError: null });
    const audit = await test.deps.db.auditEvent.findMany({
      where: { orgId: org.orgId, subject: serverId, action: 'catalog.sync' },
      orderBy: { id: 'asc' },
    });
    expect(audit.map(({ actorKind, data }) => ({ actorKind, data }))).toEqual([
      { actorKind: 'member', data: { source: 'explicit' } },
      { actorKind: 'system', data: { source: 'periodic' } },
    ]);
  });

  it('needs an admin and a server of the same workspace', async () => {
    await expect(syncServer(org.as('editor'), { serverId })).rejects.toMatchObject({ code: 'permission_denied' });
    const other = await testOrg(test.deps);
    await expect(syncServer(other.ctx, { serverId })).rejects.toMatchObject({ code: 'mcp_server_not_found' });
  });
});

describe('a live probe of a saved server', () => {
  it('refreshes the catalog at most once in ten seconds, beside the cooldown of syncs', async () => {
    await syncServer(org.ctx, { serverId });
    pass(10);
    shop.control.set({ remove: ['get_product'] });
    const both = await Promise.all([probeSavedServer(org.ctx, { serverId }), probeSavedServer(org.ctx, { serverId })]);
    expect(both.map(({ refreshed }) => refreshed).sort()).toEqual([false, true]);
    expect(both.flatMap(({ changes }) => changes)).toEqual([{ tool: 'get_product', kind: 'removed', breaking: true }]);
    pass(9);
    shop.control.reset();
    expect(await probeSavedServer(org.ctx, { serverId })).toMatchObject({ refreshed: false, probe: { ok: true } });
    expect(await toolNamed('get_product')).toMatchObject({ active: false });
    pass(1);
    expect(await probeSavedServer(org.ctx, { serverId })).toMatchObject({ refreshed: true });
    expect(await toolNamed('get_product')).toMatchObject({ active: true });
  });

  it('with another profile is only shown', async () => {
    const { authProfileId } = await createAuthProfile(org.ctx, { serverId, name: 'Other', auth: { kind: 'none' } });
    shop.control.set({ remove: ['get_product'] });
    const probed = await probeSavedServer(org.ctx, { serverId, authProfileId });
    expect(probed).toMatchObject({ refreshed: false, changes: [], probe: { ok: true } });
    expect(await toolNamed('get_product')).toMatchObject({ active: true });
  });
});

describe('a catalog that a run saw', () => {
  const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ name, inputSchema: { type: 'object' }, ...more });
  const report = { unusable: [], warnings: [], complete: true, declaresTools: true };
  const record = (tools: Tool[], more: Partial<ObservedCatalog> = {}) =>
    recordCatalog(test.deps, { orgId: org.orgId, serverId, source: 'run', seenAt: clock, tools, report, ...more });

  it('counts outside the cooldown, and its changes once, however many runs saw them', async () => {
    await syncServer(org.ctx, { serverId });
    pass(1);
    const seen = [tool('a'), tool('b')];
    const ends = await Promise.all(Array.from({ length: 8 }, () => record(seen)));
    expect(ends.filter((changes) => changes.length > 0)).toHaveLength(1);
    const { tools, changes } = await page();
    expect(tools.filter(({ active }) => active).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(changes).toHaveLength(11);
    expect(changes.every(({ source }) => source === 'run')).toBe(true);
    expect(await record(seen)).toEqual([]);
  });

  it.each([
    ['was not read to its end', { complete: false, warnings: ['cut'] }],
    ['comes from a server that declares no tools', { complete: false, declaresTools: false }],
  ])('removes nothing when it %s', async (_, more) => {
    await record([tool('kept'), tool('changed')]);
    const seenAt = clock;
    pass(600);
    const seen = await record([tool('new'), tool('changed', { title: 'Other' })], { report: { ...report, ...more } });
    expect(seen.map(({ tool: name, kind }) => [name, kind])).toEqual([
      ['changed', 'title_changed'],
      ['new', 'added'],
    ]);
    expect(await toolNamed('kept')).toMatchObject({ active: true, lastSeenAt: seenAt.toISOString() });
    expect((await page()).server.catalog).toMatchObject(more);
    pass(600);
    await record([tool('new')]);
    expect(await toolNamed('kept')).toMatchObject({ active: false, lastSeenAt: seenAt.toISOString() });
    expect(await toolNamed('new')).toMatchObject({ active: true, lastSeenAt: clock.toISOString() });
    expect((await page()).server.catalog).toEqual(report);
  });

  it('updates warnings and support of tasks, which are no tool change', async () => {
    await record([tool('a')]);
    pass(1);
    const warned = tool('a', { warnings: ['odd'], taskSupport: 'required' });
    expect(await record([warned])).toEqual([]);
    expect(await toolNamed('a')).toMatchObject({ warnings: ['odd'], taskSupport: 'required' });
    const unusable = [{ name: 'b', reasons: ['no schema'] }];
    pass(1);
    expect(await record([tool('a')], { report: { ...report, unusable } })).toEqual([]);
    expect(await toolNamed('a')).toMatchObject({ warnings: [], taskSupport: null });
    expect((await page()).server.catalog).toMatchObject({ unusable });
  });

  it('changes nothing when it is older than the catalog', async () => {
    pass(60);
    await record([tool('newer')]);
    expect(await record([tool('older')], { seenAt: new Date(clock.getTime() - 1000) })).toEqual([]);
    expect(await toolNamed('older')).toBeUndefined();
  });

  it('changes nothing when another than the default profile saw it', async () => {
    const { authProfileId } = await createAuthProfile(org.ctx, { serverId, name: 'Other', auth: { kind: 'none' } });
    expect(await record([tool('theirs')], { authProfileId })).toEqual([]);
    expect(await toolNamed('theirs')).toBeUndefined();
  });

  it('is stored whatever a server writes into it', async () => {
    let deep: { [key: string]: unknown } = { type: 'string' };
    for (let depth = 0; depth < 5000; depth++) deep = { type: 'object', properties: { more: deep } };
    const hostile = [tool('nul\u0000tool', { description: 'a\u0000b\ud800', inputSchema: deep })];
    await record(hostile);
    expect(await toolNamed('nul\ufffdtool')).toMatchObject({ description: 'a\ufffdb\ufffd', active: true });
    pass(1);
    expect(await record(hostile)).toEqual([]);
  });
});

describe('deleting a server', () => {
  it('destroys its secrets and leaves its history to read', async () => {
    const auth = { kind: 'bearer' as const, token: 'token-of-the-deleted' };
    await createAuthProfile(org.ctx, { serverId, name: 'Other', auth });
    await archiveServer(org.ctx, { serverId });
    expect(await storedSecrets(test.deps, org.orgId)).not.toContain('token-of-the-deleted');
    const { server, tools, probes, authProfiles } = await page();
    expect(server.archivedAt).toBe(clock.toISOString());
    expect([tools.length, probes.length, authProfiles.length]).toEqual([9, 1, 2]);
    await expect(syncServer(org.ctx, { serverId })).rejects.toMatchObject({ code: 'mcp_server_archived' });
    await expect(probeSavedServer(org.ctx, { serverId })).rejects.toMatchObject({ code: 'mcp_server_archived' });
    expect(await archiveServer(org.ctx, { serverId })).toEqual({
      archivedWorkflows: [],
      archivedMonitors: [],
      warnings: [],
    });
    const audit = { orgId: org.orgId, subject: serverId, action: 'server.archive' };
    expect(await test.deps.db.auditEvent.count({ where: audit })).toBe(1);
  });

  it('can be repeated when the secrets store was away, which destroys what was left', async () => {
    const auth = { kind: 'bearer' as const, token: 'token-left-behind' };
    await createAuthProfile(org.ctx, { serverId, name: 'Other', auth });
    const destroy = () => Promise.reject(new Error('the secrets store is away'));
    const ctx = { ...org.ctx, deps: { ...test.deps, secrets: { ...test.deps.secrets, destroy } } };
    expect((await archiveServer(ctx, { serverId })).warnings).toMatchObject([{ code: 'secrets_not_destroyed' }]);
    expect(await storedSecrets(test.deps, org.orgId)).toContain('token-left-behind');
    expect((await archiveServer(org.ctx, { serverId })).warnings).toEqual([]);
    expect(await storedSecrets(test.deps, org.orgId)).not.toContain('token-left-behind');
  });
});
