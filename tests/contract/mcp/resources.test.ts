import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeWorld, type World } from '../registry/world.ts';
import { connect, keyOf } from './endpoint.ts';
import { rpcErrorOf, type Stage, startStage } from './stage.ts';

let stage: Stage;
let client: Client;
let theirs: World;
let proposalId: string;

beforeAll(async () => {
  stage = await startStage();
  const { deps, org } = stage.scenario;
  client = await connect(stage.endpoint.url, await keyOf(org, 'viewer'));
  theirs = await makeWorld(deps, {
    shopUrl: stage.scenario.shop.url,
  });
  proposalId = await stage.propose();
});
afterAll(async () => {
  await client?.close();
  await stage?.close();
});

const whole = z.record(z.string(), z.unknown());
async function read(uri: string) {
  const { contents } = await client.readResource({ uri });
  const [content] = z
    .tuple([z.looseObject({ uri: z.string(), mimeType: z.literal('application/json'), text: z.string() })])
    .parse(contents);
  expect(content.uri).toBe(uri);
  return whole.parse(JSON.parse(content.text));
}
const refusal = async (uri: string) => rpcErrorOf(await client.readResource({ uri }).catch((error) => error));

const templates = [
  'armature://workflows/{id}',
  'armature://runs/{id}/trace',
  'armature://runs/{id}/artifacts',
  'armature://mcp-servers/{id}/tool-catalog',
  'armature://mcp-servers/{id}/coverage-report',
  'armature://workflow-change-proposals/{id}',
];
const ours = (template: string) => {
  if (template.includes('/runs/')) return stage.failedRunId;
  if (template.includes('/mcp-servers/')) return stage.serverId;
  return template.includes('proposals') ? proposalId : stage.workflowId;
};
const foreign = (template: string) => {
  if (template.includes('/runs/')) return theirs.runId;
  return template.includes('/mcp-servers/') ? theirs.serverId : theirs.workflowId;
};

const notFound = (template: string) => {
  if (template.includes('/runs/')) return 'run_not_found';
  if (template.includes('/mcp-servers/')) return 'mcp_server_not_found';
  return template.includes('proposals') ? 'proposal_not_found' : 'workflow_not_found';
};

describe('resources', () => {
  it('are listed, with templates for those that have an id', async () => {
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([
      'armature://catalog/models',
      'armature://schemas/workflow',
    ]);
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(
      templates,
    );
  });

  it('hold the models with their providers, availability and prices', async () => {
    expect(await read('armature://catalog/models')).toMatchObject({
      models: expect.arrayContaining([
        expect.objectContaining({
          id: 'builtin/scripted',
          provider: 'builtin',
          keySet: true,
          price: { input: 0, output: 0 },
        }),
      ]),
    });
  });

  it('hold the schema of the definition that propose_workflow_patch takes', async () => {
    const propose = (await client.listTools()).tools.find(({ name }) => name === 'propose_workflow_patch');
    expect(await read('armature://schemas/workflow')).toEqual(propose?.inputSchema.properties?.definition);
  });

  it('hold a workflow with its definition, versions and runs', async () => {
    expect(await read(`armature://workflows/${stage.workflowId}`)).toMatchObject({
      workflow: { id: stage.workflowId, activeVersionId: stage.versionId },
      definition: { name: 'Order a mug' },
      versions: [{ number: 1 }],
      recentRuns: [
        { runId: stage.failedRunId, status: 'fail' },
        { runId: stage.passedRunId, status: 'pass' },
      ],
    });
  });

  it('hold the trace in order, marked as untrusted', async () => {
    const trace = z
      .looseObject({
        events: z.array(z.looseObject({ seq: z.int() })),
        calls: z.array(z.looseObject({ id: z.string(), tool: z.string() })),
      })
      .parse(await read(`armature://runs/${stage.failedRunId}/trace`));
    expect(trace).toMatchObject({ _untrusted: { fields: ['events[]', 'calls[]'] } });
    expect(trace.events.map(({ seq }) => seq)).toEqual(trace.events.map((_, index) => index));
    expect(trace.calls.map(({ id, tool }) => [id, tool])).toEqual([
      ['call-1', 'search_products'],
      ['call-2', 'create_order'],
      ['call-3', 'get_order'],
    ]);
  });

  it('hold a tool catalog with schemas and changes', async () => {
    const catalog = await read(`armature://mcp-servers/${stage.serverId}/tool-catalog`);
    expect(catalog).toMatchObject({
      server: { id: stage.serverId },
      tools: expect.arrayContaining([expect.objectContaining({ name: 'get_order', inputSchema: expect.anything() })]),
      changes: expect.any(Array),
    });
  });

  describe.each(templates)('%s', (template) => {
    it('is read by an id of ours', async () => {
      expect(await read(template.replace('{id}', ours(template)))).toEqual(expect.any(Object));
    });

    it("does not find another organization's, nor what is no id", async () => {
      expect((await refusal(template.replace('{id}', foreign(template)))).code).toMatch(/_not_found$/);
      for (const id of ['x', '..', `${ours(template)}%00`])
        expect(await refusal(template.replace('{id}', id)), id).toMatchObject({ code: notFound(template) });
      for (const id of ['', `${ours(template)}/`])
        expect(await refusal(template.replace('{id}', id)), id).toMatchObject({ code: 'resource_not_found' });
    });

    it('takes no query string and no fragment', async () => {
      for (const rest of ['?', '?limit=1', '#a'])
        expect(await refusal(`${template.replace('{id}', ours(template))}${rest}`)).toMatchObject({
          code: 'validation_failed',
          details: { fieldErrors: [{ field: 'uri' }] },
        });
    });

    it('completes the id from recent objects', async () => {
      const ask = async (value: string, name = 'id') =>
        (await client.complete({ ref: { type: 'ref/resource', uri: template }, argument: { name, value } })).completion
          .values;
      expect(await ask('')).toContain(ours(template));
      expect(await ask(ours(template).slice(0, 30))).toContain(ours(template));
      expect(await ask('zzz')).toEqual([]);
      expect(await ask('', 'other')).toEqual([]);
    });
  });

  it.each([
    'armature://catalog/models/',
    'armature://CATALOG/models',
    'armature://nothing',
    'https://example.com',
    '',
    'armature://runs/../workflows',
  ])('does not find %j', async (uri) => {
    expect(await refusal(uri)).toMatchObject({ code: 'resource_not_found' });
  });
});

