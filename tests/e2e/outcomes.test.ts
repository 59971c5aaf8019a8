import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChecks } from '../../services/check/run-batch.ts';
import { listIncidents } from '../../services/incident/list.ts';
import { setMonitorState } from '../../services/monitor/set-state.ts';
import { diagnoseRun } from '../../services/run/diagnosis/diagnose.ts';
import { getTrace } from '../../services/run/trace/trace.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { makeMonitors, type NewMonitor } from '../support/monitors.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { fault, type Reply, replyClosing, replyHttp, replyHttpError, tool } from '../support/targets/cases/case.ts';
import { serveCases } from '../support/targets/cases/index.ts';
import type { Listening } from '../support/targets/http.ts';

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
const numberA = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };
const typed = (result: object, outputSchema: object = numberA) => ({
  server: { tools: [tool('x', { outputSchema })], result },
});
const answering = (reply: Reply) => ({ server: { tools: [tool('x'), tool('y')], on: { 'tools/call': reply } } });

const cases = {
  fits: typed({ ...text('{"a":1}'), structuredContent: { a: 1 } }),
  breaks: typed({ ...text('{"a":"str"}'), structuredContent: { a: 'str', b: 1 } }),
  missing: typed(text('1')),
  'error-result': typed({ ...text('quota'), isError: true, structuredContent: { code: 'QUOTA' } }),
  'no-schema': { server: { tools: [tool('x')], result: { ...text('x'), structuredContent: { a: 'str' } } } },
  unusable: typed(
    { ...text('x'), structuredContent: { a: 1 } },
    { type: 'object', properties: { a: { $ref: 'https://elsewhere.test/schema' } } },
  ),
  links: {
    server: {
      tools: [tool('x')],
      result: {
        content: [
          { type: 'resource_link', uri: 'demo://resource/1', name: 'One' },
          { type: 'resource', resource: { uri: 'demo://text', text: 'embedded' } },
        ],
      },
    },
  },
  large: { server: { tools: [tool('x')], result: text(`begin ${'z'.repeat(2_000_000)} end`) } },
  'big-structured': {
    server: {
      tools: [tool('x')],
      result: { ...text('x'), structuredContent: { id: 'DIGITS', list: ['DIGITS'], same: 9007199254740992 } },
      wire: { change: (sent: string) => sent.replaceAll('"DIGITS"', '9007199254740993') },
    },
  },
  'big-number': { server: { tools: [tool('x')], result: text('{"id":9007199254740993}') } },
  'bad-gateway': answering(replyHttp(502, '<h1>Bad Gateway</h1>', { 'content-type': 'text/html' })),
  unavailable: answering(replyHttp(503, 'Deploying. Back in 5 minutes.')),
  'rpc-error-400': answering(replyHttpError(400, -32602, 'Invalid arguments for tool x')),
  forbidden: answering(replyHttp(403, 'Access is only allowed at localhost')),
  'server-error': answering(replyHttp(500, 'Traceback: KeyError')),
  closing: answering(replyClosing),
  'one-unavailable': answering((context) =>
    context.message.params?.name === 'x' ? replyHttp(503, 'Down.')(context) : fault(context.message.id, -32000, 'No.'),
  ),
};

let scenario: Scenario;
let target: Listening;
beforeAll(async () => {
  scenario = await startScenario();
  target = await serveCases(cases);
});
afterAll(async () => {
  await target?.close();
  await scenario?.close();
});

async function connect(name: keyof typeof cases): Promise<{ serverId: string; authProfileId: string }> {
  const { deps, org } = scenario;
  const { serverId, probe } = await connectServer(org.ctx, {
    name,
    transport: 'streamable_http',
    url: `${target.origin}/${name}`,
    auth: { kind: 'none' },
  });
  if (serverId === null) throw new Error(JSON.stringify(probe));
  const { id } = await deps.db.authProfile.findFirstOrThrow({ where: { orgId: org.orgId, serverId } });
  return { serverId, authProfileId: id };
}

