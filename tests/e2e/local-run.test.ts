import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { parseFile } from '../../domain/code/parse.ts';
import { createModels } from '../../infra/models/index.ts';
import { applyCode } from '../../services/code/apply.ts';
import { planCode } from '../../services/code/plan.ts';
import { getTrace } from '../../services/run/trace/trace.ts';
import { setUpCli } from '../support/cli.ts';
import { type FakeProvider, startProvider } from '../support/models/provider.ts';
import { orderAndRead, type Scenario, startScenario } from '../support/scenario.ts';

/** The same file, run by the command here and pushed to a server: the same trace and verdicts. */

const model = { id: 'm', inputPrice: 1, outputPrice: 10 };
let provider: FakeProvider;
let scenario: Scenario;
beforeAll(async () => {
  provider = await startProvider(({ messages, tools }) => {
    if (!tools)
      return {
        answer: '{"verdict":"partial","rationale":"Half of it.","evidence":["call-1"]}',
        usage: { input: 300, output: 30 },
      };
    return messages.some(({ role }) => role === 'tool')
      ? { answer: 'It is open.', usage: { input: 200, output: 20 } }
      : { answer: '', toolCalls: [{ name: 'get_shop_status', arguments: '{}' }], usage: { input: 100, output: 10 } };
  });
  const config = { name: 'fake', baseUrl: provider.baseUrl, apiKey: 'none', models: [model] };
  scenario = await startScenario({ models: createModels({ providers: [config] }) });
});
afterAll(async () => {
  await scenario?.close();
  await provider?.close();
});

const newCli = setUpCli();

const workflows = [
  {
    id: 'passes',
    prompt: orderAndRead,
    criteria: ['no tool call fails', '`get_order` result field `status` equals "confirmed"', 'finishes within 60 s'],
  },
  {
    id: 'fails',
    prompt: 'call get_order {"order_id": "none"}\ncall get_product {"sku": $1.sku}',
    criteria: ['no tool call fails', { text: 'calls `get_order` once', optional: true }],
  },
  {
    id: 'is-refused',
    prompt: 'call create_order {"sku": "MUG-001"}\ncall missing_tool {}',
    criteria: ['`create_order` fails', 'calls `missing_tool` once'],
  },
  {
    id: 'calls-what-is-blocked',
    prompt: 'call get_shop_status {}\ncall list_orders {"reference": "a"}',
    criteria: ['never calls `get_order`'],
    tools: { allow: ['get_shop_status'], block: ['list_orders'] },
  },
  {
    id: 'reaches-a-limit',
    prompt: 'call get_shop_status {}\ncall get_shop_status {}',
    criteria: ['calls `get_shop_status` once'],
    limits: { toolCalls: 1 },
  },
  { id: 'needs-a-judge', prompt: 'call get_shop_status {}', criteria: ['it is friendly'] },
  { id: 'has-no-model', prompt: 'call get_shop_status {}', criteria: ['no tool call fails'], models: ['fake/none'] },
  { id: 'has-no-steps', prompt: 'Is it open?', criteria: ['no tool call fails'] },
  {
    id: 'is-judged',
    prompt: 'Is it open?',
    criteria: ['it says so', 'no tool call fails'],
    models: ['fake/m'],
    judge: 'fake/m',
  },
];

const report = z.object({
  groups: z.array(
    z.object({ workflow: z.object({ id: z.string() }), runs: z.array(z.looseObject({ id: z.string() })) }),
  ),
});

const usage = ['status', 'error', 'limitHit', 'flagged', 'callCount', 'turnCount', 'finalAnswer', 'cost'] as const;
const tokens = ['inputTokens', 'outputTokens', 'judgeTokens'] as const;

/** Without times and ids, which differ from run to run. */
function withoutTimesAndIds(value: unknown, runId: string): unknown {
  const text = JSON.stringify(value, (key, member: unknown) => {
    // The database keeps decimal digits.
    if (key === 'cost') return Number(member).toFixed(9);
    return ['at', 'startedAt', 'latencyMs', 'criterionId'].includes(key) ? undefined : member;
  });
  return JSON.parse(
    text
      .replaceAll(runId, '<run>')
      .replaceAll(runId.slice(0, 8), '<short run>')
      .replace(/ord_\d+/g, '<order>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replace(/[\d.]+ (?:ms|s)\b/g, '<duration>'),
  );
}

it('is the same run, but for times and ids', async () => {
  const text = JSON.stringify({
    version: 1,
    server: { name: 'Shop', url: scenario.shop.url },
    models: [{ name: 'fake', baseUrl: provider.baseUrl, apiKey: 'none', models: [model] }],
    workflows,
  });
  const cli = await newCli();
  await cli.write('armature.yaml', text);
  const local = report.parse(JSON.parse((await cli.run(['test', '--json'])).stdout));

  const parsed = parseFile(text, { path: 'armature.yaml', env: {}, credentials: 'ignore' });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const input = { files: [{ path: 'armature.yaml', file: parsed.file }], prune: false };
  const { token } = await planCode(scenario.ctx, input);
  await applyCode(scenario.ctx, { ...input, token });
  const pushed = await scenario.deps.db.workflow.findMany({ select: { id: true, slug: true } });

  const compared = await Promise.all(
    local.groups.map(async ({ workflow, runs: [here] }) => {
      const workflowId = pushed.find(({ slug }) => slug === workflow.id)?.id ?? '';
      const runId = await scenario.dispatch(workflowId);
      const { run, results } = await scenario.finished(runId);
      const { events, calls } = await getTrace(scenario.ctx, { runId });
      const there = { ...run, ...Object.fromEntries(tokens.map((name) => [name, run[name]])), results, events, calls };
      const pick = (of: { [name: string]: unknown }) => ({
        workflow: workflow.id,
        ...Object.fromEntries([...usage, ...tokens, 'events', 'calls'].map((name) => [name, of[name]])),
        results: z
          .array(z.looseObject({ judge: z.unknown().optional() }))
          .parse(of.results)
          .map(({ judge: _, ...result }) => result),
      });
      return {
        here: withoutTimesAndIds(pick(here ?? {}), here?.id ?? ''),
        there: withoutTimesAndIds(pick(there), runId),
      };
    }),
  );
  expect(compared).toHaveLength(workflows.length);
  for (const { here, there } of compared) expect(here).toEqual(there);
  expect(compared.map(({ here }) => z.object({ status: z.string() }).parse(here).status)).toEqual([
    'pass',
    'fail',
    'fail',
    'pass',
    'pass',
    'error',
    'error',
    'error',
    'partial',
  ]);
});
