import { describe, expect, it } from 'vitest';
import { type ComparedRun, compareRuns } from './comparison.ts';
import type { CriterionResult, ToolCall } from './run.ts';

const call = (index: number, tool: string, more: Partial<ToolCall> = {}): ToolCall => ({
  index,
  turn: 1,
  tool,
  arguments: {},
  outcome: 'ok',
  startedAt: '2026-11-21T09:00:00.000Z',
  latencyMs: 10,
  attempts: 1,
  ...more,
});
const result = (criterionId: string, verdict: CriterionResult['verdict'], text = criterionId) => ({
  criterionId,
  verdict,
  text,
  isRequired: true,
  rationale: 'why',
});
const run = (more: Partial<ComparedRun> = {}): ComparedRun => ({
  status: 'pass',
  flagged: false,
  durationMs: 1000,
  inputTokens: 100,
  outputTokens: 10,
  judgeTokens: 0,
  cost: 0.1,
  results: [],
  calls: [],
  tools: [],
  ...more,
});

describe('compareRuns', () => {
  it.each([
    ['fail', 'pass', 'fixed'],
    ['error', 'pass', 'fixed'],
    ['pass', 'fail', 'regressed'],
    ['pass', 'partial', 'regressed'],
    ['fail', 'error', 'changed'],
    ['fail', 'fail', 'unchanged'],
  ] as const)('a status from %s to %s is %s', (before, after, change) => {
    expect(compareRuns(run({ status: before }), run({ status: after })).status).toEqual({ before, after, change });
  });

  it.each([
    ['fail', 'pass', 'fixed'],
    ['error', 'pass', 'fixed'],
    ['partial', 'pass', 'fixed'],
    ['pass', 'fail', 'regressed'],
    ['partial', 'fail', 'regressed'],
    ['fail', 'partial', 'improved'],
    ['fail', 'fail', 'unchanged'],
  ] as const)('a criterion from %s to %s is %s', (before, after, change) => {
    const { criteria } = compareRuns(run({ results: [result('a', before)] }), run({ results: [result('a', after)] }));
    const why = after === 'pass' ? {} : { rationale: 'why' };
    expect(criteria).toEqual([{ criterionId: 'a', text: 'a', isRequired: true, change, before, after, ...why }]);
  });

  it('only counts criteria that passed both times', () => {
    const both = { results: [result('a', 'pass'), result('b', 'pass')] };
    expect(compareRuns(run(both), run(both))).toMatchObject({ criteria: [], unchangedPasses: 2 });
  });

  it('matches criteria by id, then by text, and tells those that only one has', () => {
    const { criteria } = compareRuns(
      run({ results: [result('1', 'fail', 'old words'), result('2', 'pass', 'same words'), result('3', 'pass')] }),
      run({ results: [result('1', 'pass', 'new words'), result('9', 'pass', 'same words'), result('4', 'fail')] }),
    );
    expect(criteria).toMatchObject([
      { criterionId: '1', change: 'fixed', text: 'new words', textBefore: 'old words' },
      { criterionId: '4', change: 'added', before: null, after: 'fail' },
      { criterionId: '3', change: 'removed', before: 'pass', after: null },
    ]);
  });

  it('aligns the calls and tells what changed in those that stayed', () => {
    const { callSequence, unchangedCalls, tools } = compareRuns(
      run({ calls: [call(0, 'search'), call(1, 'create_order'), call(2, 'get_order', { arguments: { id: 'a' } })] }),
      run({ calls: [call(0, 'search'), call(1, 'place_order'), call(2, 'get_order', { outcome: 'tool_error' })] }),
    );
    expect(callSequence).toEqual([
      { op: 'removed', tool: 'create_order', baselineCall: 'call-2', outcomeBefore: 'ok' },
      { op: 'added', tool: 'place_order', candidateCall: 'call-2', outcomeAfter: 'ok' },
      {
        op: 'changed',
        tool: 'get_order',
        baselineCall: 'call-3',
        candidateCall: 'call-3',
        outcomeBefore: 'ok',
        outcomeAfter: 'tool_error',
        argumentsChanged: [{ path: 'id', before: '"a"' }],
      },
    ]);
    expect(unchangedCalls).toBe(1);
    expect(tools).toMatchObject({ newlyCalled: ['place_order'], noLongerCalled: ['create_order'] });
  });

  it('tells where a result changed, ids and times aside', () => {
    const got = (structuredContent: unknown) => ({
      calls: [call(0, 'get_order', { result: { content: [], structuredContent, isError: false } })],
    });
    const order = { id: 'ord_0001', status: 'confirmed', lines: [{ sku: 'm' }], at: '2026-11-21T09:00:00.000Z' };
    const later = { ...order, id: 'ord_0002', at: '2026-11-22T10:30:00.000Z' };
    expect(compareRuns(run(got(order)), run(got(later)))).toMatchObject({ callSequence: [], unchangedCalls: 1 });
    const { callSequence } = compareRuns(run(got(order)), run(got({ ...later, status: 'booked', lines: [] })));
    expect(callSequence).toMatchObject([
      {
        op: 'changed',
        resultChanged: [
          { path: 'status', before: '"confirmed"', after: '"booked"' },
          { path: 'lines', before: '[{"sku":"m"}]', after: '[]' },
        ],
      },
    ]);
  });

  it('shows a bounded part of what changed in huge results', () => {
    const huge = (letter: string) =>
      run({
        calls: Array.from({ length: 10 }, (_, index) =>
          call(index, 'read', {
            result: { content: [{ type: 'text', text: letter.repeat(1_000_000) }], isError: false },
          }),
        ),
      });
    const { callSequence } = compareRuns(huge('x'), huge('y'));
    expect(callSequence).toHaveLength(10);
    expect(JSON.stringify(callSequence).length).toBeLessThan(10_000);
  });

  it('gives deltas, null where a side is not known', () => {
    const { latency, tokens, cost } = compareRuns(
      run({ durationMs: 1000, cost: 0.1, calls: [call(0, 'a', { latencyMs: 10 }), call(1, 'a', { latencyMs: 21 })] }),
      run({ durationMs: 700, inputTokens: 150, cost: 0.3 }),
    );
    expect(latency).toEqual({
      durationMs: { before: 1000, after: 700, delta: -300 },
      meanCallMs: { before: 16, after: null, delta: null },
    });
    expect(tokens.input).toEqual({ before: 100, after: 150, delta: 50 });
    expect(cost.delta).toBe(0.2);
    expect(compareRuns(run({ cost: null }), run()).cost.delta).toBe(null);
  });

  it('diffs the catalogs that the runs saw', () => {
    const [old, now] = [
      { name: 'create_order', inputSchema: {} },
      { name: 'place_order', inputSchema: {} },
    ];
    expect(compareRuns(run({ tools: [old] }), run({ tools: [now] })).catalogChanges).toMatchObject([
      { tool: 'create_order', kind: 'removed' },
      { tool: 'place_order', kind: 'added' },
    ]);
    expect(compareRuns(run({ tools: [old] }), run({ tools: [now] })).tools).toMatchObject({
      newInCatalog: ['place_order'],
      goneFromCatalog: ['create_order'],
      noLongerCalled: [],
    });
    expect(compareRuns(run({ tools: null }), run()).catalogChanges).toBe(null);
  });
});
