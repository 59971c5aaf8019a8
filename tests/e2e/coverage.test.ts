import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coverageRuns, runTally } from '../../domain/coverage/coverage.ts';
import { temporalNames } from '../../domain/run/ids.ts';
import { newId } from '../../services/context/ids.ts';
import { draftForTool } from '../../services/coverage/draft-for-tool.ts';
import { getCoverage, loadCoverageFigures } from '../../services/coverage/get.ts';
import { refreshCoverage } from '../../services/coverage/refresh.ts';
import { listProposals } from '../../services/proposal/list.ts';
import { proposePatch } from '../../services/proposal/propose.ts';
import { archiveWorkflow } from '../../services/workflow/archive.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { getWorkflow } from '../../services/workflow/reading/get.ts';
import { saveWorkflow } from '../../services/workflow/save.ts';
import { until } from '../faults/process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario?.close();
});

const report = () => getCoverage(scenario.org.as('viewer'), { serverId: scenario.serverId });
const toolOf = async (name: string) => (await report()).tools.find(({ tool }) => tool === name);
const kept = async () => {
  const row = await scenario.deps.db.serverCoverage.findFirst({ where: { serverId: scenario.serverId } });
  return row ? runTally.array().parse(row.window) : [];
};

describe('coverage', () => {
  it('is kept after a run, by the run’s own workflow', async () => {
    expect(await report()).toMatchObject({ runCount: 0, coveredCount: 0, percent: 0, refreshedAt: null });
    const runId = await scenario.dispatch(await scenario.workflow());
    await scenario.finished(runId);
    await until('the window holds the run', async () => (await kept()).some((tally) => tally.runId === runId));
    expect(await toolOf('create_order')).toMatchObject({
      covered: true,
      by: ['run'],
      workflows: [{ name: 'Order a mug', by: ['run'] }],
      lastSuccess: { runId },
      calls: 1,
      failed: 0,
      errorRate: 0,
    });
    const { gaps, refreshedAt } = await report();
    expect(gaps).toEqual([
      'check_stock',
      'get_product',
      'get_shop_status',
      'list_orders',
      'refund_order',
      'update_stock',
    ]);
    expect(refreshedAt).not.toBeNull();
  });

  it('adds what was not kept when it is read, and says the same as when all is counted anew', async () => {
    const before = await report();
    await scenario.deps.db.serverCoverage.deleteMany({ where: { serverId: scenario.serverId } });
    expect({ ...(await report()), refreshedAt: before.refreshedAt }).toEqual(before);
  });

  it('follows policies as they are now', async () => {
    const workflowId = await scenario.workflow({ toolPolicy: { allowedTools: ['refund_order'] } });
    const listed = (await report()).tools.map(({ tool }) => tool);
    const gap = listed.includes('refund_order') ? 'refund_order' : '';
    expect(gap).not.toBe('');
    expect(await toolOf(gap)).toMatchObject({ by: ['policy'], calls: 0, errorRate: null, lastSuccess: null });
    const { version } = await getWorkflow(scenario.ctx, { workflowId });
    await saveWorkflow(scenario.ctx, {
      workflowId,
      baseVersionId: version.id,
      changes: { toolPolicy: { allowedTools: [] } },
    });
    expect(await toolOf(gap)).toMatchObject({ covered: false });
    const second = await scenario.workflow({ toolPolicy: { allowedTools: [gap] } });
    expect(await toolOf(gap)).toMatchObject({ covered: true });
    await archiveWorkflow(scenario.ctx, { workflowId: second });
    expect(await toolOf(gap)).toMatchObject({ covered: false });
  });

  it('keeps the latest 50 runs, whoever refreshes at the same time', async () => {
    const { db } = scenario.deps;
    const { orgId } = scenario.org;
    const workflowId = await scenario.workflow();
    const { version } = await getWorkflow(scenario.ctx, { workflowId });
    const ids = Array.from({ length: coverageRuns + 5 }, () => newId());
    const at = new Date();
    await db.run.createMany({
      data: ids.map((id, index) => ({
        id,
        orgId,
        workflowId,
        versionId: version.id,
        serverId: scenario.serverId,
        model: 'builtin/scripted',
        trigger: 'manual',
        status: 'pass',
        finishedAt: at,
        createdAt: new Date(at.getTime() + index),
        actorKind: 'system',
        actorId: 'test',
      })),
    });
    await Promise.all(ids.slice(0, 10).map((runId) => refreshCoverage(scenario.org.asSystem(), { runId })));
    expect((await kept()).map(({ runId }) => runId)).toEqual(ids.slice(5).reverse());
    // Newer runs that called nothing pushed the one out that did.
    expect(await toolOf('create_order')).toMatchObject({ covered: false, calls: 0 });
    const figures = await loadCoverageFigures(db, { orgId, serverIds: [scenario.serverId] });
    expect(figures.get(scenario.serverId)).toMatchObject({ coveredCount: 0, percent: 0 });
  });

  it('drafts a workflow for a gap that is valid, runs, and closes it', async () => {
    const { definition } = await draftForTool(scenario.org.as('viewer'), {
      serverId: scenario.serverId,
      tool: 'list_orders',
    });
    expect(definition).toMatchObject({
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      schedule: null,
      toolPolicy: { allowedTools: ['list_orders'] },
    });
    const { workflow, warnings } = await createWorkflow(scenario.ctx, { definition });
    expect(warnings).toEqual([]);
    const { run } = await scenario.finished(await scenario.dispatch(workflow.id));
    expect(run.status).toBe('pass');
    expect(await toolOf('list_orders')).toMatchObject({ by: ['run', 'policy'] });
    await expect(draftForTool(scenario.ctx, { serverId: scenario.serverId, tool: 'nothing' })).rejects.toMatchObject({
      code: 'resource_not_found',
    });
  });
});

describe('housekeeping', () => {
  it('is scheduled daily, and deletes old proposals in its workflow', async () => {
    const { deps, ctx } = scenario;
    const names = temporalNames(deps.config.installation);
    const workflowId = await scenario.workflow();
    const { version } = await getWorkflow(ctx, { workflowId });
    const weekAgo: typeof ctx = {
      ...ctx,
      deps: { ...deps, now: () => new Date(Date.now() - 7.5 * 24 * 3_600_000) },
    };
    const change = { workflowId, baseVersionId: version.id, rationale: 'To be old.' };
    await proposePatch(weekAgo, { ...change, changes: { name: 'old' } });
    const { proposalId } = await proposePatch(ctx, { ...change, changes: { name: 'new' } });
    await deps.temporal.ensureSystemSchedules();
    await deps.temporal.ensureSystemSchedules();
    const schedule = deps.temporal.client.schedule.getHandle(names.systemSchedule('housekeeping'));
    expect((await schedule.describe()).action).toMatchObject({ workflowType: 'housekeeping' });
    await schedule.trigger();
    await until('the old proposal is gone', async () => {
      const { proposals } = await listProposals(ctx, { workflowId });
      return proposals.length === 1 && proposals[0]?.proposalId === proposalId;
    });
    for (const name of ['housekeeping', 'reconcile'])
      await deps.temporal.client.schedule.getHandle(names.systemSchedule(name)).delete();
  });
});