/** Carries out one batch of checks. @returns them in the order of the monitors */
async function check(name: keyof typeof cases, monitors: NewMonitor[]) {
  const { deps, org } = scenario;
  const { orgId } = org;
  const server = await connect(name);
  const ids = await makeMonitors(deps, { orgId, ...server }, monitors);
  // A monitor that has never passed opens no incident.
  const day = new Date('2026-11-01T00:00:00Z');
  await deps.db.checkDay.createMany({
    data: ids.map((monitorId) => ({ orgId, monitorId, day, pass: 1, latency: [] })),
  });
  const scheduledAt = new Date();
  const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
  const batch = { serverId: server.serverId, intervalSeconds: 60, scheduledAt: scheduledAt.toISOString(), attempt };
  await runChecks(org.asSystem(), batch);
  // A repeated batch finds everything done.
  await runChecks(org.asSystem(), batch);
  const rows = await deps.db.check.findMany({ where: { orgId, scheduledAt, monitor: { serverId: server.serverId } } });
  const { incidents } = await listIncidents(org.ctx, { state: 'open', serverId: server.serverId });
  // Servers that don't answer would become one outage of all together.
  await setMonitorState(org.ctx, { monitorIds: ids, state: 'paused' });
  return {
    checks: ids.flatMap((id) => rows.find(({ monitorId }) => monitorId === id) ?? []),
    incidents: incidents
      .filter(({ parentId }) => parentId === null)
      .map(({ subject, summary }) => `${subject.kind}: ${summary}`)
      .sort(),
  };
}

async function run(name: keyof typeof cases, criteria: string[]) {
  const { org } = scenario;
  const { serverId } = await connect(name);
  const { workflow } = await createWorkflow(org.ctx, {
    definition: {
      name: `Call x of ${name}`,
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call x {}',
      criteria: criteria.map((each) => ({ text: each, isRequired: true })),
      retryPolicy: { attempts: 1 },
    },
  });
  const runId = await scenario.dispatch(workflow.id);
  const { run: ended, results } = await scenario.finished(runId);
  const { calls } = await getTrace(org.ctx, { runId });
  return { runId, status: ended.status, error: ended.error, calls, verdicts: results.map(({ verdict }) => verdict) };
}

