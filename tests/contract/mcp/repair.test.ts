import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporalNames } from '../../../domain/run/ids.ts';
import { until } from '../../faults/process.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { connect, type Endpoint, keyOf, startEndpoint } from './endpoint.ts';
import { answerOf, isOver } from './stage.ts';

/** What an agent with the SDK's client and an editor's key can do alone. */
let scenario: Scenario;
let endpoint: Endpoint;
let client: Client;
let ahead = 0;

beforeAll(async () => {
  scenario = await startScenario({
    env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '1000000' },
    now: () => new Date(Date.now() + ahead),
  });
  endpoint = await startEndpoint(scenario.deps);
  client = await connect(endpoint.url, await keyOf(scenario.org, 'editor'));
});
afterAll(async () => {
  await client?.close();
  await endpoint?.close();
  await scenario?.close();
});

const id = z.string();
const runs = z.object({
  runs: z.array(z.looseObject({ runId: id, workflowId: id, status: z.string(), trigger: z.string() })),
});
const proposal = z.looseObject({ proposalId: id });
const applied = z.looseObject({ workflowId: id, versionId: id });
const dispatched = z.object({ runs: z.array(z.looseObject({ runId: id, status: z.string(), reused: z.boolean() })) });

async function read(uri: string): Promise<Record<string, unknown>> {
  const { contents } = await client.readResource({ uri });
  const [content] = z.array(z.looseObject({ text: z.string() })).parse(contents);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(content?.text ?? ''));
}

const latestRun = async (workflowId: string, except?: string) =>
  until(
    'the scheduled run is over',
    async () => {
      const found = runs.parse(await answerOf(client, 'search_runs', { workflowId, limit: 1 }));
      const [run] = found.runs;
      return run && run.runId !== except && isOver(run.status) ? run : undefined;
    },
    { seconds: 30 },
  );

describe('an agent that repairs a failing workflow', () => {
  it('finds the rename, patches the workflow, and proves that it is fixed', { timeout: 120_000 }, async () => {
    const workflowId = await scenario.workflow({ schedule: '0 0 1 1 *' });
    const schedule = scenario.deps.temporal.client.schedule.getHandle(
      temporalNames(scenario.deps.config.installation).workflowSchedule(workflowId),
    );
    await schedule.trigger();
    const firedAt = Math.floor(Date.now() / 1000);
    const passed = await latestRun(workflowId);
    expect(passed).toMatchObject({ status: 'pass', trigger: 'scheduled' });

    // The server is deployed with a tool under another name, and the next scheduled run fails. Nobody has synced since.
    scenario.shop.control.set({ rename: { get_order: 'fetch_order' } });
    ahead += 6 * 60_000;
    // Fire times count in seconds, and the Schedule may not have seen yet that its first workflow is over.
    await until('another second', async () => Math.floor(Date.now() / 1000) > firedAt + 1);
    await schedule.trigger('ALLOW_ALL');
    await latestRun(workflowId, passed.runId);
    const failing = runs.parse(await answerOf(client, 'search_runs', { workflowId, status: 'fail' }));
    const failed = failing.runs[0] ?? expect.fail('search_runs finds no failed run');
    expect(failed).toMatchObject({ workflowId, trigger: 'scheduled' });

    const diagnosis = z
      .looseObject({ causes: z.array(z.looseObject({ kind: z.string(), evidence: z.array(z.string()) })) })
      .parse(await answerOf(client, 'diagnose_run', { runId: failed.runId }));
    const cause = diagnosis.causes[0] ?? expect.fail('diagnose_run names no cause');
    expect(JSON.stringify(cause)).toContain('get_order');
    expect(JSON.stringify(cause)).toContain('fetch_order');
    // The call, the change of the catalog and the offered tools.
    expect(cause.evidence).toEqual(['call-3', expect.stringMatching(/^[0-9a-f-]{36}$/), 'event-0']);

    const prompt = await client.getPrompt({ name: 'repair_failing_workflow', arguments: { runId: failed.runId } });
    expect(JSON.stringify(prompt.messages)).toContain(workflowId);
    expect(await read(`armature://runs/${failed.runId}/trace`)).toMatchObject({ runId: failed.runId });
    const { definition, workflow } = z
      .looseObject({
        workflow: z.looseObject({ activeVersionId: id }),
        definition: z.looseObject({ prompt: z.string(), criteria: z.array(z.looseObject({ text: z.string() })) }),
      })
      .parse(await read(`armature://workflows/${workflowId}`));
    expect(JSON.stringify(await read(`armature://mcp-servers/${scenario.serverId}/tool-catalog`))).toContain(
      'fetch_order',
    );

    const criteria = definition.criteria.flatMap(({ text }, position) =>
      text.includes('get_order')
        ? [{ op: 'update' as const, position, text: text.replaceAll('get_order', 'fetch_order') }]
        : [],
    );
    const { proposalId } = proposal.parse(
      await answerOf(client, 'propose_workflow_patch', {
        workflowId,
        baseVersionId: workflow.activeVersionId,
        rationale: 'The server renamed get_order to fetch_order; the workflow has to follow.',
        evidence: cause.evidence.map((each) => (/^(call|event)-/.test(each) ? `${failed.runId}#${each}` : each)),
        changes: { prompt: definition.prompt.replaceAll('get_order', 'fetch_order'), criteria },
        telemetry: { intent: 'repair the failing workflow' },
      }),
    );
    expect(JSON.stringify(await read(`armature://workflow-change-proposals/${proposalId}`))).toContain('fetch_order');
    const change = applied.parse(
      await answerOf(client, 'apply_workflow_change', {
        proposalId,
        telemetry: { intent: 'repair the failing workflow' },
      }),
    );
    expect(change.workflowId).toBe(workflowId);

    const progressed: number[] = [];
    const again = await client.callTool(
      {
        name: 'run_workflow_now',
        arguments: { workflowId, reason: 'Check the repair', baselineRunId: failed.runId, wait: true, waitSeconds: 60 },
      },
      { onprogress: ({ progress }) => progressed.push(progress) },
    );
    const rerun = dispatched.parse(again.structuredContent).runs[0] ?? expect.fail('nothing ran');
    expect(rerun).toMatchObject({ status: 'pass', reused: false });
    expect(progressed.length).toBeGreaterThan(1);
    expect(progressed).toEqual([...new Set(progressed)].sort((one, other) => one - other));

    const comparison = await answerOf(client, 'compare_runs', {
      baselineRunId: failed.runId,
      candidateRunId: rerun.runId,
    });
    expect(JSON.stringify(comparison)).toContain('"fixed"');
    expect(JSON.stringify(comparison)).not.toContain('"regressed"');

    const audit = await scenario.deps.db.auditEvent.findMany({ where: { intent: 'repair the failing workflow' } });
    expect(audit.map(({ actorKind }) => actorKind)).toEqual(expect.arrayContaining(['api_key', 'api_key']));
    scenario.shop.control.reset();
  });
});

