import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import { createLogger } from '../../infra/logger/index.ts';
import { startPostgres } from '../../scripts/embedded/postgres.ts';
import { startTemporal } from '../../scripts/embedded/temporal-server.ts';
import { createRule } from '../../services/alert-rule/create.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import { createDeps } from '../../services/context/deps.ts';
import { newId } from '../../services/context/ids.ts';
import { createWebhook } from '../../services/destination/webhook/create.ts';
import { checkMonitorsNow } from '../../services/monitor/check-now.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { type Running, run, until } from '../faults/process.ts';
import { startStack } from '../faults/stack.ts';
import { type FakeService, startFakeService } from '../support/alerts/fake-service.ts';
import { orderAndRead } from '../support/scenario.ts';

let home: string;
let shop: ShopServer;
let receiver: FakeService;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'armature-drill-'));
  await chmod(home, 0o711);
  shop = await startShopServer({ token: 'token-of-the-shop-8431' });
  receiver = await startFakeService();
  stops.push(shop.close, receiver.close, () => rm(home, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** The messages that the receiver has accepted, in their order. */
const accepted: string[] = [];
const message = z.object({ type: z.string(), subject: z.object({ name: z.string() }) });
const listen = (isUp: () => boolean) =>
  receiver.answer(({ body }) => {
    if (!isUp()) return { status: 503 };
    const { type, subject } = message.parse(JSON.parse(body));
    accepted.push(`${type} ${subject.name}`);
    return { status: 200 };
  });

async function command(name: string, env: Record<string, string | undefined>, ...args: string[]): Promise<void> {
  const { ended, log } = run(
    name,
    `scripts/operation/${name}.ts`,
    { NODE_ENV: 'test', PATH: process.env.PATH, ...env },
    args,
  );
  const code = await ended;
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${log()}`);
}

const order = {
  name: 'Order a mug',
  prompt: orderAndRead,
  criteria: [{ text: 'no tool call fails', isRequired: true }],
};

/** Everything that the drill needs to find again. */
async function fill(ctx: Context) {
  const { serverId, probe } = await connectServer(ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'bearer', token: 'token-of-the-shop-8431' },
  });
  if (serverId === null) throw new Error(`The shop was not connected: ${JSON.stringify(probe)}`);
  const definition = { ...order, serverId, testerModels: ['builtin/scripted'], judgeModel: 'builtin/assertions' };
  const { workflow } = await createWorkflow(ctx, { definition });
  const { monitors } = await createMonitors(ctx, {
    serverId,
    intervalSeconds: 60,
    monitors: [
      { tool: 'check_stock', name: 'Stock', arguments: { sku: 'MUG-001' } },
      { tool: 'get_product', name: 'Price', arguments: { sku: 'MUG-001' } },
      { tool: 'search_products', name: 'Search' },
    ],
  });
  const { webhook } = await createWebhook(ctx, { name: 'Pager', url: `${receiver.url}/pager` });
  await createRule(ctx, {
    name: 'Everything',
    target: { kind: 'all_monitors' },
    destination: { kind: 'webhook', webhookId: webhook.id },
    conditions: { threshold: { kind: 'consecutive', failures: 1 } },
  });
  return { workflowId: workflow.id, monitorIds: monitors.map(({ id }) => id) };
}

const dispatch = async (ctx: Context, workflowId: string) => {
  const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: newId() });
  return runs[0]?.runId ?? '';
};
const ended = (deps: Deps, runId: string, context: () => string) =>
  until(
    `run ${runId} ends`,
    async () => (await deps.db.run.findFirst({ where: { id: runId, finishedAt: { not: null } } })) ?? undefined,
    { seconds: 90, context },
  );
const checkNow = (ctx: Context, monitorIds: string[]) => checkMonitorsNow(ctx, { monitorIds, key: newId() });
const orders = (runId: string) => shop.calls({ reference: runId.slice(0, 8), tool: 'create_order' }).length;

it('a backup restored on empty servers goes on where it was, and repeats no call and no alert', async () => {
  const old = await startStack();
  stops.push(old.close);
  const worker = old.startWorker();
  const { workflowId, monitorIds } = await fill(old.ctx);
  expect(await ended(old.deps, await dispatch(old.ctx, workflowId), worker.log)).toMatchObject({ status: 'pass' });

  // A monitor raises alerts once it has passed.
  await checkNow(old.ctx, monitorIds);
  const passed = () => old.deps.db.monitorHealth.count({ where: { monitorId: { in: monitorIds }, outcome: 'pass' } });
  await until('every monitor has passed', async () => (await passed()) === 3, { seconds: 90, context: worker.log });

  // An incident that was told, another whose message waits, and a run in the middle of a call.
  let isReceiverUp = true;
  listen(() => isReceiverUp);
  shop.control.set({ fail: { check_stock: 'The warehouse is closed.' } });
  await checkNow(old.ctx, monitorIds);
  await until('the first incident is told', () => accepted.includes('alert.opened Stock'), {
    seconds: 90,
    context: worker.log,
  });
  isReceiverUp = false;
  shop.control.set({
    fail: { check_stock: 'The warehouse is closed.', get_product: 'No prices today.' },
    hold: ['get_order'],
  });
  await checkNow(old.ctx, monitorIds);
  await until(
    'the second message waits',
    () => old.deps.db.delivery.findFirst({ where: { state: 'pending' } }).then(Boolean),
    {
      seconds: 90,
      context: worker.log,
    },
  );
  const openRun = await dispatch(old.ctx, workflowId);
  await until('the run has ordered', () => orders(openRun) === 1, { seconds: 90, context: worker.log });

  const oldEnv = {
    DATABASE_URL: old.config.databaseUrl,
    ARMATURE_MIGRATE_URL: old.ownerUrl,
    SECRETS_DATABASE_URL: old.config.secretsUrl,
    ARMATURE_SECRETS_KEY: old.config.secretsKey,
  };
  const folder = join(home, 'backup');
  await command('backup', oldEnv, folder);
  await command('verify', { ARMATURE_SECRETS_KEY: old.config.secretsKey }, folder);

  // The old installation goes on for a while, and is lost.
  isReceiverUp = true;
  shop.control.set({ hold: [] });
  await ended(old.deps, openRun, worker.log);
  await until('the waiting message arrives', () => accepted.includes('alert.opened Price'), {
    seconds: 90,
    context: worker.log,
  });
  await worker.end();
  stops.splice(stops.indexOf(old.close), 1);
  await old.close();
  const told = [...accepted];

  const postgres = await startPostgres({ dir: join(home, 'postgres'), port: 0 });
  stops.push(() => postgres.stop());
  const temporal = await startTemporal({ dir: join(home, 'temporal'), port: 0, uiPort: null, log: () => {} });
  stops.push(() => temporal.stop());
  const app = new URL(postgres.url);
  app.username = 'armature_app';
  app.password = randomBytes(12).toString('hex');
  const env = {
    ...process.env,
    DATABASE_URL: app.href,
    ARMATURE_MIGRATE_URL: postgres.url,
    SECRETS_DATABASE_URL: postgres.secretsUrl,
    ARMATURE_SECRETS_KEY: old.config.secretsKey,
    ARMATURE_AUTH_SECRET: randomBytes(32).toString('base64'),
    TEMPORAL_ADDRESS: temporal.address,
    ARMATURE_ALLOWED_TARGETS: '127.0.0.0/8',
    ARMATURE_LOG_LEVEL: 'warn',
  };
  await command('restore', env, folder);

  const deps = createDeps(readConfig(env), createLogger({ level: 'silent', process: 'drill' }));
  stops.push(deps.close);
  const restoredAt = new Date();
  const next: Running = run('worker', 'worker/main.ts', env);
  stops.push(next.end);
  const ctx: Context = { ...old.ctx, deps };
  expect(await ended(deps, await dispatch(ctx, workflowId), next.log)).toMatchObject({ status: 'pass' });
  expect(await deps.db.run.findFirst({ where: { id: openRun } })).toMatchObject({
    status: 'error',
    errorKind: 'abandoned',
  });

  // Reconcile makes the Schedules again, and each monitor is checked at its own times, once.
  const checked = (id: string) =>
    deps.db.check.findMany({ where: { monitorId: id, key: '', scheduledAt: { gte: restoredAt } } });
  for (const id of monitorIds)
    await until('the monitor was checked twice', async () => (await checked(id)).length >= 2, {
      seconds: 200,
      context: next.log,
    });
  for (const id of monitorIds) {
    const times = (await checked(id)).map(({ scheduledAt }) => scheduledAt.getTime()).sort((a, b) => a - b);
    expect(
      times.slice(1).every((time, index) => time - (times[index] ?? 0) === 60_000),
      `${times}`,
    ).toBe(true);
  }
  expect(orders(openRun)).toBe(1);
  expect(accepted).toEqual(told);

  // The incidents are still open, and end.
  shop.control.reset();
  await checkNow(ctx, monitorIds);
  await until('both recoveries are told', () => accepted.length >= told.length + 2, {
    seconds: 120,
    context: next.log,
  });
  expect(accepted.slice(told.length).sort()).toEqual(['alert.recovered Price', 'alert.recovered Stock']);
  await command('doctor', env);
});
