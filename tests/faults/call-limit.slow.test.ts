import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { newId } from '../../services/context/ids.ts';
import { bumpSchedulesIn, syncMonitorSchedules } from '../../services/monitor/schedule/sync.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { makeMonitors, makeServer } from '../support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';
import { type Scripted, startScripted } from '../support/targets/scripted.ts';
import { type Running, run } from './process.ts';

const limit = 4;
const callMs = 200;
/** Calls that the server is working on, by who makes them. */
const open = { check: 0, run: 0 };
const isCaller = (by: unknown): by is keyof typeof open => by === 'check' || by === 'run';
let max = 0;

let test: TestDeps;
let org: TestOrg;
let target: Scripted;
const workers: Running[] = [];
beforeAll(async () => {
  test = await testDeps({ env: { ARMATURE_HEARTBEAT_SECONDS: '3' } });
  org = await testOrg(test.deps);
  await test.deps.temporal.ensureSearchAttributes();
  target = await startScripted({
    'tools/call': ({ id, params }, response) => {
      const { by } = Object(params?.arguments);
      if (!isCaller(by)) throw new Error('Nobody else calls this server.');
      open[by]++;
      max = Math.max(max, open.check + open.run);
      const timer = setTimeout(() => {
        open[by]--;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'done' }] } }));
      }, callMs);
      response.once('close', () => {
        if (response.writableEnded) return;
        clearTimeout(timer);
        open[by]--;
      });
      return undefined;
    },
  });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end()));
  await target?.close();
  await test?.close();
});

function startWorker(queues: string): Running {
  const env = { ...process.env, ...test.env, ARMATURE_QUEUES: queues, ARMATURE_LOG_LEVEL: 'warn' };
  const worker = run(`worker of ${queues}`, 'worker/main.ts', env);
  workers.push(worker);
  return worker;
}

it('two workers share the calls that a server allows, and one takes all of them when the other is killed', async () => {
  const { deps } = test;
  const { orgId, ctx } = org;
  const server = await makeServer(deps, { orgId, url: target.url, maxConcurrency: limit });
  const monitors = Array.from({ length: 250 }, () => ({ tool: 'work', arguments: { by: 'check' } }));
  await makeMonitors(deps, { orgId, ...server, intervalSeconds: 300 }, monitors);
  const of = { orgId, serverId: server.serverId, intervals: [300] };
  await deps.db.$transaction((tx) => bumpSchedulesIn(tx, of));
  expect(await syncMonitorSchedules(deps, of)).toEqual([]);
  const { workflow } = await createWorkflow(ctx, {
    definition: {
      name: 'Works',
      serverId: server.serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: Array.from({ length: 50 }, () => 'call work {"by": "run"}').join('\n'),
      criteria: [{ text: 'calls `work`', isRequired: true }],
    },
  });
  for (let count = 0; count < 20; count++) await dispatchRun(ctx, { workflowId: workflow.id, idempotencyKey: newId() });
  const schedule = deps.temporal.client.schedule.getHandle(
    temporalNames(deps.config.installation).monitorSchedule(server.serverId, 300),
  );
  await schedule.trigger();

  const checking = startWorker('checks');
  startWorker('runs,system');
  await expect.poll(() => ({ ...open }), { interval: 5 }).toEqual({ check: limit / 2, run: limit / 2 });
  checking.kill('SIGKILL');
  await expect.poll(() => ({ ...open }), { interval: 5 }).toEqual({ check: 0, run: limit });
  expect(max).toBe(limit);
});
