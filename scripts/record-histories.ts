/**
 * `node_modules/.bin/node scripts/record-histories.ts [--again]`: executes workflows on real servers and writes their
 * Temporal histories for `tests/contract/replay.test.ts`. Only `--again` overwrites existing files.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { temporalNames } from '../domain/run/ids.ts';
import { startShopServer } from '../examples/shop-server/index.ts';
import { syncServer } from '../services/catalog/sync.ts';
import { bumpSchedulesIn, syncMonitorSchedules } from '../services/monitor/schedule/sync.ts';
import { cancelRun } from '../services/run/dispatch/cancel.ts';
import { searchRuns } from '../services/run/reading/search.ts';
import { createWorkflow } from '../services/workflow/create.ts';
import { until } from '../tests/faults/process.ts';
import { startStack } from '../tests/faults/stack.ts';
import { makeMonitors } from '../tests/support/monitors.ts';

const folder = fileURLToPath(new URL('../tests/contract/histories/', import.meta.url));
const isOverwriting = process.argv.includes('--again');
await mkdir(folder, { recursive: true });

const shop = await startShopServer();
const stack = await startStack({ ARMATURE_HEARTBEAT_SECONDS: '2' });
try {
  const names = temporalNames(stack.config.installation);
  const { client } = stack.deps.temporal;
  const serverId = await stack.connect(shop.url);
  const prompt = 'call search_products {"query": "mug"}\ncall get_order {"order_id": "none"}';
  const criteria = [{ text: 'calls `get_order`', isRequired: true }];
  let worker = stack.startWorker();

  const record = async (name: string, workflowId: string, runId?: string) => {
    const file = `${folder}${name}.json`;
    if (existsSync(file) && !isOverwriting) return;
    const handle = client.workflow.getHandle(workflowId, runId);
    await until(`${name} is closed`, async () => (await handle.describe()).closeTime !== undefined);
    writeFileSync(file, `${JSON.stringify(JSON.parse(historyToJSON(await handle.fetchHistory())), null, 1)}\n`);
    process.stdout.write(`${file}\n`);
  };
  const isHeld = (count: number) => () =>
    shop.calls({ tool: 'get_order' }).filter(({ outcome }) => outcome === 'pending').length >= count;

  const passing = await stack.dispatch(await stack.workflow(serverId, { name: 'passes', prompt, criteria }));
  await stack.finished(passing);
  await record('run-pass', names.run(passing));
  await record('run-covered', names.run(passing));
  await record('run-alerts', names.run(passing));

  const erring = await stack.dispatch(await stack.workflow(serverId, { name: 'errs', prompt: 'Be nice.', criteria }));
  await stack.finished(erring);
  await record('run-error', names.run(erring));

  const unassertable = [...criteria, { text: 'The agent was kind.', isRequired: true }];
  const judged = await stack.dispatch(
    await stack.workflow(serverId, { name: 'judged', prompt, criteria: unassertable }),
  );
  await stack.finished(judged);
  await record('run-judged', names.run(judged));

  shop.control.set({ hold: ['get_order'] });
  const held = await stack.workflow(serverId, { name: 'held', prompt, criteria });
  const canceled = await stack.dispatch(held);
  await until('the call is held', isHeld(1));
  await cancelRun(stack.ctx, { runId: canceled });
  await stack.finished(canceled);
  await record('run-canceled', names.run(canceled));

  const resumed = await stack.dispatch(held);
  await until('the call is held', isHeld(1));
  await worker.end();
  shop.control.reset();
  worker = stack.startWorker();
  await stack.finished(resumed);
  await record('run-resumed', names.run(resumed));

  // One run after the other: the second waits.
  await worker.end();
  worker = stack.startWorker({ ARMATURE_MAX_CONCURRENT_RUNS: '1' });
  shop.control.set({ hold: ['get_order'] });
  const first = await stack.dispatch(held);
  await until('the call is held', isHeld(1));
  const waiting = await stack.dispatch(held);
  const { db } = stack.deps;
  const isWaiting = () => db.run.count({ where: { id: waiting, waitingSince: { not: null } } });
  await until('the second run waits', async () => ((await isWaiting()) > 0 ? true : undefined));
  shop.control.reset();
  for (const runId of [first, waiting]) await stack.finished(runId);
  await record('run-waited', names.run(waiting));

  const { workflow } = await createWorkflow(stack.ctx, {
    definition: {
      name: 'Twice a day',
      serverId,
      testerModels: ['builtin/scripted', 'nobody/nothing'],
      judgeModel: 'builtin/assertions',
      prompt,
      criteria,
      schedule: '0 9 1 1 *',
    },
  });
  const schedule = client.schedule.getHandle(names.workflowSchedule(workflow.id));
  await schedule.trigger();
  const both = await until('both models run', async () => {
    const { runs } = await searchRuns(stack.ctx, { workflowId: workflow.id });
    return runs.length === 2 ? runs : undefined;
  });
  for (const { id } of both) await stack.finished(id);
  const latestAction = (await schedule.describe()).info.recentActions.at(-1)?.action.workflow;
  if (!latestAction) throw new Error('The Schedule has no recent action.');
  await record('scheduled-runs', latestAction.workflowId, latestAction.firstExecutionRunId);

  const { orgId, deps } = stack;
  const profile = await deps.db.authProfile.findFirstOrThrow({ where: { orgId, serverId } });
  const target = { orgId, serverId, authProfileId: profile.id };
  const [monitorId = ''] = await makeMonitors(deps, target, [{ tool: 'get_shop_status' }, { tool: 'get_order' }]);
  await deps.db.$transaction((tx) => bumpSchedulesIn(tx, { orgId, serverId, intervals: [60] }));
  await syncMonitorSchedules(deps, { orgId, serverId, intervals: [60] });
  const checks = client.schedule.getHandle(names.monitorSchedule(serverId, 60));
  await checks.trigger();
  const batch = await until(
    'a batch of checks has run',
    async () => (await checks.describe()).info.recentActions.at(-1)?.action.workflow,
  );
  await record('check-monitors', batch.workflowId, batch.firstExecutionRunId);
  await deps.temporal.startCheckNow({ orgId, monitorId, key: 'once', heartbeatSeconds: 2 });
  await record('check-now', names.checkNow(monitorId, 'once'));

  const reconcile = client.schedule.getHandle(names.systemSchedule('reconcile'));
  await reconcile.trigger();
  const pass = await until(
    'reconcile has run',
    async () => (await reconcile.describe()).info.recentActions.at(-1)?.action.workflow,
  );
  await record('reconcile', pass.workflowId, pass.firstExecutionRunId);

  await syncServer(stack.ctx, { serverId });
  await record('make-report', names.report(serverId));

  const syncing = client.schedule.getHandle(names.systemSchedule('sync-catalog'));
  await syncing.trigger();
  const synced = await until(
    'catalogs have been synced',
    async () => (await syncing.describe()).info.recentActions.at(-1)?.action.workflow,
  );
  await record('sync-catalog', synced.workflowId, synced.firstExecutionRunId);

  const housekeeping = client.schedule.getHandle(names.systemSchedule('housekeeping'));
  await housekeeping.trigger();
  const sweep = await until(
    'housekeeping has run',
    async () => (await housekeeping.describe()).info.recentActions.at(-1)?.action.workflow,
  );
  await record('housekeeping', sweep.workflowId, sweep.firstExecutionRunId);
} finally {
  await stack.close();
  await shop.close();
}
