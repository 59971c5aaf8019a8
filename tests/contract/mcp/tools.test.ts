import type { Client } from '@modelcontextprotocol/client';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atLeast, type Role, roles } from '../../../domain/role/role.ts';
import { makeWorld, type World } from '../registry/world.ts';
import { connect, keyOf } from './endpoint.ts';
import { answerOf, errorOf, outcomeOf, type Stage, startStage } from './stage.ts';

/** Roles and annotations of each tool, as in docs/mcp-api.md. */
const table: { tool: string; lowest: Role; read: boolean; destructive: boolean; idempotent: boolean; open: boolean }[] =
  [
    { tool: 'search_runs', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_workflow', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_tool_catalog', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_coverage_report', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_server_report', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_proposal', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_monitor', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_run_artifacts', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_authoring_guide', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'inspect_run', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'diagnose_run', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'get_org_health', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'list_workflows', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'list_mcp_servers', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    { tool: 'compare_runs', lowest: 'viewer', read: true, destructive: false, idempotent: true, open: false },
    // Its validation may sync the catalog, which asks the server under test.
    {
      tool: 'propose_workflow_patch',
      lowest: 'viewer',
      read: false,
      destructive: false,
      idempotent: false,
      open: true,
    },
    {
      tool: 'draft_regression_workflow_from_run',
      lowest: 'viewer',
      read: false,
      destructive: false,
      idempotent: false,
      open: false,
    },
    { tool: 'apply_workflow_change', lowest: 'editor', read: false, destructive: true, idempotent: true, open: false },
    { tool: 'run_workflow_now', lowest: 'editor', read: false, destructive: true, idempotent: true, open: true },
    {
      tool: 'sync_mcp_server_capabilities',
      lowest: 'admin',
      read: false,
      destructive: false,
      idempotent: true,
      open: true,
    },
  ];

/** Arguments that work, for each tool. */
const valid: Record<string, (stage: Stage) => Promise<Record<string, unknown>>> = {
  search_runs: async () => ({ status: 'fail' }),
  get_workflow: async ({ workflowId, versionId }) => ({ workflowId, versionId }),
  get_tool_catalog: async ({ serverId }) => ({ serverId, tools: ['get_order'] }),
  get_coverage_report: async ({ serverId }) => ({ serverId }),
  get_server_report: async ({ serverId }) => ({ serverId }),
  get_proposal: async (stage) => ({ proposalId: await stage.propose() }),
  get_monitor: async ({ monitorId }) => ({ monitorId, limit: 5 }),
  get_run_artifacts: async ({ failedRunId }) => ({ runId: failedRunId }),
  get_authoring_guide: async () => ({ topic: 'models' }),
  inspect_run: async ({ failedRunId }) => ({ runId: failedRunId }),
  diagnose_run: async ({ failedRunId }) => ({ runId: failedRunId }),
  get_org_health: async () => ({ range: '7d' }),
  list_workflows: async () => ({}),
  list_mcp_servers: async () => ({}),
  compare_runs: async ({ passedRunId, failedRunId }) => ({ baselineRunId: passedRunId, candidateRunId: failedRunId }),
  propose_workflow_patch: async ({ workflowId, scenario }) => ({
    workflowId,
    baseVersionId: (await scenario.deps.db.workflow.findUniqueOrThrow({ where: { id: workflowId } })).activeVersionId,
    rationale: 'Say what it is for.',
    changes: { description: 'Orders a mug and reads the order back.' },
  }),
  draft_regression_workflow_from_run: async ({ failedRunId }) => ({ runId: failedRunId, rationale: 'Pin it.' }),
  apply_workflow_change: async (stage) => ({ proposalId: await stage.propose() }),
  run_workflow_now: async ({ workflowId }) => ({ workflowId, reason: 'Does it work again?' }),
  sync_mcp_server_capabilities: async (stage) => {
    stage.pass(6 * 60_000);
    return { serverId: stage.serverId };
  },
};
const argumentsOf = (tool: string, stage: Stage) => {
  const make = valid[tool];
  if (!make) throw new Error(`no arguments for ${tool}`);
  return make(stage);
};

let stage: Stage;
let clients: Record<Role, Client>;
let theirs: World;
const ajv = new Ajv2020({ strict: false, validateFormats: false });

beforeAll(async () => {
  stage = await startStage();
  const { org, deps } = stage.scenario;
  const open = async (role: Role) => connect(stage.endpoint.url, await keyOf(org, role));
  clients = {
    viewer: await open('viewer'),
    editor: await open('editor'),
    admin: await open('admin'),
    owner: await open('owner'),
  };
  theirs = await makeWorld(deps, { shopUrl: stage.scenario.shop.url });
});
afterAll(async () => {
  for (const client of Object.values(clients ?? {})) await client.close();
  await stage?.close();
});

describe('the tools', () => {
  it('are those of the specification, with their hints', async () => {
    const { tools } = await clients.viewer.listTools();
    expect(
      tools.map(({ name, annotations }) => ({
        tool: name,
        read: annotations?.readOnlyHint,
        destructive: annotations?.destructiveHint,
        idempotent: annotations?.idempotentHint,
        open: annotations?.openWorldHint,
      })),
    ).toEqual(table.map(({ lowest: _, ...row }) => row));
  });

  it('tell an agent what they are for, and take telemetry', async () => {
    for (const tool of (await clients.viewer.listTools()).tools) {
      expect(tool.description?.length, tool.name).toBeGreaterThan(150);
      expect(tool.description, tool.name).toMatch(/Next: /);
      expect(tool.inputSchema.properties, tool.name).toHaveProperty('telemetry');
      expect(tool.inputSchema, tool.name).toMatchObject({ additionalProperties: false });
      expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object' });
    }
  });
});

describe.each(table)('$tool', ({ tool, lowest }) => {
  it.each(roles)('as %s', async (role) => {
    const args = await argumentsOf(tool, stage);
    if (!atLeast(role, lowest)) {
      const error = errorOf(await clients[role].callTool({ name: tool, arguments: args }));
      expect(error).toMatchObject({ code: 'permission_denied', details: { neededRole: lowest } });
      return;
    }
    const listed = (await clients[role].listTools()).tools.find(({ name }) => name === tool);
    const answer = await clients[role].callTool({ name: tool, arguments: args });
    const schema: SchemaObject = JSON.parse(JSON.stringify(listed?.outputSchema));
    const validate = ajv.compile(schema);
    expect(validate(answer.structuredContent), JSON.stringify(validate.errors)).toBe(true);
    expect(answer.content).toEqual([{ type: 'text', text: JSON.stringify(answer.structuredContent) }]);
  });

  it('refuses an argument that it does not know, and one of the wrong kind', async () => {
    const args = await argumentsOf(tool, stage);
    const misspelled = await clients.owner.callTool({ name: tool, arguments: { ...args, woorkflowId: 'x' } });
    expect(errorOf(misspelled)).toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'woorkflowId' }] },
    });
    for (const name of Object.keys(args)) {
      const wrong = await clients.owner.callTool({ name: tool, arguments: { ...args, [name]: { no: 'such' } } });
      expect(errorOf(wrong).code, name).toBe('validation_failed');
    }
  });

  it("does not find another organization's", async () => {
    const ids: Record<string, string> = {
      runId: theirs.runId,
      baselineRunId: theirs.runId,
      candidateRunId: theirs.runId,
      workflowId: theirs.workflowId,
      serverId: theirs.serverId,
      proposalId: theirs.runId,
      versionId: theirs.versionId,
      monitorId: theirs.monitorId,
    };
    const args = await argumentsOf(tool, stage);
    for (const [name, value] of Object.entries(args)) {
      const foreign = ids[name];
      if (foreign === undefined || value === undefined) continue;
      const made = await argumentsOf(tool, stage);
      expect(await outcomeOf(clients.owner, tool, { ...made, [name]: foreign }), name).toMatch(/_not_found$/);
    }
  });

  it('keeps the declared intent in the audit log', async () => {
    const args = await argumentsOf(tool, stage);
    const intent = `to see ${tool} leave a trace`;
    await answerOf(clients.owner, tool, { ...args, telemetry: { intent } });
    const rows = await stage.scenario.deps.db.auditEvent.findMany({
      where: { orgId: stage.scenario.org.orgId, intent },
    });
    expect(rows).not.toEqual([]);
    for (const row of rows) expect(row.actorKind).toBe('api_key');
  });
});
