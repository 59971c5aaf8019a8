import { isTerminal } from '../../domain/run/run.ts';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { until } from '../faults/process.ts';
import { type TestDepsOptions, type TestOrg, testDeps, testOrg } from './setup/context.ts';
import type { FreshDatabase } from './setup/database.ts';
import { startTestWorker } from './setup/worker.ts';

type Changes = Omit<Partial<Parameters<typeof createWorkflow>[1]['definition']>, 'serverId'>;

/** A shop under test, an organization that tests it, and a worker in this process. */
export type Scenario = {
  deps: Deps;
  database: FreshDatabase;
  /** For processes of Armature that a test starts. */
  env: Record<string, string>;
  org: TestOrg;
  ctx: Context;
  shop: ShopServer;
  serverId: string;
  /**
   * A workflow on the shop; by default one that orders a mug and reads the order back, manual only.
   * @returns its id.
   */
  workflow(changes?: Changes): Promise<string>;
  /** Dispatches it under a new key. @returns the first run's id. */
  dispatch(workflowId: string): Promise<string>;
  /** The run once it is terminal. */
  finished(runId: string): Promise<Awaited<ReturnType<typeof getRun>>>;
  worker: RunningWorker | null;
  close(): Promise<void>;
};

export const orderAndRead = [
  'Order a mug and make sure that the order can be found again.',
  'call search_products {"query": "mug"}',
  'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
  'call get_order {"order_id": "$2.order_id"}',
].join('\n');

export async function startScenario({
  worker: withWorker = true,
  ...options
}: TestDepsOptions & { worker?: boolean } = {}): Promise<Scenario> {
  const { deps, database, env, close } = await testDeps({
    ...options,
    env: { ARMATURE_HEARTBEAT_SECONDS: '4', ...options.env },
  });
  const org = await testOrg(deps);
  const shop = await startShopServer({});
  const { serverId, probe } = await connectServer(org.ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  if (serverId === null) throw new Error(`The shop was not connected: ${JSON.stringify(probe)}`);
  await deps.temporal.ensureSearchAttributes();
  const worker = withWorker ? await startTestWorker(deps) : null;

  return {
    deps,
    database,
    env,
    org,
    ctx: org.ctx,
    shop,
    serverId,
    worker,
    async workflow(changes = {}) {
      const { workflow } = await createWorkflow(org.ctx, {
        definition: {
          name: 'Order a mug',
          testerModels: ['builtin/scripted'],
          judgeModel: 'builtin/assertions',
          prompt: orderAndRead,
          criteria: [
            { text: 'calls `create_order` exactly once', isRequired: true },
            { text: '`get_order` result field `status` equals "confirmed"', isRequired: true },
          ],
          ...changes,
          serverId,
        },
      });
      return workflow.id;
    },
    async dispatch(workflowId) {
      const { runs } = await dispatchRun(org.ctx, { workflowId, idempotencyKey: newId() });
      const [first] = runs;
      if (!first) throw new Error('nothing was dispatched');
      return first.runId;
    },
    finished: (runId) =>
      until(
        `run ${runId} ends`,
        async () => {
          const answer = await getRun(org.ctx, { runId });
          return isTerminal(answer.run.status) ? answer : undefined;
        },
        { seconds: 25, context: () => JSON.stringify(shop.calls()) },
      ),
    async close() {
      shop.control.reset();
      await worker?.stop();
      await shop.close();
      await close();
    },
  };
}
