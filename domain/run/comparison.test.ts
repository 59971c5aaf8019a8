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
    ['pass', 'pass', 'unchanged'],
    ['fail', 'fail', 'unchanged'],
  ] as const)('a criterion from %s to %s is %s', (before, after, change) => {
    const { criteria } = compareRuns(run({ results: [result('a', before)] }), run({ results: [result('a', after)] }));
    expect(criteria).toEqual([{ criterionId: 'a', text: 'a', isRequired: true, change, before, after }]);
  });

  it('matches criteria by id, then by text, and tells those that only one has', () => {
    const { criteria } = compareRuns(
      run({ results: [result('1', 'fail', 'old words'), result('2', 'pass', 'same words'), result('3', 'pass')] }),
      run({ results: [result('1', 'pass', 'new words'), result('9', 'pass', 'same words'), result('4', 'fail')] }),
    );
    expect(criteria).toMatchObject([
      { criterionId: '1', change: 'fixed', text: 'new words', textBefore: 'old words' },
      { criterionId: '9', change: 'unchanged' },
      { criterionId: '4', change: 'added', before: null, after: 'fail' },
      { criterionId: '3', change: 'removed', before: 'pass', after: null },
    ]);
  });

  it('aligns the calls and tells what changed in those that stayed', () => {
    const { callSequence, tools } = compareRuns(
      run({ calls: [call(0, 'search'), call(1, 'create_order'), call(2, 'get_order', { arguments: { id: 1 } })] }),
      run({ calls: [call(0, 'search'), call(1, 'place_order'), call(2, 'get_order', { outcome: 'tool_error' })] }),
    );
    expect(callSequence).toEqual([
      {
        op: 'same',
        tool: 'search',
        baselineCall: 'call-0',
        candidateCall: 'call-0',
        outcomeBefore: 'ok',
        outcomeAfter: 'ok',
        argumentsChanged: false,
      },
      { op: 'removed', tool: 'create_order', baselineCall: 'call-1', outcomeBefore: 'ok' },
      { op: 'added', tool: 'place_order', candidateCall: 'call-1', outcomeAfter: 'ok' },
      {
        op: 'same',
        tool: 'get_order',
        baselineCall: 'call-2',
        candidateCall: 'call-2',
        outcomeBefore: 'ok',
        outcomeAfter: 'tool_error',
        argumentsChanged: true,
      },
    ]);
    expect(tools).toEqual({ added: ['place_order'], lost: ['create_order'] });
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
    expect(compareRuns(run({ tools: null }), run()).catalogChanges).toBe(null);
  });
});
