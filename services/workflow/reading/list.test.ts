import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { connectServer } from '../../server/connect.ts';
import { archiveWorkflow } from '../archive.ts';
import { createWorkflow } from '../create.ts';
import { pauseWorkflow } from '../pause.ts';
import { tagWorkflow } from '../tag.ts';
import { listWorkflows } from './list.ts';
import { listWorkflowsWithRuns } from './list-with-runs.ts';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
const servers: string[] = [];
const ids = new Map<string, string>();
const dayMs = 24 * 3_600_000;

beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps);
  shop = await startShopServer();
  for (const name of ['Shop', 'Other shop']) {
    const server = { name, transport: 'streamable_http' as const, url: shop.url, auth: { kind: 'none' as const } };
    servers.push((await connectServer(org.ctx, server)).serverId ?? '');
  }
  for (const [name, server] of [
    ['Orders', 0],
    ['Stock_levels', 0],
    ['Refunds', 1],
    ['Old', 1],
  ] as const) {
    const { workflow, version } = await createWorkflow(org.ctx, {
      definition: {
        name,
        description: `Tests ${name.toLowerCase()}`,
        serverId: servers[server] ?? '',
        testerModels: ['builtin/scripted'],
        judgeModel: 'builtin/assertions',
        prompt: 'call list_orders {}',
        criteria: [{ text: 'no tool call fails' }],
        schedule: name === 'Orders' ? '*/15 * * * *' : null,
      },
    });
    ids.set(name, workflow.id);
    await runs(name, workflow.id, version.id, servers[server] ?? '');
  }
  await pauseWorkflow(org.ctx, { workflowId: ids.get('Refunds') ?? '' });
  await archiveWorkflow(org.ctx, { workflowId: ids.get('Old') ?? '' });
});
afterAll(async () => {
  await shop.close();
  await test.close();
});

/** Status and age in days of each run. */
const histories: Record<string, readonly (readonly [string, number])[]> = {
  Orders: [
    ['pass', 8],
    ['fail', 6],
    ['partial', 5],
    ['pass', 4],
    ['error', 3],
    ['pass', 2],
    ['running', 1],
  ],
  Refunds: [['error', 1]],
};

async function runs(name: string, workflowId: string, versionId: string, serverId: string): Promise<void> {
  for (const [status, days] of histories[name] ?? []) {
    const createdAt = new Date(Date.now() - days * dayMs);
    await test.deps.db.run.create({
      data: {
        id: newId(),
        orgId: org.orgId,
        workflowId,
        versionId,
        serverId,
        model: 'builtin/scripted',
        trigger: 'manual',
        actorKind: 'member',
        actorId: org.userId,
        status,
        flagged: status === 'pass',
        createdAt,
        ...(status !== 'running' && { finishedAt: createdAt }),
        ...(status === 'error' && { errorKind: 'unreachable', errorMessage: 'The server is away.' }),
      },
    });
  }
}

const names = async (filter: Parameters<typeof listWorkflows>[1]) =>
  (await listWorkflows(org.ctx, filter)).workflows.map(({ name }) => name);

describe('the list of workflows', () => {
  it('shows schedule, pass rate of seven days without errors, and the last run', async () => {
    const { workflows, nextCursor } = await listWorkflows(org.as('viewer'), {});
    expect(nextCursor).toBeNull();
    expect(workflows).toMatchObject([
      { name: 'Refunds', serverName: 'Other shop', state: 'paused', passRate7d: null, lastRun: { status: 'error' } },
      { name: 'Stock_levels', state: 'active', scheduleLabel: 'Manual', passRate7d: null, lastRun: null },
      {
        name: 'Orders',
        scheduleLabel: 'Every 15 minutes',
        passRate7d: 0.5,
        lastRun: { status: 'running', flagged: false },
      },
    ]);
  });

  it.each([
    [{}, ['Refunds', 'Stock_levels', 'Orders']],
    [{ state: 'paused' as const }, ['Refunds']],
    [{ state: 'archived' as const }, ['Old']],
    [{ status: 'error' as const }, ['Refunds']],
    [{ status: 'pass' as const }, []],
    [{ search: 'TESTS ORD' }, ['Orders']],
    [{ search: '_' }, ['Stock_levels']],
    [{ search: '%' }, []],
  ])('is filtered by %j', async (filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  it('is filtered by server, and pages by cursor', async () => {
    expect(await names({ serverId: servers[0] ?? '' })).toEqual(['Stock_levels', 'Orders']);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listWorkflows>> = await listWorkflows(org.ctx, {
        limit: 1,
        ...(cursor !== null && { cursor }),
      });
      seen.push(...page.workflows.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['Refunds', 'Stock_levels', 'Orders']);
  });

  it('is empty for another workspace', async () => {
    const other = await testOrg(test.deps);
    expect(await listWorkflows(other.ctx, {})).toEqual({ workflows: [], nextCursor: null });
  });
});

describe('the list of workflows with their runs', () => {
  it('has the latest runs, the next one, flags of the week, and all tags', async () => {
    await tagWorkflow(org.ctx, { workflowId: ids.get('Orders') ?? '', tags: ['smoke', 'nightly'] });
    await tagWorkflow(org.ctx, { workflowId: ids.get('Refunds') ?? '', tags: ['smoke'] });
    const { workflows, tags } = await listWorkflowsWithRuns(org.as('viewer'), {});
    expect(tags).toEqual(['nightly', 'smoke']);
    expect(
      workflows.map(({ name, runs, flaggedCount }) => [name, runs.map(({ status }) => status), flaggedCount]),
    ).toEqual([
      ['Refunds', ['error'], 0],
      ['Stock_levels', [], 0],
      // The first of them passed eight days ago.
      ['Orders', ['pass', 'fail', 'partial', 'pass', 'error', 'pass', 'running'], 2],
    ]);
    const [paused, manual, scheduled] = workflows.map(({ nextRunAt }) => nextRunAt);
    expect([paused, manual]).toEqual([null, null]);
    expect(Date.parse(scheduled ?? '') - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    const byTag = await listWorkflowsWithRuns(org.ctx, { tag: 'nightly' });
    expect(byTag.workflows.map(({ name }) => name)).toEqual(['Orders']);
  });
});
