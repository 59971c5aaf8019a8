import { afterEach, describe, expect, it } from 'vitest';
import { toWorkflowSpan } from '../../domain/trace/carrier.ts';
import { startOtlpReceiver } from '../../tests/support/otlp-receiver.ts';
import { readConfig } from '../config/index.ts';
import { createLogger } from '../logger/index.ts';
import { TargetError } from '../mcp-target/index.ts';
import { createTelemetry, noTelemetry, toLogFields } from './index.ts';

const required = {
  DATABASE_URL: 'postgres://127.0.0.1/armature',
  SECRETS_DATABASE_URL: 'postgres://127.0.0.1/armature_secrets',
  ARMATURE_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
  ARMATURE_AUTH_SECRET: 'a secret of at least 32 characters',
};
const read = (env: Record<string, string>) => readConfig({ ...required, ...env }).telemetry;

let stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of stop) await close();
  stop = [];
});

async function start(env: Record<string, string> = {}) {
  const receiver = await startOtlpReceiver();
  stop.push(receiver.close);
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', process: 'test', to: { write: (line) => void lines.push(line) } });
  const config = read({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env });
  return { receiver, lines, telemetry: await createTelemetry(config, { process: 'test', log }) };
}

describe('the configuration of traces', () => {
  it.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_SAMPLER: '' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' }],
  ])('is off with %j', async (env) => {
    expect(read(env)).toBeNull();
    const log = createLogger({ level: 'silent', process: 'test' });
    expect(await createTelemetry(read(env), { process: 'test', log })).toBe(noTelemetry);
  });

  it('takes an endpoint alone, and empty variables as unset', () => {
    const alone = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' });
    expect(alone).toMatchObject({
      endpoint: 'http://collector:4318',
      sampler: { name: 'parentbased_always_on', ratio: 1 },
      sendAfterMs: 5000,
    });
    const empty = { OTEL_TRACES_SAMPLER: '', OTEL_TRACES_SAMPLER_ARG: '', OTEL_BSP_SCHEDULE_DELAY: '' };
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', ...empty })).toEqual(alone);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT: .*http:\/\//],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /OTEL_EXPORTER_OTLP_PROTOCOL: .*http\/protobuf/],
    [{ OTEL_TRACES_SAMPLER: 'some' }, /OTEL_TRACES_SAMPLER: /],
    [{ OTEL_TRACES_SAMPLER_ARG: '7' }, /OTEL_TRACES_SAMPLER_ARG: /],
  ])('refuses %j', (env, problem) => {
    expect(() => read(env)).toThrow(problem);
  });
});

// The first one loads the SDK.
describe('a span', { timeout: 60_000 }, () => {
  it('is under the one that its code runs in, and names a failure by its kind alone', async () => {
    const { receiver, telemetry } = await start();
    const fails = telemetry.span('outer', {}, async () => {
      const { traceId } = telemetry.current() ?? {};
      expect(toLogFields(telemetry)).toMatchObject({ trace_id: traceId });
      await telemetry.span('inner', { attributes: { 'armature.run.id': 'r1', none: undefined } }, async (span) => {
        span.set({ count: 2 });
      });
      throw new TargetError('refused', 'token=hunter2', { remediation: 'Start hunter2.' });
    });
    await expect(fails).rejects.toThrow('hunter2');
    expect(telemetry.current()).toBeNull();
    await telemetry.close();

    const [inner, outer] = ['inner', 'outer'].map((name) => receiver.spans.find((span) => span.name === name));
    expect(inner).toMatchObject({
      traceId: outer?.traceId,
      parentSpanId: outer?.spanId,
      service: 'armature-test',
      attributes: { 'armature.run.id': 'r1', count: 2 },
    });
    expect(outer).toMatchObject({
      parentSpanId: '',
      attributes: { 'error.type': 'refused' },
      events: [],
      status: { code: 2, message: '' },
    });
    expect(receiver.text()).not.toContain('hunter2');
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, 1],
    [{ OTEL_SERVICE_NAME: 'mine' }, 1],
  ])('is sent as the sampler of %j says', async (env, count) => {
    const { receiver, telemetry } = await start(env);
    const isSampled = await telemetry.span('work', {}, async () => telemetry.current()?.isSampled);
    await telemetry.close();
    expect(isSampled).toBe(count === 1);
    expect(receiver.spans).toHaveLength(count);
    if ('OTEL_SERVICE_NAME' in env) expect(receiver.spans[0]?.service).toBe('mine');
  });

  it('that the collector refuses is logged, and nothing else fails', async () => {
    const { receiver } = await start();
    const refused = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/elsewhere` });
    expect(await refused.telemetry.span('work', {}, async () => 'done')).toBe('done');
    await refused.telemetry.close();
    expect(refused.lines.join()).toContain('could not be sent');
  });
});

describe('the span of a workflow', () => {
  const runId = '01a1fda9-4c26-7940-96d4-543b388b3de6';

  it('has ids that derive from its run id', () => {
    const root = toWorkflowSpan(runId, null);
    expect(root).toEqual({
      traceId: '01a1fda94c26794096d4543b388b3de6',
      spanId: '96d4543b388b3de6',
      parentSpanId: null,
      isSampled: null,
    });
    const parent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', isSampled: true };
    expect(toWorkflowSpan(runId, parent)).toEqual({
      traceId: parent.traceId,
      spanId: '96d4543b388b3de6',
      parentSpanId: parent.spanId,
      isSampled: true,
    });
  });
});
