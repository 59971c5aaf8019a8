import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Scenario, startScenario } from '../../../tests/support/scenario.ts';
import { newId } from '../../context/ids.ts';
import { runWorkflowNow } from '../dispatch/run-now.ts';
import type { Download } from './download.ts';
import { exportedRun, exportRun } from './export-run.ts';
import { exportRuns } from './export-runs.ts';
import { exportTrace } from './export-trace.ts';

let scenario: Scenario;
let runId: string;

beforeAll(async () => {
  scenario = await startScenario();
  const workflowId = await scenario.workflow({ name: '=HYPERLINK("https://example.com")' });
  const { runs } = await runWorkflowNow(scenario.ctx, {
    workflowId,
    idempotencyKey: newId(),
    metadata: { commit: 'a1b2c3', branch: '+main' },
  });
  runId = runs[0]?.runId ?? '';
  await scenario.finished(runId);
});
afterAll(() => scenario?.close());

async function read({ chunks }: Download): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

describe('a run as JSON', () => {
  it('has the whole record', async () => {
    const file = await exportRun(scenario.org.as('viewer'), { runId });
    expect(file).toMatchObject({ name: `run-${runId}.json`, contentType: 'application/json' });
    const record = exportedRun.strict().parse(JSON.parse(await read(file)));
    expect(record).toMatchObject({
      run: { id: runId, status: 'pass', metadata: { commit: 'a1b2c3' } },
      definition: { judgeModel: 'builtin/assertions' },
      criteria: [
        { position: 0, verdict: 'pass' },
        { position: 1, verdict: 'pass' },
      ],
      calls: [{ id: 'call-1', tool: 'search_products' }, { tool: 'create_order' }, { tool: 'get_order' }],
    });
    expect(record.calls[2]?.result).toMatchObject({ structuredContent: { status: 'confirmed' } });
    expect(record.events.map(({ seq }) => seq)).toEqual(record.events.map((_, index) => index));
  });

  it('of a run without calls is valid too', async () => {
    const { db } = scenario.deps;
    const { id: _, ...row } = await db.run.findUniqueOrThrow({ where: { id: runId } });
    const pending = newId();
    const { metadata: _m, cost: _c, ...rest } = row;
    await db.run.create({
      data: { ...rest, id: pending, idempotencyKey: null, status: 'pending', startedAt: null, finishedAt: null },
    });
    const record = exportedRun.parse(JSON.parse(await read(await exportRun(scenario.ctx, { runId: pending }))));
    expect([record.criteria, record.calls, record.events]).toEqual([[], [], []]);
    expect(
      otlp.parse(JSON.parse(await read(await exportTrace(scenario.ctx, { runId: pending })))).resourceSpans,
    ).toHaveLength(1);
  });
});

const nanos = z.string().regex(/^\d{19}$/);
const attributes = z.array(
  z.strictObject({
    key: z.string().min(1),
    value: z.union([
      z.strictObject({ stringValue: z.string() }),
      z.strictObject({ boolValue: z.boolean() }),
      z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
      z.strictObject({ doubleValue: z.number() }),
    ]),
  }),
);
/** OTLP in JSON: ids in hex, 64-bit numbers as text, enums as numbers, names in lower camel case. */
const otlp = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(
            z.strictObject({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[0-9a-f]{16}$/)
                .optional(),
              name: z.string(),
              kind: z.int().min(1).max(5),
              startTimeUnixNano: nanos,
              endTimeUnixNano: nanos,
              attributes,
              events: z.array(z.strictObject({ timeUnixNano: nanos, name: z.string(), attributes })).optional(),
              status: z.strictObject({ code: z.int().min(0).max(2).optional(), message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

it('a run as OTLP has a span for the run, each turn and each call, within its times', async () => {
  const file = await exportTrace(scenario.org.as('viewer'), { runId });
  const spans = otlp
    .parse(JSON.parse(await read(file)))
    .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  expect(roots).toMatchObject([{ name: 'run =HYPERLINK("https://example.com")', status: { code: 1 } }]);
  const [root] = roots;
  const inner = spans.filter((span) => span !== root);
  expect(new Set(inner.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root?.spanId]));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  expect(inner.filter(({ name }) => name.startsWith('execute_tool ')).map(({ name }) => name)).toEqual([
    'execute_tool search_products',
    'execute_tool create_order',
    'execute_tool get_order',
  ]);
  for (const { startTimeUnixNano, endTimeUnixNano } of inner) {
    expect(BigInt(startTimeUnixNano)).toBeLessThanOrEqual(BigInt(endTimeUnixNano));
    expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(root?.startTimeUnixNano ?? 0) - 1_000_000n);
  }
  expect(root?.events?.filter(({ name }) => name === 'armature.criterion')).toHaveLength(2);
  expect(root?.attributes).toContainEqual({ key: 'vcs.ref.head.revision', value: { stringValue: 'a1b2c3' } });
});

describe('runs as CSV', () => {
  it('have a line each, in which nothing is a formula', async () => {
    const file = await exportRuns(scenario.org.as('viewer'), { status: 'pass' });
    const lines = (await read(file)).split('\r\n');
    expect(lines[0]).toMatch(/^id,workflow,server,/);
    expect(lines.slice(1)).toEqual([
      expect.stringContaining(`${runId},"'=HYPERLINK(""https://example.com"")",Shop,1,`),
      '',
    ]);
    expect(lines[1]).toContain(",a1b2c3,'+main,");
  });

  it('go on over pages', async () => {
    const { db } = scenario.deps;
    const { id: _, metadata: _m, cost: _c, ...row } = await db.run.findUniqueOrThrow({ where: { id: runId } });
    await db.run.createMany({
      data: Array.from({ length: 450 }, (_, index) => ({
        ...row,
        id: newId(),
        idempotencyKey: null,
        status: 'fail',
        createdAt: new Date(row.createdAt.getTime() - 1000 * (index + 1)),
      })),
    });
    const lines = (await read(await exportRuns(scenario.ctx, { status: 'fail' }))).trimEnd().split('\r\n');
    expect(lines).toHaveLength(451);
    expect(new Set(lines).size).toBe(451);
  });
});
