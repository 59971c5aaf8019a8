import { spawn } from 'node:child_process';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../api/app.ts';
import { listen } from '../../api/listen.ts';
import { temporalNames } from '../../domain/run/ids.ts';
import { collectOutput, waitForExit } from '../../scripts/process.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { createProcess } from '../../services/context/deps.ts';
import { newId } from '../../services/context/ids.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { searchRuns } from '../../services/run/reading/search.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { until } from '../faults/process.ts';
import { findPath, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { startTestWorker } from '../support/setup/worker.ts';

let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let scenario: Scenario;
let env: Record<string, string>;
let api: Awaited<ReturnType<typeof createProcess>>;
let worker: Awaited<ReturnType<typeof createProcess>>;
let server: Awaited<ReturnType<typeof listen>>;
let running: RunningWorker;
const logLines: string[] = [];

const log = { write: (line: string) => void logLines.push(line) };

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  scenario = await startScenario({ worker: false });
  env = {
    PATH: process.env.PATH ?? '',
    ...scenario.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of%20the%20collector',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    ARMATURE_LOG_LEVEL: 'debug',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  };
  api = await createProcess('api', env, log);
  worker = await createProcess('worker', env, log);
  const app = await createApp(api, (_request, response) => void response.end());
  server = await listen(app, { port: 0, host: '127.0.0.1' });
  running = await startTestWorker(worker);
});
afterAll(async () => {
  await running?.stop();
  await server?.close();
  await worker?.close();
  await api?.close();
  await scenario?.close();
  await receiver?.close();
});

/** The spans of the trace that a run says it is in, once that of its workflow has arrived. */
async function readTrace(runId: string): Promise<ReceivedSpan[]> {
  const { traceId } = await getRun(scenario.ctx, { runId });
  const spans = () => receiver.spans.filter((span) => span.traceId === traceId);
  const workflowId = temporalNames(api.config.installation).run(runId);
  const isComplete = () =>
    spans().some(
      ({ name, attributes }) => name === 'RunWorkflow:run' && attributes.temporalWorkflowID === workflowId,
    ) && spans().every((span) => !findPath(spans(), span).some((name) => name.startsWith('(missing')));
  await expect.poll(isComplete).toBe(true);
  return spans();
}

const one = (spans: ReceivedSpan[], name: string): ReceivedSpan => {
  const [found, ...others] = spans.filter((span) => span.name === name);
  if (!found || others.length > 0) throw new Error(`There are ${others.length + (found ? 1 : 0)} spans ${name}.`);
  return found;
};