describe('a check of a tool with an output schema', () => {
  it.each<[keyof typeof cases, string, RegExp | null]>([
    ['fits', 'pass', null],
    ['breaks', 'degraded', /breaks the tool's output schema: `b` is not in the schema; `a` must be number\./],
    ['missing', 'degraded', /it has no structured content/],
    ['error-result', 'fail', null],
    ['no-schema', 'pass', null],
    ['unusable', 'pass', null],
  ])('whose result is %s: %s', async (name, outcome, says) => {
    const { checks } = await check(name, [{ tool: 'x' }]);
    expect(checks).toMatchObject([{ outcome, degradedBy: says ? [expect.stringMatching(says)] : [] }]);
    if (name === 'unusable') expect(checks[0]?.excerpt).toMatch(/Note: The result was not checked: .*another document/);
  });

  it('passes where the monitor does not check it, and names nothing where results are not stored', async () => {
    const { checks } = await check('breaks', [
      { tool: 'x', checkOutputSchema: false },
      { tool: 'x', storeResults: false },
      { tool: 'x', checkOutputSchema: false, assertions: ['`x` result fits its output schema'] },
    ]);
    expect(checks.map(({ outcome }) => outcome)).toEqual(['pass', 'degraded', 'degraded']);
    expect(checks[1]?.degradedBy).toEqual(["The result breaks the tool's output schema."]);
  });
});

describe('a run of a tool with an output schema', () => {
  const criteria = ['`x` result fits its output schema', 'no result breaks its output schema', 'no tool call fails'];
  it.each<[keyof typeof cases, string, string[]]>([
    ['fits', 'pass', ['pass', 'pass', 'pass']],
    ['breaks', 'fail', ['fail', 'fail', 'pass']],
    ['missing', 'fail', ['fail', 'fail', 'pass']],
    ['error-result', 'fail', ['fail', 'pass', 'fail']],
    ['unusable', 'error', ['error', 'pass', 'pass']],
  ])('whose result is %s: %s', async (name, status, expected) => {
    const ended = await run(name, criteria);
    expect([ended.status, ended.verdicts]).toEqual([status, expected]);
  });

  it('fails by nothing but a criterion', async () => {
    const ended = await run('breaks', ['no tool call fails']);
    expect(ended.status).toBe('pass');
    expect(ended.calls[0]?.result?.outputFit).toEqual({
      fits: false,
      issues: ['`b` is not in the schema', '`a` must be number'],
    });
  });
});

describe('what a server says', () => {
  it('is read from links and embedded resources', async () => {
    const { checks } = await check('links', [{ tool: 'x', assertions: ['`x` result contains "demo://resource/1"'] }]);
    expect(checks).toMatchObject([{ outcome: 'pass', excerpt: '[resource_link demo://resource/1]\nembedded' }]);
  });

  it('keeps the digits of numbers', async () => {
    const ended = await run('big-number', [
      '`x` result field `id` equals 9007199254740993',
      '`x` result field `id` does not equal 9007199254740992',
    ]);
    expect(ended.verdicts).toEqual(['pass', 'pass']);
  });

  it('keeps the digits of numbers in structured content', async () => {
    const ended = await run('big-structured', [
      '`x` result field `id` equals 9007199254740993',
      '`x` result field `id` does not equal 9007199254740992',
      '`x` result field `list` contains 9007199254740993',
      '`x` result field `same` equals 9007199254740992',
      '`x` result field `same` does not equal 9007199254740993',
    ]);
    expect(ended.verdicts).toEqual(['pass', 'pass', 'pass', 'pass', 'pass']);
    const { checks } = await check('big-structured', [
      { tool: 'x', assertions: ['`x` result field `id` equals 9007199254740993'] },
      { tool: 'x', assertions: ['`x` result field `id` equals 9007199254740992'] },
    ]);
    expect(checks.map(({ outcome }) => outcome)).toEqual(['pass', 'degraded']);
  });

  it('is kept in part where it is large, which leaves open what the rest says', async () => {
    const { checks } = await check('large', [
      { tool: 'x' },
      { tool: 'x', assertions: ['`x` result contains "begin"'] },
      { tool: 'x', assertions: ['`x` result contains "end"'] },
    ]);
    expect(checks.map(({ outcome }) => outcome)).toEqual(['pass', 'pass', 'degraded']);
    expect(checks[0]?.resultBytes).toBeGreaterThan(2_000_000);
    expect(checks[2]?.degradedBy[0]).toMatch(/Only a part of the result .* was kept, of \d+ bytes in all/);
    const ended = await run('large', ['`x` result contains "begin"', '`x` result contains "end"']);
    expect(ended).toMatchObject({ status: 'error', error: { kind: 'judge' }, verdicts: ['pass', 'error'] });
  });

  it.each<[keyof typeof cases, RegExp]>([
    ['unavailable', /Back in 5 minutes/],
    ['server-error', /KeyError/],
  ])('is in check, trace and diagnosis when it answers %s', async (name, says) => {
    const { checks } = await check(name, [{ tool: 'x' }]);
    expect(checks[0]?.excerpt).toMatch(says);
    const ended = await run(name, ['no tool call fails']);
    expect(ended.calls[0]?.error).toMatch(says);
    const { causes } = await diagnoseRun(scenario.org.ctx, { runId: ended.runId });
    expect(causes.map(({ said }) => said?.join(' ')).join(' ')).toMatch(says);
  });
});

describe('a batch of which every check fails', () => {
  const both: NewMonitor[] = [{ tool: 'x' }, { tool: 'y' }];
  it.each<[keyof typeof cases, RegExp]>([
    ['bad-gateway', /^server: No check gets an answer \(HTTP 502 Bad Gateway\)/],
    ['unavailable', /^server: No check gets an answer \(HTTP 503 Service Unavailable\): .*Back in 5 minutes/],
    ['closing', /^server: No check gets an answer \(connection /],
  ])('without an answer is one incident of the server, which says why: %s', async (name, says) => {
    const { incidents, checks } = await check(name, both);
    expect(incidents).toEqual([expect.stringMatching(says)]);
    expect(checks.map(({ serverFailure }) => serverFailure)).not.toContain(null);
  });

  it.each<[keyof typeof cases]>([['server-error'], ['rpc-error-400'], ['one-unavailable']])(
    'with an answer is an incident of each monitor: %s',
    async (name) => {
      const { incidents } = await check(name, both);
      expect(incidents.map((each) => each.split(':')[0])).toEqual(['monitor', 'monitor']);
    },
  );

  it('with the same refusal is one incident of the auth profile, which says why', async () => {
    const { incidents } = await check('forbidden', both);
    expect(incidents).toEqual([expect.stringMatching(/^auth_profile: .*403.*Access is only allowed at localhost/)]);
  });

  it('needs two checks', async () => {
    const { incidents } = await check('unavailable', [{ tool: 'x' }]);
    expect(incidents).toEqual([expect.stringMatching(/^monitor: /)]);
  });
});