describe('prompts', () => {
  const text = async (name: string, args: Record<string, string>) => {
    const { messages } = await client.getPrompt({ name, arguments: args });
    return z
      .tuple([z.object({ role: z.literal('user'), content: z.object({ type: z.literal('text'), text: z.string() }) })])
      .parse(messages)[0].content.text;
  };

  it('repair_failing_workflow leads through seven steps with the ids filled in, and holds no content', async () => {
    const said = await text('repair_failing_workflow', { runId: stage.failedRunId });
    expect(said.match(/^\d\. /gm)).toHaveLength(7);
    for (const id of [stage.failedRunId, stage.workflowId, stage.versionId, stage.serverId]) expect(said).toContain(id);
    expect(said).not.toContain('The order book is closed.');
  });

  it('design_workflow_suite names the server and the goal', async () => {
    const said = await text('design_workflow_suite', { serverId: stage.serverId, goal: 'refunds' });
    expect(said).toContain(stage.serverId);
    expect(said).toContain('refunds');
  });

  it('name tools that exist, and say it of a run that passed', async () => {
    const { tools } = await client.listTools();
    const named = async (name: string, args: Record<string, string>) =>
      (await text(name, args)).match(/\b[a-z]+_[a-z_]+\b/g);
    for (const [name, args] of [
      ['repair_failing_workflow', { runId: stage.failedRunId }],
      ['design_workflow_suite', { serverId: stage.serverId }],
    ] as const) {
      const words = (await named(name, args)) ?? [];
      expect(words).toContain('propose_workflow_patch');
      expect(words.filter((word) => !tools.some((tool) => tool.name === word))).toEqual([]);
    }
    expect(await text('repair_failing_workflow', { runId: stage.passedRunId })).toContain('passed');
  });

  it.each([
    ['repair_failing_workflow', {}, 'validation_failed'],
    ['repair_failing_workflow', { runId: 'x' }, 'run_not_found'],
    ['repair_failing_workflow', { run: 'x' }, 'validation_failed'],
    ['repair_failing_workflow', { runId: '019bd5a3-1111-7111-8111-111111111111' }, 'run_not_found'],
    ['design_workflow_suite', { serverId: '019bd5a3-1111-7111-8111-111111111111' }, 'mcp_server_not_found'],
    ['no_such_prompt', {}, 'validation_failed'],
  ])('%s with %j is refused', async (name, args, code) => {
    expect(rpcErrorOf(await client.getPrompt({ name, arguments: args }).catch((error) => error)).code).toBe(code);
  });

  it('completes ids of runs and servers', async () => {
    const ask = async (name: string, argument: string) =>
      (await client.complete({ ref: { type: 'ref/prompt', name }, argument: { name: argument, value: '' } })).completion
        .values;
    expect(await ask('repair_failing_workflow', 'runId')).toContain(stage.failedRunId);
    expect(await ask('design_workflow_suite', 'serverId')).toContain(stage.serverId);
    expect(await ask('design_workflow_suite', 'goal')).toEqual([]);
  });
});
