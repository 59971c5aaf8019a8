import { describe, expect, it } from 'vitest';
import type { TraceEvent } from './run.ts';
import { getFinalAnswer, listTurnUsage, sumUsage } from './transcript.ts';

const at = '2026-01-01T00:00:00.000Z';
const turn = (seq: number, input: number, output: number): TraceEvent => {
  const usage = { input, output };
  return { seq, at, type: 'model_turn', turn: seq + 1, content: '', toolCalls: [], usage, latencyMs: 1 };
};

describe('a transcript', () => {
  it('has the final answer that the agent gave, or none', () => {
    expect(getFinalAnswer([turn(0, 1, 1), { seq: 1, at, type: 'final_answer', content: 'Done.' }])).toBe('Done.');
    expect(getFinalAnswer([turn(0, 1, 1)])).toBeNull();
  });

  it('sums the tokens of its model turns', () => {
    expect(sumUsage(listTurnUsage([turn(0, 100, 20), turn(1, 150, 5)]))).toEqual({
      input: 250,
      output: 25,
      total: 275,
    });
    expect(sumUsage([])).toEqual({ input: 0, output: 0, total: 0 });
  });
});