describe('an agent that closes a gap in coverage', () => {
  const report = z.looseObject({
    coveredCount: z.int(),
    gaps: z.array(z.string()),
    tools: z.array(z.looseObject({ tool: z.string(), covered: z.boolean() })),
  });

  it('stages, applies and runs a workflow for an uncovered tool, and coverage rises', {
    timeout: 120_000,
  }, async () => {
    const { serverId } = scenario;
    ahead += 6 * 60_000;
    const prompt = await client.getPrompt({ name: 'design_workflow_suite', arguments: { serverId } });
    expect(JSON.stringify(prompt.messages)).toContain(`armature://mcp-servers/${serverId}/coverage-report`);
    await read('armature://catalog/models');
    expect(await read('armature://schemas/workflow')).toMatchObject({ type: 'object' });
    const uri = `armature://mcp-servers/${serverId}/coverage-report`;
    const before = report.parse(await read(uri));
    const tool = 'get_shop_status';
    expect(before.tools.find((each) => each.tool === tool)).toMatchObject({ covered: false });

    const { proposalId } = proposal.parse(
      await answerOf(client, 'propose_workflow_patch', {
        serverId,
        rationale: `No workflow calls ${tool}.`,
        definition: {
          name: 'The shop is open',
          serverId,
          testerModels: ['builtin/scripted'],
          judgeModel: 'builtin/assertions',
          prompt: `call ${tool} {}`,
          criteria: [{ text: `\`${tool}\` result field \`status\` equals "open"`, isRequired: true }],
        },
      }),
    );
    const { workflowId } = applied.parse(await answerOf(client, 'apply_workflow_change', { proposalId }));
    const ran = dispatched.parse(
      await answerOf(client, 'run_workflow_now', { workflowId, reason: 'Close the gap', wait: true, waitSeconds: 60 }),
    );
    expect(ran.runs).toMatchObject([{ status: 'pass' }]);

    const after = await until(
      'coverage has followed the run',
      async () => {
        const now = report.parse(await read(uri));
        return now.tools.some((each) => each.tool === tool && each.covered) ? now : undefined;
      },
      { seconds: 20 },
    );
    expect(after.coveredCount).toBe(before.coveredCount + 1);
    expect(after.gaps).toEqual(before.gaps.filter((gap) => gap !== tool));
  });
});
