import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { executeRun } from '../../run/execution/execute.ts';
import { finishRun } from '../../run/execution/finish.ts';
import { connectServer } from '../../server/connect.ts';
import { createWorkflow } from '../create.ts';
import { checkDraft } from './check-draft.ts';
import { getResultPaths } from './result-paths.ts';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
let serverId: string;
let workflowId: string;

beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps, { role: 'admin' });
  shop = await startShopServer();
  const address = { transport: 'streamable_http' as const, url: shop.url, auth: { kind: 'none' as const } };
  serverId = (await connectServer(org.ctx, { name: 'Shop', ...address })).serverId ?? '';
  const { workflow, version } = await createWorkflow(org.ctx, {
    definition: {
      name: 'Find a mug',
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call search_products {"query": "mug"}',
      criteria: [{ text: 'no tool call fails' }],
    },
  });
  workflowId = workflow.id;
  const { orgId } = org;
  const runId = newId();
  const of = { orgId, workflowId, serverId, versionId: version.id };
  await test.deps.db.run.create({
    data: { id: runId, ...of, model: 'builtin/scripted', trigger: 'manual', actorKind: 'system', actorId: 'test' },
  });
  const system = { ...org.ctx, actor: { kind: 'system' as const, id: 'test', orgId } };
  const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
  await executeRun(system, { runId, attempt });
  await finishRun(system, { runId, end: 'worked' });
});
afterAll(async () => {
  await shop?.close();
  await test?.close();
});

const check = (draft: Omit<Parameters<typeof checkDraft>[1], 'serverId'>) =>
  checkDraft(org.as('viewer'), { serverId, ...draft });

describe('a workflow that is being written', () => {
  it('has each criterion checked: its kind, near misses, unknown tools, and the latest run', async () => {
    const { criteria, lastRun } = await check({
      workflowId,
      criteria: [
        'calls `search_products` once',
        'calls `create_order` once',
        'calls `search_product` once',
        'calls `search_products` exactly onse',
        'The answer is polite',
        '  ',
      ],
    });
    expect(lastRun).toMatchObject({ status: 'pass' });
    expect(criteria).toMatchObject([
      { gradedBy: 'assertion', unknownTools: [], lastRun: { verdict: 'pass' } },
      { gradedBy: 'assertion', lastRun: { verdict: 'fail' } },
      { gradedBy: 'assertion', unknownTools: [{ name: 'search_product', nearest: 'search_products' }] },
      {
        gradedBy: 'judge',
        hint: { expected: expect.stringContaining('number') },
        suggestion: 'calls `search_products` exactly once',
        isUnreadable: true,
      },
      { gradedBy: 'judge', hint: null, suggestion: null, isUnreadable: true, lastRun: null },
      { gradedBy: null },
    ]);
    const judged = await check({ criteria: ['The answer is polite'], judgeModel: 'openai/gpt-5' });
    expect(judged).toMatchObject({ lastRun: null, criteria: [{ gradedBy: 'judge', isUnreadable: false }] });
  });

  it('has the tools of its prompt checked, and its models', async () => {
    const { unknownTools, warnings } = await check({
      prompt: 'call search_product {"query": "mug"}',
      testerModels: ['builtin/scripted', 'nobody/none'],
    });
    expect(unknownTools).toEqual([{ name: 'search_product', nearest: 'search_products' }]);
    expect(warnings.map(({ code }) => code)).toEqual(['model_unknown']);
  });

  it('has its schedule planned, with what it costs', async () => {
    const { schedule } = await check({ schedule: '0 9 * * *', testerModels: ['builtin/scripted'], workflowId });
    expect(schedule).toMatchObject({
      problem: null,
      label: 'Daily at 09:00 (UTC)',
      monthlyRuns: 30,
      monthlyCost: 0,
      unpricedModels: [],
    });
    expect(schedule.fires).toHaveLength(5);
    const two = await check({ schedule: '0 9 * * *', testerModels: ['builtin/scripted', 'a/b'], workflowId });
    expect(two.schedule).toMatchObject({
      label: 'Daily at 09:00 (UTC) · across 2 models',
      monthlyRuns: 60,
      unpricedModels: ['a/b'],
    });
    expect((await check({ schedule: '0 9' })).schedule.problem).toContain('five');
    expect((await check({ schedule: '0 9 * * *', timezone: 'Europe/Berlim' })).schedule).toMatchObject({
      timezoneProblem: 'Unknown time zone. Did you mean Europe/Berlin?',
      fires: [],
    });
  });

  it('has paths of what its tools returned', async () => {
    const { tools } = await getResultPaths(org.as('viewer'), { workflowId });
    expect(tools.map(({ tool }) => tool)).toEqual(['search_products']);
    expect(tools[0]?.paths).toContainEqual({ path: 'products[0].sku', example: expect.stringContaining('MUG') });
  });
});
