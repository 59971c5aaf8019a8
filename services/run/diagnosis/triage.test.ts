import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyChanges } from '../../../domain/workflow/proposal.ts';
import { type Scenario, startScenario } from '../../../tests/support/scenario.ts';
import { testOrg } from '../../../tests/support/setup/context.ts';
import { getOrgHealth, getOrgHealthOutput } from '../../organization/health.ts';
import { getWorkflow } from '../../workflow/reading/get.ts';
import { saveWorkflow } from '../../workflow/save.ts';
import { getRunArtifacts, getRunArtifactsOutput } from '../reading/artifacts.ts';
import { compareRuns, compareRunsOutput } from '../reading/compare.ts';
import { inspectRun, inspectRunOutput } from '../reading/inspect.ts';
import { diagnoseRun, diagnoseRunOutput } from './diagnose.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterEach(() => void scenario?.shop.control.reset());
afterAll(() => scenario?.close());

async function ran(workflowId: string): Promise<string> {
  const runId = await scenario.dispatch(workflowId);
  await scenario.finished(runId);
  return runId;
}
const diagnosed = async (runId: string) => diagnoseRunOutput.parse(await diagnoseRun(scenario.ctx, { runId }));

describe('a tool that was renamed', () => {
  let workflowId: string;
  let passed: string;
  let failed: string;

  it('is named by the diagnosis, with the change that repairs the workflow', async () => {
    workflowId = await scenario.workflow();
    passed = await ran(workflowId);
    scenario.shop.control.set({ rename: { create_order: 'place_order' } });
    failed = await ran(workflowId);
    const { run, criteria, calls, causes, suggestedChange, workflow, lastPassing } = await diagnosed(failed);
    expect(run).toMatchObject({ runId: failed, status: 'fail' });
    expect(criteria.map(({ verdict }) => verdict)).toEqual(['fail', 'fail']);
    expect(causes[0]).toMatchObject({
      kind: 'tool_missing_or_renamed',
      summary: expect.stringMatching(/`create_order`.*`place_order`/),
      tools: [{ name: 'place_order', inputSchema: { type: 'object' } }],
    });
    expect(suggestedChange).toEqual({
      prompt: expect.stringContaining('call place_order'),
      criteria: [{ op: 'update', position: 0, text: 'calls `place_order` exactly once' }],
    });
    expect(causes[0]?.evidence).toEqual(expect.arrayContaining(['call-2']));
    expect(calls.find(({ id }) => id === 'call-2')).toMatchObject({ tool: 'create_order', outcome: 'not_offered' });
    expect(lastPassing).toMatchObject({ runId: passed, status: 'pass' });
    expect(lastPassing?.differences.catalogChanges).toMatchObject([
      { tool: 'create_order', kind: 'removed' },
      { tool: 'place_order', kind: 'added' },
    ]);

    const { definition, version } = await getWorkflow(scenario.ctx, { workflowId });
    expect(workflow.activeVersionId).toBe(version.id);
    const applied = applyChanges(definition, suggestedChange ?? {}, () => crypto.randomUUID());
    if (!applied.ok) throw new Error(JSON.stringify(applied));
    const { prompt, criteria: lines } = applied.definition;
    await saveWorkflow(scenario.ctx, { workflowId, baseVersionId: version.id, changes: { prompt, criteria: lines } });
    const rerun = await ran(workflowId);
    const comparison = compareRunsOutput.parse(
      await compareRuns(scenario.ctx, { baselineRunId: failed, candidateRunId: rerun }),
    );
    expect(comparison.status).toEqual({ before: 'fail', after: 'pass', change: 'fixed' });
    expect(comparison.criteria.map(({ change }) => change)).toContain('fixed');
    expect(comparison.tools).toEqual({
      newlyCalled: expect.arrayContaining(['place_order']),
      noLongerCalled: ['create_order'],
    });
    expect(comparison.versions.same).toBe(false);
    expect(comparison.versions.changes.map(({ field }) => field).sort()).toEqual(['criteria', 'prompt']);
    expect(comparison.catalogChanges).toEqual([]);
  });

  it('is read from the catalog that the failed run saw, also when the tool is back', async () => {
    await ran(await scenario.workflow());
    const { causes } = await diagnosed(failed);
    expect(causes[0]).toMatchObject({
      kind: 'tool_missing_or_renamed',
      summary: expect.stringContaining('it does again now'),
    });
  });
});

describe('other failures', () => {
  it('tells arguments that the new schema refuses', async () => {
    const workflowId = await scenario.workflow();
    await ran(workflowId);
    scenario.shop.control.set({ schema: { search_products: 'breaking' } });
    const { causes, suggestedChange } = await diagnosed(await ran(workflowId));
    const cause = causes.find(({ kind }) => kind === 'arguments_rejected');
    expect(cause).toMatchObject({ summary: expect.stringMatching(/`query` is most likely called `text` now/) });
    expect(suggestedChange?.prompt).toContain('call search_products {"text":"mug"}');
  });

  it('tells a tool that answers isError', async () => {
    const workflowId = await scenario.workflow();
    scenario.shop.control.set({ fail: { get_order: 'The order book is closed.' } });
    const { causes, criteria } = await diagnosed(await ran(workflowId));
    expect(causes.map(({ kind }) => kind)).toContain('tool_error');
    expect(criteria).toHaveLength(1);
  });

  it('tells a refused credential', async () => {
    const workflowId = await scenario.workflow();
    scenario.shop.control.set({ unauthorized: true });
    const { causes, run } = await diagnosed(await ran(workflowId));
    expect(run.error?.kind).toBe('auth');
    expect(causes[0]).toMatchObject({ kind: 'transport_or_auth_failure' });
  });
});

