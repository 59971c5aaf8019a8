import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { syncServer } from '../../catalog/sync.ts';
import { newId } from '../../context/ids.ts';
import { acceptIncident } from '../../incident/accept.ts';
import { applyProposal } from '../../proposal/apply.ts';
import { draftAdaptation } from '../../proposal/draft/adaptation.ts';
import { getProposal } from '../../proposal/get.ts';
import { executeRun } from '../../run/execution/execute.ts';
import { finishRun } from '../../run/execution/finish.ts';
import { connectServer } from '../../server/connect.ts';
import { createWorkflow } from '../create.ts';
import { getWorkflowToolChanges } from './tool-changes.ts';

let clock = new Date();
let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
  org = await testOrg(test.deps, { role: 'admin' });
  shop = await startShopServer();
});
afterAll(async () => {
  await shop?.close();
  await test?.close();
});

async function connect(): Promise<string> {
  shop.control.reset();
  const address = { transport: 'streamable_http' as const, url: shop.url, auth: { kind: 'none' as const } };
  return (await connectServer(org.ctx, { name: 'Shop', ...address })).serverId ?? '';
}

async function sync(serverId: string): Promise<void> {
  clock = new Date(clock.getTime() + 10 * 60_000);
  await syncServer(org.ctx, { serverId });
}

async function create(serverId: string, tool: string): Promise<{ id: string; activeVersionId: string }> {
  const args = tool === 'check_stock' ? '{"sku": "MUG-001"}' : '{"query": "mug"}';
  const { workflow } = await createWorkflow(org.ctx, {
    definition: {
      name: `Uses ${tool}`,
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: `call ${tool} ${args}`,
      criteria: [{ text: `calls \`${tool}\` once` }],
    },
  });
  return workflow;
}

async function run(
  workflowId: string,
  { serverId, versionId }: { serverId: string; versionId: string },
): Promise<void> {
  const { orgId } = org;
  const runId = newId();
  clock = new Date(clock.getTime() + 1000);
  const of = { orgId, workflowId, serverId, versionId };
  await test.deps.db.run.create({
    data: {
      id: runId,
      ...of,
      model: 'builtin/scripted',
      trigger: 'manual',
      actorKind: 'system',
      actorId: 'test',
      createdAt: clock,
    },
  });
  const system = { ...org.ctx, actor: { kind: 'system' as const, id: 'test', orgId } };
  const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
  await executeRun(system, { runId, attempt });
  expect(await finishRun(system, { runId, end: 'worked' })).toEqual({ status: 'pass' });
}

describe('a breaking change of a tool', () => {
  it('hits the workflows that use the tool, until it is accepted', async () => {
    const serverId = await connect();
    const [hit, other] = [await create(serverId, 'check_stock'), await create(serverId, 'search_products')];
    const changesOf = ({ id }: { id: string }) => getWorkflowToolChanges(org.as('viewer'), { workflowId: id });
    expect(await changesOf(hit)).toEqual({ changes: [], hasFix: false, repairPrompt: null });
    shop.control.set({ schema: { check_stock: 'breaking' } });
    await sync(serverId);
    const { changes, hasFix, repairPrompt } = await changesOf(hit);
    expect(changes).toMatchObject([{ tool: 'check_stock', successor: null }]);
    // Without a run nothing is known of what the tool was called with.
    expect(hasFix).toBe(false);
    expect(repairPrompt).toContain('"check_stock" since ');
    expect((await changesOf(other)).changes).toEqual([]);
    await expect(draftAdaptation(org.ctx, { workflowId: hit.id })).rejects.toMatchObject({ code: 'validation_failed' });
    await acceptIncident(org.ctx, { incidentId: changes[0]?.incidentId ?? '' });
    expect((await changesOf(hit)).changes).toEqual([]);
  });

  it('is adapted to by a proposal, from what the last run called, before a run fails of it', async () => {
    const serverId = await connect();
    const { id: workflowId, activeVersionId } = await create(serverId, 'check_stock');
    await run(workflowId, { serverId, versionId: activeVersionId });
    shop.control.set({ schema: { check_stock: 'breaking' } });
    await sync(serverId);
    expect(await getWorkflowToolChanges(org.ctx, { workflowId })).toMatchObject({ hasFix: true });
    const { proposalId } = await draftAdaptation(org.ctx, { workflowId });
    const proposal = await getProposal(org.ctx, { proposalId });
    expect(proposal.rationale).toContain('check_stock: ');
    expect(JSON.stringify(proposal.diff)).toContain('product_id');
    await applyProposal(org.ctx, { proposalId });
    const { id: versionId, definition } = await test.deps.db.workflowVersion.findFirstOrThrow({
      where: { workflowId, number: 2 },
    });
    expect(definition).toMatchObject({ prompt: 'call check_stock {"product_id":"MUG-001"}' });
    // The tool is still used, until a run shows that the workflow copes with it.
    expect(await getWorkflowToolChanges(org.ctx, { workflowId })).toMatchObject({
      changes: [{ tool: 'check_stock' }],
      hasFix: false,
    });
    await run(workflowId, { serverId, versionId });
    expect((await getWorkflowToolChanges(org.ctx, { workflowId })).changes).toEqual([]);
  });
});
