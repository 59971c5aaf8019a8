import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { newId } from '../../../services/context/ids.ts';
import { proposePatch } from '../../../services/proposal/propose.ts';
import { rejectProposal } from '../../../services/proposal/reject.ts';
import { runWorkflowNow } from '../../../services/run/dispatch/run-now.ts';
import { connectServer } from '../../../services/server/connect.ts';
import { createWorkflow } from '../../../services/workflow/create.ts';
import { makeMonitors } from '../../support/monitors.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { type Scripted, startScripted } from '../../support/targets/scripted.ts';
import { connect, type Endpoint, keyOf, startEndpoint } from './endpoint.ts';
import { errorOf } from './stage.ts';

/** Stands in every text that a server or a person controls; the digits tell where it was planted. */
const canary = (place: number) => `zqcanary${place}`;

/** A server whose every word is a canary. `broken`: the method that it answers with an error, of canaries too. */
async function startHostile(): Promise<{ target: Scripted; state: { broken: string | null; tool: string } }> {
  const state: { broken: string | null; tool: string } = { broken: null, tool: canary(1) };
  const schema = (place: number) => ({
    type: 'object',
    title: canary(place),
    properties: { [canary(place + 1)]: { type: 'string', description: canary(place + 2), enum: [canary(place + 3)] } },
  });
  const target = await startScripted({
    initialize: () => ({
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: canary(10), version: canary(11), title: canary(12) },
        instructions: canary(13),
      },
    }),
    'tools/list': () => {
      if (state.broken === 'tools/list') return { error: { code: -32000, message: canary(14), data: canary(15) } };
      const described = {
        title: canary(20),
        description: canary(21),
        inputSchema: schema(22),
        outputSchema: schema(30),
        annotations: { title: canary(40) },
      };
      return {
        result: {
          tools: [
            { name: state.tool, ...described },
            { name: canary(2), inputSchema: { type: 'x' } },
          ],
        },
      };
    },
    'tools/call': () => {
      if (state.broken === 'tools/call') return { error: { code: -32000, message: canary(50), data: canary(51) } };
      return {
        result: {
          isError: true,
          content: [
            { type: 'text', text: canary(52) },
            { type: canary(53), [canary(54)]: canary(55) },
          ],
          structuredContent: { [canary(56)]: canary(57), status: canary(58) },
        },
      };
    },
  });
  return { target, state };
}

const definition = (serverId: string) => ({
  serverId,
  name: canary(60),
  description: canary(61),
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: `${canary(62)}\ncall ${canary(1)} {"${canary(63)}": "${canary(64)}"}`,
  criteria: [{ text: `\`${canary(1)}\` never fails` }, { text: `\`${canary(1)}\` result contains "${canary(65)}"` }],
  toolPolicy: { blockedTools: [canary(66)] },
  metadata: { status: canary(67), [canary(68)]: 'x' },
});

let scenario: Scenario;
let endpoint: Endpoint;
let client: Client;
let hostile: Awaited<ReturnType<typeof startHostile>>;
const ids: { [name: string]: string } = {};