describe('a run on record', () => {
  it('is shown with its criteria, calls and events, and with what it produced', async () => {
    const runId = await ran(await scenario.workflow());
    const record = inspectRunOutput.parse(await inspectRun(scenario.ctx, { runId }));
    expect(record.run).toMatchObject({ id: runId, status: 'pass', versionNumber: 1, callCount: 3 });
    expect(record.prompt).toContain('call create_order');
    expect(record.calls.map(({ id, tool, outcome }) => [id, tool, outcome])).toEqual([
      ['call-1', 'search_products', 'ok'],
      ['call-2', 'create_order', 'ok'],
      ['call-3', 'get_order', 'ok'],
    ]);
    expect(record.events[0]).toMatchObject({ id: 'event-0', type: 'connected' });
    expect(record.criteria.map(({ verdict, judge }) => [verdict, judge])).toEqual([
      ['pass', null],
      ['pass', null],
    ]);
    const artifacts = getRunArtifactsOutput.parse(await getRunArtifacts(scenario.ctx, { runId }));
    expect(artifacts.finalAnswer).toBe(record.finalAnswer);
    expect(artifacts.transcript.flatMap(({ answers }) => answers.map(({ id }) => id))).toEqual([
      'call-1',
      'call-2',
      'call-3',
    ]);
  });

  it('is not compared with one of another workflow, nor diagnosed before its end', async () => {
    const [one, other] = [await ran(await scenario.workflow()), await ran(await scenario.workflow())];
    await expect(compareRuns(scenario.ctx, { baselineRunId: one, candidateRunId: other })).rejects.toMatchObject({
      code: 'runs_not_comparable',
    });
    scenario.shop.control.set({ hold: ['get_order'] });
    const runId = await scenario.dispatch(await scenario.workflow());
    await expect(diagnoseRun(scenario.ctx, { runId })).rejects.toMatchObject({ code: 'run_not_terminal' });
    scenario.shop.control.reset();
    await scenario.finished(runId);
  });

  it('is not found by another organization', async () => {
    const runId = await ran(await scenario.workflow());
    const { ctx } = await testOrg(scenario.deps);
    for (const ask of [
      () => diagnoseRun(ctx, { runId }),
      () => inspectRun(ctx, { runId }),
      () => getRunArtifacts(ctx, { runId }),
      () => compareRuns(ctx, { baselineRunId: runId, candidateRunId: runId }),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'run_not_found' });
  });
});

describe('getOrgHealth', () => {
  it('counts by workflow and server, and says what fails, what expires and what is up', async () => {
    const before = getOrgHealthOutput.parse(await getOrgHealth(scenario.ctx, { range: '7d' }));
    const workflowId = await scenario.workflow({ schedule: '0 9 * * *' });
    await ran(workflowId);
    scenario.shop.control.set({ fail: { get_order: 'Closed.' } });
    const failed = await ran(workflowId);
    const health = getOrgHealthOutput.parse(await getOrgHealth(scenario.ctx, { range: '7d' }));
    expect(health.totals.pass).toBe(before.totals.pass + 1);
    expect(health.totals.fail).toBe(before.totals.fail + 1);
    expect(health.workflows.find((row) => row.workflowId === workflowId)).toMatchObject({
      runs: 2,
      pass: 1,
      fail: 1,
      passRate: 0.5,
    });
    expect(health.servers).toMatchObject([{ serverId: scenario.serverId, runs: health.totals.runs }]);
    expect(health.failingWorkflows[0]).toMatchObject({ workflowId, runId: failed, status: 'fail' });
    expect(health.unhealthyServers).toEqual([]);
    expect(health.coverage).toMatchObject([{ serverId: scenario.serverId, toolCount: expect.any(Number) }]);
    expect(health.scheduler).toMatchObject({
      reachable: true,
      workersPolling: true,
      unhostedQueues: [],
      scheduled: 1,
      unsynced: 0,
    });

    const { ctx } = await testOrg(scenario.deps);
    const empty = getOrgHealthOutput.parse(await getOrgHealth(ctx, {}));
    expect(empty).toMatchObject({ range: '24h', workflows: [], servers: [], failingWorkflows: [] });
    expect(empty.totals).toMatchObject({ runs: 0, passRate: null });
  });

  it('calls a server stale that nobody has looked at for a day', async () => {
    const later = { ...scenario.deps, now: () => new Date(Date.now() + 25 * 3_600_000) };
    const health = await getOrgHealth({ ...scenario.ctx, deps: later }, { range: '7d' });
    expect(health.unhealthyServers).toMatchObject([{ serverId: scenario.serverId, problem: 'stale' }]);
  });
});
