import { describe, expect, it } from 'vitest';
import type { TraceEvent } from './run.ts';
import { getFinalAnswer, listTurnUsage, measureWorkMs, sumUsage } from './transcript.ts';

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

  it('measures work without the time between a dead attempt and the next one', () => {
    const later = (seconds: number) => new Date(Date.parse(at) + seconds * 1000).toISOString();
    const worked = (seq: number, seconds: number): TraceEvent => ({ ...turn(seq, 1, 1), at: later(seconds) });
    const resumed = (seq: number, seconds: number): TraceEvent => ({
      seq,
      at: later(seconds),
      type: 'resumed',
      attempt: 2,
    });
    const startedAt = new Date(at);
    expect(measureWorkMs([], startedAt)).toBe(0);
    expect(measureWorkMs([worked(0, 3), worked(1, 5)], startedAt)).toBe(5000);
    expect(measureWorkMs([worked(0, 3), resumed(1, 63), worked(2, 64)], startedAt)).toBe(4000);
    expect(measureWorkMs([resumed(0, 60), resumed(1, 120), worked(2, 122)], startedAt)).toBe(2000);
  });
});