beforeAll(async () => {
  scenario = await startScenario({ env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '100000' } });
  const { ctx, deps, org } = scenario;
  hostile = await startHostile();
  endpoint = await startEndpoint(deps);
  client = await connect(endpoint.url, await keyOf(org, 'owner'));
  const { serverId } = await connectServer(ctx, {
    name: canary(70),
    transport: 'streamable_http',
    url: hostile.target.url,
    auth: { kind: 'none' },
  });
  const id = z.string().parse(serverId);
  const { workflow } = await createWorkflow(ctx, { definition: definition(id) });
  const run = async (reason: string) => {
    const { runs } = await runWorkflowNow(ctx, { workflowId: workflow.id, reason });
    const runId = runs[0]?.runId ?? expect.fail('nothing ran');
    await scenario.finished(runId);
    return runId;
  };
  const baselineRunId = await run(canary(72));
  hostile.state.broken = 'tools/call';
  const runId = await run(canary(73));
  hostile.state.broken = null;
  const base = { workflowId: workflow.id, baseVersionId: workflow.activeVersionId };
  const propose = async (place: number) =>
    (await proposePatch(ctx, { ...base, rationale: canary(place), changes: { description: canary(place + 1) } }))
      .proposalId;
  const [open, rejected] = [await propose(80), await propose(82)];
  await rejectProposal(ctx, { proposalId: rejected, reason: canary(84) });
  await deps.db.user.updateMany({ where: { id: org.userId }, data: { name: canary(110) } });
  await deps.db.apiKey.updateMany({ where: { orgId: org.orgId }, data: { name: canary(111) } });
  Object.assign(ids, {
    monitorId: await makeFailingMonitor(id),
    serverId: id,
    workflowId: workflow.id,
    baselineRunId,
    runId,
    open,
    rejected,
    versionId: workflow.activeVersionId,
  });
});
/** A monitor with an open incident, as a failed check leaves them. */
async function makeFailingMonitor(serverId: string): Promise<string | undefined> {
  const { deps, org } = scenario;
  const profile = await deps.db.authProfile.findFirstOrThrow({ where: { orgId: org.orgId, serverId } });
  const of = { orgId: org.orgId, serverId, authProfileId: profile.id };
  const [monitorId = ''] = await makeMonitors(deps, of, [
    { tool: canary(1), name: canary(112), arguments: { [canary(113)]: canary(114) } },
  ]);
  const at = new Date();
  await deps.db.incident.create({
    data: {
      id: newId(),
      orgId: org.orgId,
      subjectKind: 'monitor',
      subjectKey: monitorId,
      serverId,
      monitorId,
      tool: canary(1),
      level: 'bad',
      summary: canary(115),
      cause: { kind: 'monitor', outcome: 'fail', errorKind: null, excerpt: canary(116) },
      openedAt: at,
      lastFailedAt: at,
    },
  });
  return monitorId;
}
afterAll(async () => {
  await client?.close();
  await endpoint?.close();
  await hostile?.target.close();
  await scenario?.close();
});

const marked = z.looseObject({ _untrusted: z.object({ fields: z.array(z.string()) }).optional() });

/** Paths of an answer with a canary that `_untrusted` doesn't name, and how many it names. */
function check(answer: unknown): { unnamed: string[]; named: number } {
  const { _untrusted, ...rest } = marked.parse(answer);
  const fields = _untrusted?.fields ?? [];
  const found = [...new Set(listCanaries(rest, ''))];
  const isNamed = (path: string) =>
    fields.some((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`));
  return { unnamed: found.filter((path) => !isNamed(path)), named: found.length };
}

function listCanaries(value: unknown, path: string): string[] {
  if (typeof value === 'string') return value.includes('zqcanary') ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item) => listCanaries(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    if (name.includes('zqcanary')) return [path];
    return listCanaries(item, path === '' ? name : `${path}.${name}`);
  });
}

/** Arguments of each tool by which it says most. */
const calls: [tool: string, args: () => object][] = [
  ['search_runs', () => ({})],
  ['inspect_run', () => ({ runId: ids.runId })],
  ['inspect_run', () => ({ runId: ids.baselineRunId })],
  ['diagnose_run', () => ({ runId: ids.runId })],
  ['diagnose_run', () => ({ runId: ids.baselineRunId })],
  ['compare_runs', () => ({ baselineRunId: ids.baselineRunId, candidateRunId: ids.runId })],
  ['get_org_health', () => ({ range: '7d' })],
  ['list_workflows', () => ({})],
  ['list_mcp_servers', () => ({})],
  ['get_workflow', () => ({ workflowId: ids.workflowId })],
  ['get_tool_catalog', () => ({ serverId: ids.serverId, tools: [canary(1)] })],
  ['get_coverage_report', () => ({ serverId: ids.serverId })],
  ['get_proposal', () => ({ proposalId: ids.rejected })],
  ['get_run_artifacts', () => ({ runId: ids.runId })],
  ['get_monitor', () => ({ monitorId: ids.monitorId })],
  ['get_server_report', () => ({ serverId: ids.serverId })],
  [
    'propose_workflow_patch',
    () => ({
      workflowId: ids.workflowId,
      baseVersionId: ids.versionId,
      rationale: canary(90),
      changes: {
        name: canary(91),
        toolPolicy: { allowedTools: [canary(1), canary(92)] },
        criteria: [{ op: 'update', position: 0, text: `\`${canary(93)}\` never fails` }],
      },
    }),
  ],
  [
    'propose_workflow_patch',
    () => ({ serverId: ids.serverId, rationale: canary(94), definition: definition(ids.serverId ?? '') }),
  ],
  ['draft_regression_workflow_from_run', () => ({ runId: ids.runId, rationale: canary(95), name: canary(96) })],
  ['apply_workflow_change', () => ({ proposalId: ids.open })],
  [
    'run_workflow_now',
    () => ({ workflowId: ids.workflowId, reason: canary(97), idempotencyKey: canary(98), wait: true, waitSeconds: 60 }),
  ],
];

