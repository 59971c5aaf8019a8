import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRun } from '../../services/run/reading/get.ts';
import { type Running, run, until } from '../faults/process.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';

let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let scenario: Scenario;
const workers: Running[] = [];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  scenario = await startScenario({ worker: false });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end()));
  await scenario?.close();
  await receiver?.close();
});

async function startWorker(): Promise<Running> {
  const worker = run('worker', 'worker/main.ts', {
    PATH: process.env.PATH,
    ...scenario.env,
    ARMATURE_LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  });
  workers.push(worker);
  await expect.poll(worker.log, { timeout: 120_000 }).toContain('the worker is ready');
  return worker;
}

it('a worker that is killed leaves no span twice, and the one after it continues the trace', async () => {
  const killed = await startWorker();
  scenario.shop.control.set({ hold: ['get_order'] });
  const runId = await scenario.dispatch(await scenario.workflow());
  const isHeld = () => scenario.shop.calls({ tool: 'get_order' }).some(({ outcome }) => outcome === 'pending');
  await until('the call is held', isHeld, { seconds: 120 });
  // What a process has not sent yet is lost when it is killed.
  const isSent = () => receiver.spans.some(({ name }) => name === 'tools/call create_order');
  await until('the span of the call before is sent', isSent, { seconds: 120 });
  await killed.end();
  scenario.shop.control.reset();
  await startWorker();
  await expect.poll(async () => (await getRun(scenario.ctx, { runId })).run.status, { timeout: 120_000 }).toBe('pass');

  const { traceId } = await getRun(scenario.ctx, { runId });
  const spans = () => receiver.spans.filter((span) => span.traceId === traceId);
  const named = (name: string) => spans().filter((span) => span.name === name);
  await expect.poll(() => named('RunWorkflow:run')).toHaveLength(1);
  expect(named('RunActivity:runAgent').map(({ attributes }) => attributes['armature.attempt'])).toEqual([2]);
  expect(named('tools/call create_order')).toHaveLength(1);
  expect(new Set(spans().map(({ spanId }) => spanId)).size).toBe(spans().length);
});
