import { afterEach, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { startShopServer } from '../../examples/shop-server/index.ts';
import type { Context } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { type TestDeps, testDeps, testOrg } from '../support/setup/context.ts';
import { startTestWorker } from '../support/setup/worker.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(): Promise<TestDeps> {
  const test = await testDeps({ env: { ARMATURE_RUN_CONCURRENCY: '1' } });
  cleanups.push(() => test.close());
  await test.deps.temporal.ensureSearchAttributes();
  return test;
}
async function startWorker({ deps }: TestDeps): Promise<RunningWorker> {
  const worker = await startTestWorker(deps);
  cleanups.push(() => worker.stop());
  return worker;
}

/** A workflow with one call on a shop. */
async function createShopWorkflow(ctx: Context, schedule?: string): Promise<string> {
  const shop = await startShopServer({});
  cleanups.push(() => shop.close());
  const { serverId } = await connectServer(ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  if (serverId === null) throw new Error('The shop was not connected.');
  const { workflow } = await createWorkflow(ctx, {
    definition: {
      name: 'Status',
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call get_shop_status {}',
      criteria: [{ text: 'calls `get_shop_status`', isRequired: true }],
      ...(schedule !== undefined && { schedule }),
    },
  });
  return workflow.id;
}

async function dispatch(ctx: Context, workflowId: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++)
    for (const { runId } of (await dispatchRun(ctx, { workflowId, idempotencyKey: newId() })).runs) ids.push(runId);
  return ids;
}

/** How many of `others` had ended when the last of `awaited` did. */
async function countEndedBefore({ deps }: TestDeps, awaited: string[], others: string[]): Promise<number> {
  await expect
    .poll(() => deps.db.run.count({ where: { id: { in: awaited }, finishedAt: null } }), { timeout: 100_000 })
    .toBe(0);
  const { _max } = await deps.db.run.aggregate({ where: { id: { in: awaited } }, _max: { finishedAt: true } });
  if (!_max.finishedAt) throw new Error('No run has ended.');
  return deps.db.run.count({ where: { id: { in: others }, finishedAt: { lt: _max.finishedAt } } });
}

it('an organization that comes later does not wait for all that one before it has dispatched', async () => {
  const test = await start();
  const [big, small] = [await testOrg(test.deps), await testOrg(test.deps)];
  const many = await dispatch(big.ctx, await createShopWorkflow(big.ctx), 30);
  const few = await dispatch(small.ctx, await createShopWorkflow(small.ctx), 4);
  await startWorker(test);
  expect(await countEndedBefore(test, few, many)).toBeLessThan(many.length / 2);
});

it('manual runs do not wait for scheduled ones', async () => {
  const test = await start();
  const { ctx } = await testOrg(test.deps);
  const workflowId = await createShopWorkflow(ctx);
  const { temporal } = test.deps;
  const asScheduled = {
    ...temporal,
    startRun: (run: Parameters<typeof temporal.startRun>[0]) => temporal.startRun({ ...run, trigger: 'scheduled' }),
  };
  const scheduled = await dispatch({ ...ctx, deps: { ...test.deps, temporal: asScheduled } }, workflowId, 30);
  const manual = await dispatch(ctx, workflowId, 4);
  await startWorker(test);
  expect(await countEndedBefore(test, manual, scheduled)).toBeLessThan(scheduled.length / 2);
});

it('runs of a Schedule, and their activities, have its priority and organization', async () => {
  const test = await start();
  const { orgId, ctx } = await testOrg(test.deps);
  const workflowId = await createShopWorkflow(ctx, '0 9 1 1 *');
  const names = temporalNames(test.deps.config.installation);
  const { client } = test.deps.temporal;
  await startWorker(test);
  await client.schedule.getHandle(names.workflowSchedule(workflowId)).trigger();
  const find = () => test.deps.db.run.findFirst({ where: { orgId, workflowId, finishedAt: { not: null } } });
  await expect.poll(find, { timeout: 100_000 }).not.toBeNull();
  const run = await find();
  const { events } = await client.workflow.getHandle(names.run(run?.id ?? '')).fetchHistory();
  const priority = { priorityKey: 3, fairnessKey: orgId };
  const started = events?.find((event) => event.workflowExecutionStartedEventAttributes);
  expect(started?.workflowExecutionStartedEventAttributes?.priority).toMatchObject(priority);
  const scheduled = events?.find((event) => event.activityTaskScheduledEventAttributes);
  // Empty: that of the workflow.
  expect(scheduled?.activityTaskScheduledEventAttributes?.priority?.fairnessKey || orgId).toBe(orgId);
});