it('names every field with text of others, in the answers of all tools', async () => {
  const existing = new Set((await client.listTools()).tools.map(({ name }) => name));
  const unmarked: string[] = [];
  for (const [name, args] of calls.filter(([name]) => existing.has(name))) {
    const { isError, structuredContent, content } = await client.callTool({ name, arguments: { ...args() } });
    expect(isError, `${name}: ${JSON.stringify(content)}`).not.toBe(true);
    const { unnamed, named } = check(structuredContent);
    expect(named, `${name} says nothing of others`).toBeGreaterThan(0);
    unmarked.push(...unnamed.map((path) => `${name}: ${path}`));
  }
  expect(unmarked).toEqual([]);
});

it('leaves the words of Armature itself unmarked', async () => {
  const { structuredContent } = await client.callTool({ name: 'get_authoring_guide', arguments: {} });
  expect(structuredContent).not.toHaveProperty('_untrusted');
});

it('calls every tool that says something of others', async () => {
  const rest = ['sync_mcp_server_capabilities', 'get_authoring_guide'];
  const called = new Set([...calls.map(([name]) => name), ...rest]);
  expect((await client.listTools()).tools.map(({ name }) => name).filter((name) => !called.has(name))).toEqual([]);
});

it('names them in the content of all resources', async () => {
  const { resourceTemplates } = await client.listResourceTemplates();
  const unmarked: string[] = [];
  for (const { uriTemplate } of resourceTemplates) {
    const id = uriTemplate.includes('/runs/')
      ? ids.runId
      : uriTemplate.includes('/mcp-servers/')
        ? ids.serverId
        : uriTemplate.includes('proposals')
          ? ids.rejected
          : ids.workflowId;
    const { contents } = await client.readResource({ uri: uriTemplate.replace('{id}', id ?? '') });
    const [{ text }] = z.tuple([z.looseObject({ text: z.string() })]).parse(contents);
    const { unnamed, named } = check(JSON.parse(text));
    expect(named, uriTemplate).toBeGreaterThan(0);
    unmarked.push(...unnamed.map((path) => `${uriTemplate}: ${path}`));
  }
  expect(unmarked).toEqual([]);
});

it('keeps them out of prompts', async () => {
  for (const [name, args] of [
    ['repair_failing_workflow', { runId: ids.runId ?? '' }],
    ['design_workflow_suite', { serverId: ids.serverId ?? '' }],
  ] as const)
    expect(JSON.stringify(await client.getPrompt({ name, arguments: args }))).not.toContain('zqcanary');
});

it('keeps them apart from the words of errors', async () => {
  await scenario.deps.db.server.updateMany({ where: { id: ids.serverId ?? '' }, data: { syncAttemptedAt: null } });
  hostile.state.broken = 'tools/list';
  const failed = errorOf(
    await client.callTool({ name: 'sync_mcp_server_capabilities', arguments: { serverId: ids.serverId } }),
  );
  const { untrusted, ...details } = z.looseObject({ untrusted: z.unknown() }).parse(failed.details);
  expect(JSON.stringify(untrusted)).toContain('zqcanary');
  expect(JSON.stringify({ ...failed, details })).not.toContain('zqcanary');
  const listed = await client.callTool({ name: 'list_mcp_servers', arguments: {} });
  expect(check(listed.structuredContent)).toMatchObject({ unnamed: [] });
  hostile.state.broken = null;
  hostile.state.tool = canary(3);
  await scenario.deps.db.server.updateMany({ where: { id: ids.serverId ?? '' }, data: { syncAttemptedAt: null } });
  const synced = await client.callTool({
    name: 'sync_mcp_server_capabilities',
    arguments: { serverId: ids.serverId },
  });
  expect(check(synced.structuredContent)).toMatchObject({ unnamed: [], named: expect.any(Number) });
});
