import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { createRule } from '../../services/alert-rule/create.ts';
import { syncServer } from '../../services/catalog/sync.ts';
import { syncDueServers } from '../../services/catalog/sync-due.ts';
import { getToolChanges } from '../../services/catalog/tool-changes.ts';
import { newId } from '../../services/context/ids.ts';
import { acceptIncident } from '../../services/incident/accept.ts';
import { getIncident } from '../../services/incident/get.ts';
import { listIncidents } from '../../services/incident/list.ts';
import { connectServer } from '../../services/server/connect.ts';
import { editServer } from '../../services/server/edit.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { makeStage, type Stage } from '../support/alerts/stage.ts';
import { startTestWorker } from '../support/setup/worker.ts';

let clock = new Date();
const pass = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * 60_000);
};

let stage: Stage;
let shop: ShopServer;
let worker: RunningWorker;
let serverId: string;

beforeAll(async () => {
  stage = await makeStage({ now: () => clock });
  shop = await startShopServer();
  await stage.deps.temporal.ensureSearchAttributes();
  worker = await startTestWorker(stage.deps);
});
afterAll(async () => {
  await worker?.stop();
  await shop?.close();
  await stage?.close();
});
beforeEach(async () => {
  shop.control.reset();
  for (const service of [stage.resend, stage.slack]) service.reset();
  stage.resend.answer((_, number) => ({ status: 200, body: { id: `em_${number}` } }));
  stage.slack.answer(() => ({ status: 200, body: { ok: true, channel: 'C1', ts: '1.2' } }));
  pass(30 * 24 * 60);
  const connected = await connectServer(stage.org.ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  serverId = connected.serverId ?? '';
});

const sync = async () => {
  pass(10);
  return syncServer(stage.org.ctx, { serverId });
};
const rule = (name: string, destination: Stage['to']['email']) =>
  createRule(stage.org.ctx, { name, target: { kind: 'tool_changes', id: serverId }, destination });
const open = async () => (await listIncidents(stage.org.ctx, { serverId, state: 'open' })).incidents;
const deliveries = () =>
  stage.deps.db.delivery.findMany({
    where: { orgId: stage.org.orgId, incident: { serverId } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });

describe('a server that drifts', () => {
  it('is told of on Slack and by e-mail, each once, and so is its way back', async () => {
    await rule('To Slack', stage.to.slack);
    await rule('To Ada', stage.to.email);
    shop.control.set({ schema: { check_stock: 'breaking' } });
    expect(await sync()).toMatchObject({ changed: ['check_stock'] });

    const { changes } = await getToolChanges(stage.org.as('viewer'), { serverId });
    expect(changes).toMatchObject([
      { tool: 'check_stock', kind: 'input_schema_changed', breaking: true, source: 'sync' },
    ]);
    expect(changes[0]?.words).toEqual([
      'Input product_id: added (string, required)',
      'Input sku: removed (string, required)',
    ]);
    const [incident] = await open();
    expect(incident).toMatchObject({ subject: { kind: 'tool_change', name: 'check_stock' }, level: 'bad' });
    const { cause } = await getIncident(stage.org.ctx, { incidentId: incident?.id ?? '' });
    expect(cause.changes).toEqual(changes[0]?.words.filter((_, index) => index < (cause.changes?.length ?? 0)));
    expect(cause).not.toHaveProperty('baseline');

    const delivered = (count: number) =>
      expect.poll(async () => (await deliveries()).filter(({ state }) => state === 'delivered').length).toBe(count);
    await delivered(2);
    // Nothing changed: nothing is told.
    expect(await sync()).toMatchObject({ changed: [] });
    shop.control.reset();
    expect(await sync()).toMatchObject({ changed: ['check_stock'] });
    await delivered(4);
    await sync();

    expect(await open()).toEqual([]);
    expect((await deliveries()).map(({ kind, ordinal }) => `${kind} ${ordinal}`)).toEqual([
      'opened 1',
      'opened 1',
      'recovered 1',
      'recovered 1',
    ]);
    expect(stage.slack.received).toHaveLength(2);
    expect(stage.resend.received).toHaveLength(2);
    expect(stage.slack.received[0]?.body).toContain('check_stock');
    expect(stage.resend.received.map(({ body }) => JSON.parse(body).subject)).toEqual([
      expect.stringContaining('Tool check_stock of Shop changed in a breaking way'),
      expect.stringContaining('Tool check_stock of Shop is compatible again'),
    ]);
  });

  it('recovers when a tool that was removed comes back, and not before', async () => {
    await rule('Removed', stage.to.email);
    shop.control.set({ rename: { refund_order: 'return_order' } });
    await sync();
    expect((await open()).map(({ subject, summary }) => [subject.name, summary])).toEqual([
      ['refund_order', 'The tool changed in a breaking way: The tool was removed.'],
    ]);
    shop.control.set({ rename: { refund_order: 'return_order' }, schema: { get_order: 'compatible' } });
    await sync();
    expect(await open()).toHaveLength(1);
    shop.control.reset();
    await sync();
    expect((await open()).map(({ subject }) => subject.name)).not.toContain('refund_order');
  });

  it('is normal as it is once somebody accepts it', async () => {
    shop.control.set({ schema: { check_stock: 'breaking' } });
    await sync();
    const [incident] = await open();
    await acceptIncident(stage.org.as('editor'), { incidentId: incident?.id ?? '' });
    await sync();
    expect(await open()).toEqual([]);
    // Going back breaks those who have followed, or doesn't; the accepted shape is what it is held against.
    shop.control.reset();
    const { changes } = await sync();
    expect(await open()).toHaveLength(changes.some(({ breaking }) => breaking) ? 1 : 0);
  });

  it('names the workflows, monitors and policies that a change concerns', async () => {
    const { workflow } = await createWorkflow(stage.org.ctx, {
      definition: {
        name: 'Stock',
        serverId,
        testerModels: ['builtin/scripted'],
        judgeModel: 'builtin/assertions',
        prompt: 'call check_stock {"sku": "MUG-1"}',
        criteria: [{ text: 'calls `check_stock` once', isRequired: true }],
        toolPolicy: { allowedTools: ['check_stock'], blockedTools: [] },
      },
    });
    const { authProfiles } = await stage.deps.db.server.findFirstOrThrow({
      where: { id: serverId },
      include: { authProfiles: true },
    });
    const monitorId = newId();
    await stage.deps.db.monitor.create({
      data: {
        id: monitorId,
        orgId: stage.org.orgId,
        serverId,
        authProfileId: authProfiles[0]?.id ?? '',
        name: 'Stock of mugs',
        tool: 'check_stock',
        arguments: {},
        argumentsKey: 'none',
        intervalSeconds: 60,
      },
    });
    shop.control.set({ schema: { check_stock: 'breaking', get_order: 'compatible' } });
    await sync();
    const { changes } = await getToolChanges(stage.org.ctx, { serverId });
    expect(changes.find(({ tool }) => tool === 'check_stock')?.affected).toEqual({
      workflows: [{ id: workflow.id, name: 'Stock', because: ['prompt', 'criteria'] }],
      monitors: [{ id: monitorId, name: 'Stock of mugs' }],
      policies: [{ workflowId: workflow.id, name: 'Stock', list: 'allowed' }],
    });
    expect(changes.find(({ tool }) => tool === 'get_order')?.affected).toEqual({
      workflows: [],
      monitors: [],
      policies: [],
    });
  });
});

describe('the periodic sync', () => {
  /** Of this server, in so many minutes. */
  const syncsIn = async (minutes: number) => {
    const where = { orgId: stage.org.orgId, subject: serverId, action: 'catalog.sync' };
    const before = await stage.deps.db.auditEvent.count({ where });
    for (let minute = 0; minute < minutes; minute++) {
      pass(1);
      await syncDueServers(stage.deps, { after: null });
    }
    return (await stage.deps.db.auditEvent.count({ where })) - before;
  };
  const others = () =>
    stage.deps.db.server.updateMany({ where: { id: { not: serverId } }, data: { syncEveryMinutes: 0 } });

  it('asks each server once a period, as often as it says, and never when it is switched off', async () => {
    await others();
    await editServer(stage.org.ctx, { serverId, syncEveryMinutes: 15 });
    expect(await syncsIn(30)).toBe(2);
    await editServer(stage.org.ctx, { serverId, syncEveryMinutes: 0 });
    expect(await syncsIn(20)).toBe(0);
    await expect(editServer(stage.org.ctx, { serverId, syncEveryMinutes: 4 })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });

  it('keeps to the cooldown, and records a failure', async () => {
    await others();
    await editServer(stage.org.ctx, { serverId, syncEveryMinutes: 5 });
    await sync();
    pass(4);
    expect(await syncDueServers(stage.deps, { after: null })).toMatchObject({ synced: 0, failed: 0 });
    await stage.deps.db.server.update({ where: { id: serverId }, data: { url: 'http://127.0.0.1:9/mcp' } });
    pass(10);
    expect(await syncDueServers(stage.deps, { after: null })).toMatchObject({ synced: 0, failed: 1 });
    const row = await stage.deps.db.server.findFirstOrThrow({ where: { id: serverId } });
    expect(row).toMatchObject({ status: 'unreachable', syncAttemptedAt: clock });
  });

  it('spreads a thousand servers over their hour', async () => {
    await others();
    const { db } = stage.deps;
    const made = clock;
    await db.server.createMany({
      data: Array.from({ length: 1000 }, () => ({
        id: newId(),
        orgId: stage.org.orgId,
        name: 'Many',
        transport: 'streamable_http',
        url: 'https://many.example.com/mcp',
        syncAttemptedAt: made,
      })),
    });
    const due = await db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS "count" FROM "Server" WHERE "name" = 'Many'
      GROUP BY mod(hashtext("id"::text)::bigint + 2147483648, 60)`;
    expect(due.length).toBe(60);
    expect(Math.max(...due.map(({ count }) => count))).toBeLessThan(50);
    await db.server.deleteMany({ where: { name: 'Many' } });
  });
});
