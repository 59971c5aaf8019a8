import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFuzz } from '../../support/fuzz.ts';
import { heapUsed } from '../../support/setup/heap.ts';
import { keyOf, send } from './endpoint.ts';
import { type Stage, startStage } from './stage.ts';

const seed = Number(process.env.ARMATURE_FUZZ_SEED ?? 20261121);
const total = 5000;
const measuredFrom = 1000;

const { cursor, hostile, next, pick, spoiled, uuid } = createFuzz(seed);

type Message = { method: string; params: unknown };

/** Requests that would work, of every method. */
function sound(stage: Stage, proposalId: string): Message[] {
  const { workflowId, versionId, serverId, passedRunId, failedRunId } = stage;
  const call = (name: string, args: object): Message => ({ method: 'tools/call', params: { name, arguments: args } });
  const changes = {
    name: 'Renamed',
    description: 'Other words',
    prompt: 'call get_shop_status {}',
    testerModels: ['builtin/scripted'],
    judgeModel: 'builtin/assertions',
    schedule: '0 9 * * *',
    timezone: 'Europe/Berlin',
    toolPolicy: { allowedTools: ['get_order'], blockedTools: ['refund_order'] },
    limits: { turns: 5 },
    criteria: [
      { op: 'add', position: 0, text: 'no tool call fails', isRequired: true },
      { op: 'move', position: 0, toPosition: 1 },
    ],
  };
  const definition = { ...changes, serverId, criteria: [{ text: 'no tool call fails', isRequired: true }] };
  return [
    call('search_runs', {
      workflowId,
      serverId,
      status: 'fail',
      trigger: 'manual',
      limit: 5,
      before: '2030-01-01T00:00:00Z',
      after: '2020-01-01T00:00:00Z',
    }),
    call('search_runs', { limit: 1, cursor: cursor('2026-01-01T00:00:00.000Z', uuid) }),
    call('inspect_run', { runId: failedRunId, telemetry: { intent: 'to see' } }),
    call('diagnose_run', { runId: failedRunId }),
    call('get_org_health', { range: '24h' }),
    call('list_workflows', { serverId, state: 'active', search: 'mug', limit: 5, status: 'fail' }),
    call('list_mcp_servers', { search: 'shop', archived: false }),
    call('compare_runs', { baselineRunId: passedRunId, candidateRunId: failedRunId }),
    call('propose_workflow_patch', {
      workflowId,
      baseVersionId: versionId,
      rationale: 'Because',
      changes,
      evidence: [failedRunId],
    }),
    call('propose_workflow_patch', { serverId, definition, rationale: 'Because' }),
    call('draft_regression_workflow_from_run', { runId: failedRunId, name: 'Pinned', rationale: 'Because' }),
    call('apply_workflow_change', { proposalId }),
    call('run_workflow_now', {
      workflowId,
      reason: 'Again',
      idempotencyKey: 'once',
      modelId: 'builtin/scripted',
      baselineRunId: failedRunId,
      waitSeconds: 1,
    }),
    call('sync_mcp_server_capabilities', { serverId }),
    { method: 'resources/read', params: { uri: `armature://runs/${failedRunId}/trace` } },
    { method: 'resources/read', params: { uri: `armature://workflows/${workflowId}?x=1` } },
    { method: 'resources/list', params: {} },
    { method: 'prompts/get', params: { name: 'repair_failing_workflow', arguments: { runId: failedRunId } } },
    { method: 'prompts/get', params: { name: 'design_workflow_suite', arguments: { serverId, goal: 'all' } } },
    {
      method: 'completion/complete',
      params: {
        ref: { type: 'ref/resource', uri: 'armature://runs/{id}/trace' },
        argument: { name: 'id', value: '0' },
      },
    },
    { method: 'tools/list', params: { cursor: 'x' } },
    {
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
    },
    { method: 'server/discover', params: {} },
    { method: 'logging/setLevel', params: { level: 'debug' } },
  ];
}

function bodyOf(messages: readonly Message[]): string {
  const { method, params } = pick(messages);
  const kind = next();
  if (kind < 0.04)
    return pick([
      '',
      '{',
      '[]',
      '"x"',
      'null',
      '\u0000',
      '[1,2',
      `${'['.repeat(5000)}`,
      `{"a":${'{"a":'.repeat(200)}1${'}'.repeat(201)}`,
      '{"jsonrpc":"2.0"}',
    ]);
  const message = { jsonrpc: '2.0', id: 1, method, params: kind < 0.85 ? spoiled(params) : params };
  if (kind < 0.95) return JSON.stringify(message);
  return JSON.stringify(spoiled(message));
}

const answered = z.union([
  z.object({ jsonrpc: z.literal('2.0'), result: z.record(z.string(), z.unknown()) }),
  z.object({
    jsonrpc: z.literal('2.0'),
    error: z.object({ code: z.int(), message: z.string().min(1), data: z.unknown().optional() }),
  }),
]);

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.close());

describe(`${total} hostile requests (ARMATURE_FUZZ_SEED=${seed})`, () => {
  it('get structured errors and nothing internal, and leave no memory behind', { timeout: 540_000 }, async () => {
    const key = await keyOf(stage.scenario.org, 'admin');
    const messages = sound(stage, await stage.propose());
    const odd: string[] = [];
    let sent = 0;
    let before = 0;
    const one = async (): Promise<void> => {
      const body = bodyOf(messages);
      const version =
        next() < 0.1 ? (JSON.stringify(hostile()) ?? '').replaceAll(/[^\x20-\x7e]/g, '').slice(0, 50) : '2025-11-25';
      const answer = await send(stage.endpoint.url, { key, body, headers: { 'mcp-protocol-version': version || 'x' } });
      const read = answered.safeParse(answer.body);
      const noted = answer.status === 202 && answer.body === undefined;
      const fine = noted || (answer.status < 500 && read.success && !/internal_error|"code":-32603/.test(answer.text));
      if (!fine) odd.push(`${answer.status} ${answer.text.slice(0, 400)}\n    to ${body.slice(0, 600)}`);
    };
    while (sent < total) {
      await Promise.all(Array.from({ length: 8 }, one));
      sent += 8;
      if (before === 0 && sent >= measuredFrom) before = heapUsed();
    }
    expect(odd.slice(0, 10)).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
    // Finalizers, such as those of `fetch`, run some time after a collection, and release more for the next.
    await expect.poll(() => heapUsed() / before, { interval: 300, timeout: 30_000 }).toBeLessThan(1.1);
  });
});