describe('with an endpoint', () => {
  it('a run that an agent starts is one trace, from the request to the calls of tools', async () => {
    const { key } = await createApiKey(scenario.ctx, { name: 'Traced' });
    const workflowId = await scenario.workflow();
    const client = new Client({ name: 'agent', version: '1' });
    const caller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${server.port}/api/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${key}`, traceparent: caller } },
      }),
    );
    const answer = await client.callTool({
      name: 'run_workflow_now',
      arguments: { workflowId, reason: 'Nothing of this leaves.', idempotencyKey: newId() },
    });
    expect(answer.isError ?? false).toBe(false);
    await client.close();
    const [listed] = (await searchRuns(scenario.ctx, { workflowId })).runs;
    const { run: ended, traceId } = await scenario.finished(listed?.id ?? '');
    expect(ended.status).toBe('pass');
    const spans = await readTrace(ended.id);

    const request = one(spans, 'POST /api/mcp');
    const toRun = [
      'run.execute',
      'RunActivity:runAgent',
      'RunWorkflow:run',
      'StartWorkflow:run',
      'run.dispatch',
      'run.run_now',
      'POST /api/mcp',
    ];
    for (const name of ['connect', 'tools/call search_products', 'tools/call create_order', 'tools/call get_order'])
      expect(findPath(spans, one(spans, name))).toEqual([name, ...toRun]);
    expect(findPath(spans, one(spans, 'run.finish'))).toEqual([
      'run.finish',
      'RunActivity:finishRun',
      ...toRun.slice(2),
    ]);
    expect(request).toMatchObject({
      service: 'armature-api',
      attributes: { 'http.request.method': 'POST', 'http.route': '/api/mcp', 'http.response.status_code': 200 },
      links: [{ traceId: caller.split('-')[1], spanId: caller.split('-')[2] }],
    });
    expect(one(spans, 'RunActivity:runAgent')).toMatchObject({
      service: 'armature-worker',
      attributes: { 'armature.run.id': ended.id, 'armature.org.id': scenario.org.orgId, 'armature.attempt': 1 },
    });
    expect(one(spans, 'tools/call get_order').attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': expect.any(String),
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'get_order',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(scenario.shop.url).port),
    });
    const models = spans.filter(({ name }) => name === 'chat scripted');
    expect(models).not.toEqual([]);
    expect(models[0]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'scripted',
    });

    for (const span of spans) expect(span.endTimeUnixNano).toBeGreaterThanOrEqual(span.startTimeUnixNano);
    expect(receiver.headers.every((headers) => headers['x-key'] === 'of the collector')).toBe(true);
    // Prompt, arguments, results and credentials stay here.
    for (const text of [
      'mug',
      'confirmed',
      'order_id',
      'sku',
      'Nothing of this',
      key,
      scenario.env.ARMATURE_AUTH_SECRET ?? '',
    ])
      expect(receiver.text()).not.toContain(text);
    // The servers under test belong to others: they learn nothing of the trace.
    expect(JSON.stringify(scenario.shop.calls())).not.toContain(traceId ?? '');
    expect(logLines.filter((line) => line.includes(`"trace_id":"${traceId}"`)).join()).toContain('"process":"worker"');
  });

  it('a scheduled run is one trace that begins in Temporal', async () => {
    const workflowId = await scenario.workflow({ schedule: '0 0 1 1 *' });
    const { client } = api.temporal;
    await client.schedule.getHandle(temporalNames(api.config.installation).workflowSchedule(workflowId)).trigger();
    const runId = await until('a run starts', async () => (await searchRuns(scenario.ctx, { workflowId })).runs[0]?.id);
    await scenario.finished(runId);
    const spans = await readTrace(runId);
    await expect.poll(() => receiver.spans.map(({ name }) => name)).toContain('RunWorkflow:scheduledRuns');
    expect(findPath(await readTrace(runId), one(spans, 'tools/call get_order'))).toEqual([
      'tools/call get_order',
      'run.execute',
      'RunActivity:runAgent',
      'RunWorkflow:run',
      'RunWorkflow:scheduledRuns',
    ]);
  });
});

describe('the packages of OpenTelemetry', () => {
  const script = `
    await import('./worker/start.ts');
    await import('./api/app.ts');
    const { createProcess } = await import('./services/context/deps.ts');
    await (await createProcess('worker')).close();`;
  const loadedWith = async (endpoint: string) => {
    const options = ['--import', './tests/support/print-packages.mjs', '--input-type=module', '--eval', script];
    const child = spawn(process.execPath, options, { env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
    const output = collectOutput(child.stdout, child.stderr);
    expect(await waitForExit(child), output()).toBe(0);
    const [, packages = ''] = /loaded: (.*);/.exec(output()) ?? [];
    // better-auth loads the API, which does nothing by itself.
    return packages.split(' ').filter((name) => name !== '' && name !== '@opentelemetry/api');
  };

  it('are loaded only if there is an endpoint', async () => {
    expect(await loadedWith('')).toEqual([]);
    expect(await loadedWith(receiver.url)).toEqual(
      expect.arrayContaining(['@opentelemetry/sdk-trace', '@opentelemetry/exporter-trace-otlp-proto']),
    );
  });
});
