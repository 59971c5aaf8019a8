import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isSchema } from '../../../api/input/json-schema.ts';
import { toolsByName } from '../../../api/mcp/tool-list.ts';
import { root } from '../../../api/rest/mount.ts';
import { routes } from '../../../api/rest/registry.ts';
import { createClient, type OperationName, RefusedError } from '../../../cli/client/client.ts';
import { operations } from '../../../cli/client/operations.ts';
import { exitCodes } from '../../../cli/exit.ts';
import { httpStatus } from '../../../domain/error/codes.ts';
import { type TestDeps, testDeps } from '../../support/setup/context.ts';
import { connect, type Endpoint, keyOf, startEndpoint } from '../mcp/endpoint.ts';
import { makeWorld, type World } from '../registry/world.ts';
import { type RestApi, send, startRest } from './client.ts';

/** Tools whose use case has no operation: several operations together say the same, or it is documentation. */
const ofAgentsAlone = new Set(['get_workflow', 'get_tool_catalog', 'get_monitor', 'get_authoring_guide']);
const operationNames = Object.keys(operations).filter((name): name is OperationName => name in operations);

const asRefusal = (error: unknown): RefusedError => {
  if (error instanceof RefusedError) return error;
  throw error;
};

/** A program asks again instead. */
const waiting = ['wait', 'waitSeconds'];

describe.each([...toolsByName].filter(([name]) => !ofAgentsAlone.has(name)))('the tool %s', (_, tool) => {
  it('and its operations are one use case, with one role and the same names of arguments', () => {
    const own = routes.filter(({ useCase }) => useCase.name === tool.useCase.name);
    expect(own.length).toBeGreaterThan(0);
    for (const { useCase } of own) expect(useCase).toBe(tool.useCase);
    const { properties } = tool.listed.inputSchema;
    const names = Object.keys(isSchema(properties) ? properties : {});
    const inRest = new Set(own.flatMap(({ input }) => Object.keys(input.shape)));
    expect(names.filter((name) => name !== 'telemetry' && !waiting.includes(name)).sort()).toEqual([...inRest].sort());
  });
});

describe('the command', () => {
  it('knows every operation of the API by its method and path, and no other', () => {
    const known = routes.map(({ operationId, method, path }) => [operationId, [method, path]]);
    expect(Object.entries(operations).toSorted()).toEqual(known.toSorted());
  });
});

describe('a refusal over MCP, over REST and by the command', () => {
  let test: TestDeps;
  let api: RestApi;
  let endpoint: Endpoint;
  let world: World;
  const clients = new Map<string, { key: string; client: Client }>();

  beforeAll(async () => {
    test = await testDeps();
    await test.deps.temporal.ensureSearchAttributes();
    api = await startRest(test.deps);
    endpoint = await startEndpoint(test.deps);
    world = await makeWorld(test.deps, { shopUrl: 'http://127.0.0.1:9/mcp' });
    for (const role of ['viewer', 'owner'] as const) {
      const key = await keyOf(world.org, role);
      clients.set(role, { key, client: await connect(endpoint.url, key) });
    }
  });
  afterAll(async () => {
    for (const { client } of clients.values()) await client.close();
    await endpoint?.close();
    await api?.close();
    await test?.close();
  });

  const apiError = z.object({
    code: z.string(),
    details: z.object({ fieldErrors: z.array(z.object({ field: z.string() })).optional() }).optional(),
  });

  it.each([
    ['run_not_found', 'owner', 'inspect_run', () => ({ runId: crypto.randomUUID() }), 'GET', '/runs/{runId}'],
    ['run_not_found', 'viewer', 'diagnose_run', () => ({ runId: 'nope' }), 'GET', '/runs/{runId}/diagnosis'],
    ['run_not_terminal', 'viewer', 'diagnose_run', ({ runId }: World) => ({ runId }), 'GET', '/runs/{runId}/diagnosis'],
    [
      'proposal_not_found',
      'owner',
      'apply_workflow_change',
      () => ({ proposalId: 'x' }),
      'POST',
      '/proposals/{proposalId}/apply',
    ],
    [
      'permission_denied',
      'viewer',
      'apply_workflow_change',
      ({ proposalId }: World) => ({ proposalId }),
      'POST',
      '/proposals/{proposalId}/apply',
    ],
    [
      'validation_failed',
      'owner',
      'run_workflow_now',
      ({ workflowId }: World) => ({ workflowId, reason: 'x'.repeat(501) }),
      'POST',
      '/workflows/{workflowId}/runs',
    ],
    [
      'workflow_not_found',
      'owner',
      'run_workflow_now',
      () => ({ workflowId: 'x', reason: 'y' }),
      'POST',
      '/workflows/{workflowId}/runs',
    ],
  ] as const)('%s of a key of the role %s for %s is the same', async (code, role, tool, input, method, path) => {
    const { key, client } = clients.get(role) ?? {};
    const given: { [name: string]: string } = input(world);
    const { [Object.keys(given)[0] ?? '']: _, ...body } = given;
    const called = await client?.callTool({ name: tool, arguments: given });
    const overMcp = apiError.parse(called?._meta?.['armature/error']);
    const filled = path.replace(/\{(\w+)\}/, (_match, name) => given[name] ?? '');
    const answer = await send(`${api.url}${filled}`, method, {
      key: key ?? null,
      ...(method === 'POST' && { body }),
    });
    const overRest = apiError.parse(answer.body.error);
    // What is said of it differs: agents read the names of tools.
    expect([overMcp.code, overRest.code]).toEqual([code, code]);
    const fields = ({ details }: z.infer<typeof apiError>) => details?.fieldErrors?.map(({ field }) => field);
    expect(fields(overRest)).toEqual(fields(overMcp));
    const operation = operationNames.find((name) => operations[name][0] === method && operations[name][1] === path);
    if (!operation) throw new Error(`The command does not know ${method} ${path}.`);
    const ask = createClient({
      url: api.url.replace(root, ''),
      key: key ?? '',
      signal: new AbortController().signal,
      note: () => {},
    });
    const refusal = await ask.call(operation, given, z.unknown()).then(() => null, asRefusal);
    expect(refusal).toMatchObject({
      code,
      exitCode: httpStatus(code) === 409 ? exitCodes.incomplete : exitCodes.usage,
    });
    expect(refusal?.message).toContain(answer.body.error.message);
    expect(refusal?.fieldErrors.map(({ field }) => field)).toEqual(fields(overRest) ?? []);
  });
});
