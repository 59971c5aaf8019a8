import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { evidence } from './evidence.ts';
import { type Running, until } from './process.ts';
import { type Provider, startProvider } from './provider.ts';
import { type Stack, startStack } from './stack.ts';

const shopPrompt = [
  'call search_products {"query": "mug"}',
  'call check_stock {"sku": "$1.products.0.sku", "reference": "{{run.id}}"}',
  'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.id}}"}',
  'call list_orders {"reference": "{{run.id}}"}',
].join('\n');
const criteria = [
  { text: 'calls `create_order` exactly once', isRequired: true },
  { text: '`list_orders` result field `total` equals 1', isRequired: true },
  { text: 'no tool call fails', isRequired: false },
];

let stack: Stack;
let shop: ShopServer;
let provider: Provider;
let folder: string;
let serverId: string;
let workers: Running[] = [];

/** Calls of one run that reached the shop, in order; searches don't say whose they are. */
const received = (runId: string, tool?: string) => shop.calls({ reference: runId, ...(tool && { tool }) });
const startWorker = (env?: Record<string, string>) => {
  const worker = stack.startWorker(env);
  workers.push(worker);
  return worker;
};
async function killed(worker: Running): Promise<void> {
  worker.kill('SIGKILL');
  await worker.ended;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'armature-faults-'));
  shop = await startShopServer({ port: 0 });
  provider = await startProvider([
    { tool: 'search_products', arguments: () => ({ query: 'mug' }) },
    { tool: 'check_stock', arguments: (reference) => ({ sku: 'MUG-001', reference }) },
    { tool: 'create_order', arguments: (reference) => ({ sku: 'MUG-001', quantity: 1, reference }) },
    { tool: 'list_orders', arguments: (reference) => ({ reference }) },
  ]);
  const models = join(folder, 'models.json');
  const config = { name: 'steps', baseUrl: provider.baseUrl, apiKey: 'of-the-test', models: [{ id: 'held' }] };
  await writeFile(models, JSON.stringify({ providers: [config] }));
  stack = await startStack({ ARMATURE_HEARTBEAT_SECONDS: '3', ARMATURE_MODELS: models });
  serverId = await stack.connect(shop.url);
}, 60_000);
afterEach(async () => {
  shop.control.reset();
  await Promise.all(workers.map((worker) => worker.end()));
  workers = [];
});
afterAll(async () => {
  await stack?.close();
  await provider?.close();
  await shop?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('kill -9 of the worker', { timeout: 60_000 }, () => {
  it('between calls: the run ends as it would have, no call recorded or received twice', async () => {
    const workflow = await stack.workflow(serverId, {
      name: 'Steps of a model',
      prompt: 'Order a mug with the reference {{run.id}} and look it up.',
      criteria,
      testerModel: 'steps/held',
    });
    const tools = ['search_products', 'check_stock', 'create_order', 'list_orders'];

    let worker = startWorker();
    const undisturbed = await stack.dispatch(workflow);
    expect(await stack.finished(undisturbed)).toBe('pass');

    const searches = shop.calls({ tool: 'search_products' }).length;
    provider.holdAfter(2);
    const disturbed = await stack.dispatch(workflow);
    // Once before the call that must not be repeated, once right after it.
    for (const results of [2, 3]) {
      await until(`the worker waits for the model after ${results} results`, () => provider.waiting() === 1);
      await killed(worker);
      await until('its request has gone', () => provider.waiting() === 0);
      provider.holdAfter(results === 2 ? 3 : null);
      worker = startWorker();
    }
    expect(await stack.finished(disturbed)).toBe('pass');

    const [expected, found] = [await evidence(stack, undisturbed), await evidence(stack, disturbed)];
    expect(found.calls.map(({ tool }) => tool)).toEqual(tools);
    expect(found.calls).toEqual(expected.calls);
    expect(found.verdicts).toEqual(expected.verdicts);
    expect(found.finalAnswer).toBe(expected.finalAnswer);
    expect(found.events.filter(({ type }) => type === 'resumed')).toHaveLength(2);
    expect(received(disturbed).map(({ tool }) => tool)).toEqual(tools.slice(1));
    expect(shop.calls({ tool: 'search_products' })).toHaveLength(searches + 1);
  });

  it('during a read-only call: recorded once, received at most twice', async () => {
    const workflow = await stack.workflow(serverId, { name: 'Read-only', prompt: shopPrompt, criteria });
    shop.control.set({ hold: ['check_stock'] });
    const worker = startWorker();
    const runId = await stack.dispatch(workflow);
    await until(
      'the call is under way',
      () => received(runId, 'check_stock').some((call) => call.outcome === 'pending'),
      {
        context: worker.log,
      },
    );
    await killed(worker);
    shop.control.reset();
    startWorker();
    expect(await stack.finished(runId)).toBe('pass');

    const { calls } = await evidence(stack, runId);
    expect(calls.map(({ tool, outcome, attempts }) => [tool, outcome, attempts])).toEqual([
      ['search_products', 'ok', 1],
      ['check_stock', 'ok', 2],
      ['create_order', 'ok', 1],
      ['list_orders', 'ok', 1],
    ]);
    expect(received(runId).map(({ tool }) => tool)).toEqual([
      'check_stock',
      'check_stock',
      'create_order',
      'list_orders',
    ]);
  });

  it('during a call that must not be repeated: received once, and abandoned where the criteria depend on it', async () => {
    const [once, listed, clean] = criteria.map(({ text }) => ({ text, isRequired: true }));
    // As many as the server allows calls at once.
    const gradings = [
      [once, listed],
      [once, listed, clean],
      [{ text: '`list_orders` result field `total` equals 2', isRequired: true }],
      [{ text: 'calls `get_order`', isRequired: true }],
    ].map((each) => each.filter((criterion) => criterion !== undefined));
    const workflows: string[] = [];
    for (const [index, each] of gradings.entries())
      workflows.push(
        await stack.workflow(serverId, { name: `Interrupted ${index}`, prompt: shopPrompt, criteria: each }),
      );
    shop.control.set({ hold: ['create_order'] });
    const worker = startWorker();
    const runIds = await Promise.all(workflows.map((id) => stack.dispatch(id)));
    await until('all orders are under way', () => runIds.every((id) => received(id, 'create_order').length === 1), {
      context: worker.log,
    });
    await killed(worker);
    shop.control.reset();
    startWorker();
    // The order was placed, so the look-up finds it. How its own call ended is unknown: that is no failure of the shop.
    expect(await Promise.all(runIds.map((id) => stack.finished(id)))).toEqual(['pass', 'error', 'fail', 'error']);

    const found = await Promise.all(runIds.map((runId) => evidence(stack, runId)));
    expect(found.map(({ verdicts }) => verdicts.map(({ verdict }) => verdict))).toEqual([
      ['pass', 'pass'],
      ['pass', 'pass', 'error'],
      ['fail'],
      ['error'],
    ]);
    for (const [index, runId] of runIds.entries()) {
      expect(found[index]?.calls.map(({ tool, outcome, attempts }) => [tool, outcome, attempts])).toEqual([
        ['search_products', 'ok', 1],
        ['check_stock', 'ok', 1],
        ['create_order', 'interrupted', 1],
        ['list_orders', 'ok', 1],
      ]);
      expect(received(runId, 'create_order')).toHaveLength(1);
    }
    const kinds = await stack.deps.db.run.findMany({
      where: { id: { in: runIds }, status: 'error' },
      select: { errorKind: true, errorMessage: true },
    });
    expect(kinds.map(({ errorKind }) => errorKind)).toEqual(['abandoned', 'abandoned']);
    for (const { errorMessage } of kinds) expect(errorMessage).toMatch(/Armature was interrupted during call-3/);
  });
});

describe('an old attempt that wakes up after its heartbeat ran out', { timeout: 90_000 }, () => {
  it('can neither call nor write', async () => {
    const workflow = await stack.workflow(serverId, { name: 'Frozen', prompt: shopPrompt, criteria });
    shop.control.set({ hold: ['check_stock'] });
    // With room for this one run it asks Temporal for no other: what is handed to a frozen process is lost for a while.
    const old = startWorker({ ARMATURE_RUN_CONCURRENCY: '1' });
    const runId = await stack.dispatch(workflow);
    await until('the old attempt has a call under way', () => received(runId, 'check_stock').length === 1, {
      context: old.log,
    });
    old.kill('SIGSTOP');
    const young = startWorker();
    await until('the new attempt repeats it', () => received(runId, 'check_stock').length === 2, {
      context: young.log,
    });
    // Both calls are answered: the old attempt's result waits in its socket until it wakes up. Next it would place an
    // order.
    shop.control.set({ hold: ['list_orders'] });
    await until('the new attempt goes on', () => received(runId, 'list_orders').length === 1, { context: young.log });
    const before = await evidence(stack, runId);

    old.kill('SIGCONT');
    // It is awake, and done with what it woke up to, once it has carried out another run.
    await until('the old worker carries out another run', async () => {
      const other = await stack.dispatch(await quick());
      await stack.finished(other);
      return (await workersOf(other)).some((identity) => identity.startsWith(`${old.pid}@`));
    });
    expect(await evidence(stack, runId)).toEqual(before);
    expect(received(runId).map(({ tool }) => tool)).toEqual([
      'check_stock',
      'check_stock',
      'create_order',
      'list_orders',
    ]);

    shop.control.reset();
    expect(await stack.finished(runId)).toBe('pass');
    const { calls } = await evidence(stack, runId);
    expect(calls.map(({ tool, outcome, attempts }) => [tool, outcome, attempts])).toEqual([
      ['search_products', 'ok', 1],
      ['check_stock', 'ok', 2],
      ['create_order', 'ok', 1],
      ['list_orders', 'ok', 1],
    ]);
    expect(received(runId, 'create_order')).toHaveLength(1);
  });
});

let quickWorkflow: string | undefined;
async function quick(): Promise<string> {
  quickWorkflow ??= await stack.workflow(serverId, {
    name: 'Quick',
    prompt: 'call get_shop_status {}',
    criteria: [{ text: 'no tool call fails', isRequired: true }],
  });
  return quickWorkflow;
}

/** Identities (`<pid>@<host>`) of the workers that carried out the activities of a run. */
async function workersOf(runId: string): Promise<string[]> {
  const id = temporalNames(stack.config.installation).run(runId);
  const { events } = await stack.deps.temporal.client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) => started?.identity ?? []);
}
