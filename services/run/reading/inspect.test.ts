import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scenario, startScenario } from '../../../tests/support/scenario.ts';
import { answerBytes, maxAnswerBytes } from '../../context/answer-size.ts';
import { newId } from '../../context/ids.ts';
import { toJson } from '../../context/use-case.ts';
import { getRunArtifacts, getRunArtifactsOutput } from './artifacts.ts';
import { getRunEvaluation, listToolCalls, listTraceEvents } from './entries.ts';
import { inspectRun, inspectRunOutput } from './inspect.ts';

/** Of a result that a server sent, what is kept, and how much it was. */
const keptLength = 1_000_000;
const sentBytes = 3_000_000;

let scenario: Scenario;
let runId: string;
beforeAll(async () => {
  scenario = await startScenario({ worker: false });
  runId = await record({
    calls: 4,
    result: { content: [{ type: 'text', text: 'x'.repeat(keptLength) }], isError: false, fullBytes: sentBytes },
    query: 'mug',
  });
});
afterAll(() => scenario?.close());

/** A finished run, written directly. @returns its id */
async function record(of: { calls: number; result: object; query: string }): Promise<string> {
  const { deps, org, serverId } = scenario;
  const { db } = deps;
  const { orgId } = org;
  const workflowId = await scenario.workflow();
  const { activeVersionId: versionId } = await db.workflow.findUniqueOrThrow({ where: { id: workflowId } });
  const id = newId();
  const now = new Date();
  const by = { trigger: 'manual', actorKind: 'member', actorId: org.userId };
  const run = { orgId, workflowId, versionId, serverId, model: 'builtin/scripted', ...by };
  await db.run.create({ data: { ...run, id, status: 'running', startedAt: now, finalAnswer: 'Done.' } });
  const indexes = Array.from({ length: of.calls }, (_, index) => index);
  await db.toolCall.createMany({
    data: indexes.map((index) => ({
      orgId,
      runId: id,
      index,
      turn: index + 1,
      tool: 'search_products',
      arguments: { query: of.query },
      outcome: 'ok',
      result: toJson(of.result),
      startedAt: now,
      latencyMs: 1,
    })),
  });
  await db.traceEvent.createMany({
    data: indexes.flatMap((index) => [
      {
        orgId,
        runId: id,
        seq: 2 * index,
        at: now,
        type: 'model_turn',
        data: {
          turn: index + 1,
          content: '',
          toolCalls: [{ index, id: `step_${index}`, tool: 'search_products', arguments: '{}' }],
          usage: { input: 0, output: 0 },
          latencyMs: 0,
        },
      },
      { orgId, runId: id, seq: 2 * index + 1, at: now, type: 'tool_call', data: { index, tool: 'search_products' } },
    ]),
  });
  await db.criterionResult.create({
    data: {
      orgId,
      runId: id,
      criterionId: newId(),
      position: 0,
      text: 'calls `search_products`',
      isRequired: true,
      verdict: 'pass',
      rationale: 'It was called.',
      evidence: ['call-1'],
      gradedBy: 'assertion',
    },
  });
  await db.run.update({ where: { id }, data: { status: 'pass', finishedAt: now } });
  return id;
}

const inspect = async (input: Omit<Parameters<typeof inspectRun>[1], 'runId'> = {}) =>
  inspectRunOutput.parse(await inspectRun(scenario.ctx, { runId, ...input }));

