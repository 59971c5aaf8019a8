import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModels } from '../../infra/models/index.ts';
import { newId } from '../../services/context/ids.ts';
import { cancelRun } from '../../services/run/dispatch/cancel.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { searchRuns } from '../../services/run/reading/search.ts';
import { getTrace } from '../../services/run/trace/trace.ts';
import { editServer } from '../../services/server/edit.ts';
import { until } from '../faults/process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';

/** A provider that answers every question with this judgment. */
async function startJudge(judgment: object) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(body);
    const message = { role: 'assistant', content: JSON.stringify(judgment) };
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        id: 'c1',
        object: 'chat.completion',
        created: 0,
        model: 'judge',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
      }),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the judge listens on no port');
  return {
    requests,
    models: createModels({
      providers: [
        {
          name: 'standin',
          baseUrl: `http://127.0.0.1:${address.port}/v1`,
          apiKey: 'key-of-the-standin',
          models: [{ id: 'judge', inputPrice: 1, outputPrice: 10 }],
        },
      ],
    }),
    close: () => new Promise((closed) => server.close(closed)),
  };
}

describe('a run', () => {
  let scenario: Scenario;
  let judge: Awaited<ReturnType<typeof startJudge>>;
  beforeAll(async () => {
    judge = await startJudge({ rationale: 'Half of it is there.', evidence: ['call-1'], verdict: 'partial' });
    scenario = await startScenario({ models: judge.models });
  });
  afterAll(async () => {
    await scenario?.close();
    await judge?.close();
  });

  it('passes, with its trace, its verdicts and its use', async () => {
    const runId = await scenario.dispatch(await scenario.workflow());
    const { run, results, version, temporalUrl } = await scenario.finished(runId);
    expect(run).toMatchObject({
      status: 'pass',
      error: null,
      flagged: false,
      callCount: 3,
      trigger: 'manual',
      cost: 0,
    });
    expect(run.finalAnswer).toContain('confirmed');
    expect(run.durationMs).toBe(Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? ''));
    expect(run.catalogHash).toMatch(/^[0-9a-f]{64}$/);
    expect(version.number).toBe(1);
    expect(temporalUrl).toBeNull();
    expect(results.map(({ verdict, gradedBy }) => ({ verdict, gradedBy }))).toEqual([
      { verdict: 'pass', gradedBy: 'assertion' },
      { verdict: 'pass', gradedBy: 'assertion' },
    ]);

    const { events, calls, status, nextSeq } = await getTrace(scenario.ctx, { runId });
    expect(status).toBe('pass');
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events[0]).toMatchObject({ type: 'connected', again: false });
    expect(events.at(-1)?.type).toBe('final_answer');
    expect(calls.map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual([
      'search_products ok',
      'create_order ok',
      'get_order ok',
    ]);
    expect(calls[1]?.arguments).toMatchObject({ reference: runId.slice(0, 8) });
    expect(await getTrace(scenario.ctx, { runId, afterSeq: nextSeq })).toEqual({
      events: [],
      calls: [],
      status: 'pass',
      nextSeq,
    });
    // Everything that came after a call's intent speaks of that call alone.
    const intent = events.find((event) => event.type === 'tool_call' && event.index === 2);
    const rest = await getTrace(scenario.ctx, { runId, afterSeq: (intent?.seq ?? 0) - 1 });
    expect(rest.calls.map(({ index }) => index)).toEqual([2]);
    expect(scenario.shop.calls({ reference: runId.slice(0, 8) }).map(({ tool }) => tool)).toEqual([
      'create_order',
      'get_order',
    ]);
  });

  it('fails when a required criterion fails', async () => {
    const workflowId = await scenario.workflow({
      criteria: [{ text: 'calls `refund_order` exactly once', isRequired: true }],
    });
    const { run, results } = await scenario.finished(await scenario.dispatch(workflowId));
    expect(run).toMatchObject({ status: 'fail', error: null });
    expect(results[0]).toMatchObject({ verdict: 'fail', gradedBy: 'assertion' });
  });

  it('is partial by a judge that is asked over HTTP, and counts its tokens and cost', async () => {
    const workflowId = await scenario.workflow({
      judgeModel: 'standin/judge',
      criteria: [
        { text: 'no tool call fails', isRequired: true },
        { text: 'The agent tells the customer when the mug will arrive.', isRequired: true },
      ],
    });
    const { run, results } = await scenario.finished(await scenario.dispatch(workflowId));
    expect(run).toMatchObject({ status: 'partial', judgeTokens: 1100 });
    expect(run.cost).toBeCloseTo(0.002, 6);
    expect(results[1]).toMatchObject({
      verdict: 'partial',
      rationale: 'Half of it is there.',
      evidence: ['call-1'],
      gradedBy: 'judge',
    });
    expect(judge.requests).toHaveLength(1);
  });

  it.each([
    ['a prompt without steps', { prompt: 'Just be nice.' }, 'misconfigured', /Write one step a line/],
    ['an unknown tester', { testerModels: ['nobody/nothing'] }, 'misconfigured', /nobody\/nothing/],
    [
      'a judge that does not exist',
      { judgeModel: 'nobody/judge', criteria: [{ text: 'It was kind.', isRequired: true }] },
      'judge',
      /nobody\/judge/,
    ],
  ])('ends in error for %s, and says why', async (_, changes, kind, message) => {
    const { run } = await scenario.finished(await scenario.dispatch(await scenario.workflow(changes)));
    expect(run.status).toBe('error');
    expect(run.error?.kind).toBe(kind);
    expect(run.error?.message).toMatch(message);
  });

  it('ends in error when the server refuses its credentials', async () => {
    scenario.shop.control.set({ unauthorized: true });
    try {
      const { run } = await scenario.finished(await scenario.dispatch(await scenario.workflow()));
      expect(run).toMatchObject({ status: 'error', error: { kind: 'auth' } });
    } finally {
      scenario.shop.control.set({ unauthorized: false });
    }
  });

  it('is graded on its trace when it hits a limit', async () => {
    const workflowId = await scenario.workflow({
      limits: { toolCalls: 2 },
      criteria: [{ text: 'calls `create_order` exactly once', isRequired: true }],
    });
    const { run } = await scenario.finished(await scenario.dispatch(workflowId));
    expect(run).toMatchObject({ status: 'pass', limitHit: 'toolCalls', finalAnswer: null });
  });

  it('sends neither a blocked nor an unoffered call to the server, and is flagged by the blocked one', async () => {
    const before = scenario.shop.calls().length;
    const prompt = ['call get_shop_status {}', 'call refund_order {"order_id": "x"}', 'call no_such_tool {}'].join(
      '\n',
    );
    const workflowId = await scenario.workflow({
      prompt,
      toolPolicy: { blockedTools: ['refund_order'] },
      criteria: [{ text: 'never calls `create_order`', isRequired: true }],
    });
    const runId = await scenario.dispatch(workflowId);
    const { run } = await scenario.finished(runId);
    expect(run).toMatchObject({ status: 'pass', flagged: true });
    const { calls, events } = await getTrace(scenario.ctx, { runId });
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'blocked', 'not_offered']);
    expect(events.filter(({ type }) => type === 'policy_violation')).toHaveLength(2);
    expect(
      scenario.shop
        .calls()
        .slice(before)
        .map(({ tool }) => tool),
    ).toEqual(['get_shop_status']);
    const { runs } = await searchRuns(scenario.ctx, { flagged: true });
    expect(runs.map(({ id }) => id)).toEqual([runId]);
  });

  it('stores no secret of its server, and keeps what is only named like a credential', async () => {
    const { serverId, ctx } = scenario;
    await editServer(ctx, { serverId, headers: { 'X-Key': 'top-secret-value' } });
    scenario.shop.control.set({ inject: { check_stock: ' top-secret-value {"password":"pa55"} ' } });
    try {
      const workflowId = await scenario.workflow({
        prompt: 'call check_stock {"sku": "MUG-001"}',
        criteria: [{ text: 'calls `check_stock`', isRequired: true }],
      });
      const runId = await scenario.dispatch(workflowId);
      const { run } = await scenario.finished(runId);
      expect(run.status).toBe('pass');
      const trace = JSON.stringify(await getTrace(scenario.ctx, { runId }));
      expect(trace).toContain('[redacted]');
      expect(trace).toContain('pa55');
      expect(trace + JSON.stringify(run)).not.toContain('top-secret-value');
    } finally {
      await editServer(ctx, { serverId, headers: {} });
      scenario.shop.control.set({ inject: {} });
    }
  });

  it('keeps no results where the workflow says so, and grades by them all the same', async () => {
    const workflowId = await scenario.workflow({ storeToolResults: false });
    const runId = await scenario.dispatch(workflowId);
    const { run } = await scenario.finished(runId);
    expect(run.status).toBe('pass');
    const rows = await scenario.deps.db.toolCall.findMany({ where: { orgId: scenario.org.orgId, runId } });
    expect(rows).toHaveLength(3);
    for (const { result, sealedResult, resultBytes } of rows) {
      expect({ result, sealedResult }).toEqual({ result: null, sealedResult: null });
      expect(resultBytes).toBeGreaterThan(10);
    }
  });

  it('is one, however often at once the same dispatch comes', async () => {
    const workflowId = await scenario.workflow();
    const key = newId();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => dispatchRun(scenario.ctx, { workflowId, idempotencyKey: key, reason: 'twice' })),
    );
    const ids = new Set(answers.flatMap(({ runs }) => runs.map(({ runId }) => runId)));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ runs }) => runs[0]?.created)).toHaveLength(1);
    const [runId = ''] = ids;
    expect((await scenario.finished(runId)).run.status).toBe('pass');
    expect(await scenario.deps.db.run.count({ where: { workflowId } })).toBe(1);
    expect(scenario.shop.calls({ reference: runId.slice(0, 8), tool: 'create_order' })).toHaveLength(1);
    const audit = await scenario.deps.db.auditEvent.count({ where: { action: 'run.dispatch', subject: workflowId } });
    expect(audit).toBe(1);

    const again = await dispatchRun(scenario.ctx, { workflowId, idempotencyKey: key, reason: 'twice' });
    expect(again.runs).toEqual([{ runId, model: 'builtin/scripted', status: 'pass', created: false }]);
    await expect(dispatchRun(scenario.ctx, { workflowId, idempotencyKey: key, reason: 'other' })).rejects.toMatchObject(
      {
        code: 'idempotency_conflict',
      },
    );
    const next = await dispatchRun(scenario.ctx, { workflowId, idempotencyKey: key, reason: 'twice', attempt: 2 });
    expect(next.runs[0]).toMatchObject({ created: true });
  });

  it('is canceled in the middle of a call', async () => {
    scenario.shop.control.set({ hold: ['get_order'] });
    try {
      const runId = await scenario.dispatch(await scenario.workflow());
      await until(
        'the call is held',
        () => scenario.shop.calls({ reference: runId.slice(0, 8), tool: 'get_order' }).length === 1,
      );
      // Held, the call would never end.
      expect(await cancelRun(scenario.ctx, { runId })).toMatchObject({ canceled: true, warnings: [] });
      const { run } = await scenario.finished(runId);
      expect(run).toMatchObject({ status: 'error', error: { kind: 'canceled' } });
      const { calls, events } = await getTrace(scenario.ctx, { runId });
      expect(calls.at(-1)).toMatchObject({ tool: 'get_order', outcome: 'interrupted' });
      expect(events.at(-1)).toMatchObject({ type: 'canceled', by: `member:${scenario.org.userId}` });
      expect(await cancelRun(scenario.ctx, { runId })).toMatchObject({ canceled: false, status: 'error' });
    } finally {
      scenario.shop.control.set({ hold: [] });
    }
  });

  it('runs every tester model, or the one named', async () => {
    const workflowId = await scenario.workflow({ testerModels: ['builtin/scripted', 'nobody/nothing'] });
    const both = await dispatchRun(scenario.ctx, { workflowId, idempotencyKey: newId() });
    expect(both.runs.map(({ model }) => model)).toEqual(['builtin/scripted', 'nobody/nothing']);
    const statuses = await Promise.all(both.runs.map(async ({ runId }) => (await scenario.finished(runId)).run.status));
    expect(statuses).toEqual(['pass', 'error']);
    const one = await dispatchRun(scenario.ctx, { workflowId, idempotencyKey: newId(), model: 'builtin/scripted' });
    expect(one.runs.map(({ model }) => model)).toEqual(['builtin/scripted']);
    await expect(
      dispatchRun(scenario.ctx, { workflowId, idempotencyKey: newId(), model: 'standin/judge' }),
    ).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('is listed newest first, page by page', async () => {
    const workflowId = await scenario.workflow();
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.unshift(await scenario.dispatch(workflowId));
    await Promise.all(ids.map(scenario.finished));
    const first = await searchRuns(scenario.ctx, { workflowId, limit: 2 });
    expect(first.runs.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await searchRuns(scenario.ctx, { workflowId, limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.runs.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(second.nextCursor).toBeNull();
    await expect(searchRuns(scenario.ctx, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
