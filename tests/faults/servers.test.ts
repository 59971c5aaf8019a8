import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { isAlive } from '../../scripts/process.ts';
import { reconcileAll } from '../../services/installation/reconcile/reconcile.ts';
import { evidence } from './evidence.ts';
import { type Running, until } from './process.ts';
import { type Stack, startStack } from './stack.ts';

const runsAtOnce = 6;
const tools = ['search_products', 'check_stock', 'create_order', 'list_orders'];

let stack: Stack;
let shop: ShopServer;
let worker: Running;
let api: Running & { url: string };
let workflowId: string;
/** The rows of all runs so far, as they were when each test was over. */
const ended: Awaited<ReturnType<typeof rowsOf>> = [];

beforeAll(async () => {
  shop = await startShopServer({ port: 0 });
  stack = await startStack({ ARMATURE_HEARTBEAT_SECONDS: '3' });
  workflowId = await stack.workflow(await stack.connect(shop.url), {
    name: 'Order a mug',
    prompt: [
      'call search_products {"query": "mug"}',
      'call check_stock {"sku": "$1.products.0.sku", "reference": "{{run.id}}"}',
      'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.id}}"}',
      'call list_orders {"reference": "{{run.id}}"}',
    ].join('\n'),
    criteria: [
      { text: 'calls `create_order` exactly once', isRequired: true },
      { text: '`list_orders` result field `total` equals 1', isRequired: true },
    ],
  });
  worker = stack.startWorker();
  api = await stack.startApi();
}, 90_000);
afterEach(() => {
  shop.control.reset();
});
afterAll(async () => {
  await stack?.close();
  await shop?.close();
});

/** Several runs, of which some are in the middle of a call, some wait for their turn at the server. */
async function inFlight(): Promise<string[]> {
  shop.control.set({ hold: ['check_stock'] });
  const before = shop.calls({ tool: 'check_stock' }).length;
  const runIds: string[] = [];
  for (let count = 0; count < runsAtOnce; count += 1) runIds.push(await stack.dispatch(workflowId));
  // As many as the server takes at once by default.
  await until('four calls are under way', () => shop.calls({ tool: 'check_stock' }).length >= before + 4, {
    context: worker.log,
  });
  return runIds;
}

async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`process ${pid} is gone`, () => !isAlive(pid));
}

const rowsOf = (runIds: string[]) =>
  stack.deps.db.run.findMany({ where: { orgId: stack.orgId, id: { in: runIds } }, orderBy: { id: 'asc' } });

/** Every run passed, was ended once, and ordered once. */
async function expectEndedOnce(runIds: string[]): Promise<void> {
  const statuses = await Promise.all(runIds.map((runId) => stack.finished(runId, 60)));
  expect(statuses).toEqual(runIds.map(() => 'pass'));
  for (const runId of runIds) {
    const { calls, verdicts, events } = await evidence(stack, runId);
    expect(calls.map(({ tool, outcome }) => [tool, outcome])).toEqual(tools.map((tool) => [tool, 'ok']));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
    expect(events.filter(({ type }) => type === 'final_answer')).toHaveLength(1);
    expect(shop.calls({ reference: runId, tool: 'create_order' })).toHaveLength(1);
  }
  ended.push(...(await rowsOf(runIds)));
}

describe('kill -9 with runs in flight', { timeout: 120_000 }, () => {
  it('of the api: the runs end as if nothing had happened, and a new one serves', async () => {
    const runIds = await inFlight();
    api.kill('SIGKILL');
    await api.ended;
    shop.control.reset();
    await expectEndedOnce(runIds);
    api = await stack.startApi();
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
  });

  it('of Temporal: after its restart every run ends once', async () => {
    const runIds = await inFlight();
    await killed(stack.temporal().pid);
    shop.control.reset();
    await stack.restartTemporal();
    await expectEndedOnce(runIds);
  });

  it('of Postgres: after its restart every run ends once', async () => {
    const runIds = await inFlight();
    await killed(stack.postgres().pid);
    shop.control.reset();
    await stack.restartPostgres();
    await expectEndedOnce(runIds);
    await until('the api is ready again', async () => (await fetch(`${api.url}/readyz`)).ok, { context: api.log });
  });

  it('of whatever: what has ended stays as it ended, also after reconcile', async () => {
    await reconcileAll(stack.deps, { after: null });
    expect(ended).toHaveLength(3 * runsAtOnce);
    const byId = [...ended].sort((a, b) => a.id.localeCompare(b.id));
    expect(await rowsOf(ended.map(({ id }) => id))).toEqual(byId);
  });
});