it('lists the calls, events and grades of a run in pages, in order', async () => {
  for (const [list, expected] of [
    [listToolCalls, ['call-1', 'call-2', 'call-3', 'call-4']],
    [listTraceEvents, Array.from({ length: 8 }, (_, seq) => `event-${seq}`)],
  ] as const) {
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: { rows: { id: string }[]; nextCursor: string | null; status: string } = await list(
        scenario.org.as('viewer'),
        { runId, limit: 3, ...(cursor !== undefined && { cursor }) },
      );
      expect(page.status).toBe('pass');
      expect(answerBytes(page)).toBeLessThan(maxAnswerBytes);
      seen.push(...page.rows.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(expected);
    await expect(list(scenario.ctx, { runId, cursor: 'criterion-1' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  }
  expect(await getRunEvaluation(scenario.ctx, { runId })).toMatchObject({
    judgeModel: 'builtin/assertions',
    rows: [{ verdict: 'pass', evidence: ['call-1'] }],
    nextCursor: null,
  });
});

describe('a run with four results of 3 MB', () => {
  it('is shown within the bound, with how much of each result is shown, stored and was sent', async () => {
    const record = await inspect();
    expect(JSON.stringify(record).length / 4).toBeLessThan(25_000);
    expect(answerBytes(record)).toBeLessThan(maxAnswerBytes);
    expect(record.calls).toHaveLength(4);
    for (const { result, truncated } of record.calls) {
      expect(result).toEqual(expect.stringMatching(/^\{.* … \[\d+ characters left out\] … .*\}$/s));
      expect(truncated?.shown).toBeLessThan(4000);
      expect(truncated?.stored).toBeGreaterThan(keptLength);
      expect(truncated?.total).toBe(sentBytes);
    }
    expect(record.criteria).toMatchObject([{ verdict: 'pass', judge: null }]);
  });

  it('gives all that is stored of a result, part by part', async () => {
    let text = '';
    for (let offset: number | null = 0, stored = 0; offset !== null; ) {
      const answer = await inspect({ callIds: ['call-2'], detail: 'full', offset });
      expect(answerBytes(answer)).toBeLessThan(maxAnswerBytes);
      if (!answer.part) throw new Error('There is no part.');
      stored ||= answer.part.stored;
      expect(answer.part).toMatchObject({ id: 'call-2', offset, stored });
      expect(answer.part.total).toBe(sentBytes);
      text += answer.part.text;
      offset = answer.part.nextOffset;
      if (offset === null) expect([...text]).toHaveLength(stored);
    }
    const call = await scenario.deps.db.toolCall.findUniqueOrThrow({ where: { runId_index: { runId, index: 1 } } });
    expect(JSON.parse(text)).toEqual({ arguments: call.arguments, result: call.result, error: null, failure: null });
  });

  it('shows the chosen calls and events alone', async () => {
    const { criteria, calls, events, prompt, nextCursor } = await inspect({
      callIds: ['call-3'],
      eventIds: ['event-0'],
    });
    expect(calls.map(({ id }) => id)).toEqual(['call-3']);
    expect(events.map(({ id }) => id)).toEqual(['event-0']);
    expect({ criteria, prompt, nextCursor }).toEqual({ criteria: [], prompt: undefined, nextCursor: null });
  });

  it('has artifacts within the bound', async () => {
    const artifacts = getRunArtifactsOutput.parse(await getRunArtifacts(scenario.ctx, { runId }));
    expect(answerBytes(artifacts)).toBeLessThan(maxAnswerBytes);
    expect(artifacts.transcript.flatMap(({ answers }) => answers.map(({ id }) => id))).toContain('call-4');
  });

  it.each([
    [{ callIds: ['call-9'] }, 'callIds[0]'],
    [{ callIds: ['call-1', 'event-1'] }, 'callIds[1]'],
    [{ eventIds: ['event-100000'] }, 'eventIds[0]'],
    [{ detail: 'full' as const }, 'detail'],
    [{ detail: 'full' as const, callIds: ['call-1', 'call-2'] }, 'detail'],
    [{ detail: 'full' as const, callIds: ['call-9'] }, 'callIds[0]'],
    [{ offset: 5 }, 'offset'],
    [{ cursor: 'x' }, 'cursor'],
  ])('refuses %j and names the field', async (input, field) => {
    await expect(inspectRun(scenario.ctx, { runId, ...input })).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field }] },
    });
  });
});

describe('a run with many calls', () => {
  it('is read to its end page by page, every entry once', async () => {
    const id = await record({ calls: 120, result: { content: [], isError: false }, query: 'mug'.repeat(300) });
    const [calls, events]: [string[], string[]] = [[], []];
    let pages = 0;
    for (let cursor: string | null | undefined; cursor !== null; pages += 1) {
      const page = inspectRunOutput.parse(await inspectRun(scenario.ctx, { runId: id, ...(cursor && { cursor }) }));
      expect(answerBytes(page)).toBeLessThan(maxAnswerBytes);
      calls.push(...page.calls.map((call) => call.id));
      events.push(...page.events.map((event) => event.id));
      cursor = page.nextCursor;
    }
    expect(pages).toBeGreaterThan(2);
    expect(calls).toEqual(Array.from({ length: 120 }, (_, i) => `call-${i + 1}`));
    expect(events).toEqual(events.map((_, i) => `event-${i}`));
    expect(events).toHaveLength(await scenario.deps.db.traceEvent.count({ where: { runId: id } }));
  });
});
