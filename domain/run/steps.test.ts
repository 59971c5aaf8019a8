import { describe, expect, it } from 'vitest';
import type { TraceEvent } from './run.ts';
import { type CallSummary, toSteps } from './steps.ts';

const start = Date.parse('2026-12-01T10:00:00.000Z');
const at = (ms: number): string => new Date(start + ms).toISOString();
const usage = { input: 10, output: 5 };
const server = { name: 'Shop', version: '1' };

const call = (index: number, changes: Partial<CallSummary> = {}): CallSummary => ({
  index,
  tool: 'search',
  outcome: 'ok',
  attempts: 1,
  startedAt: at(300),
  latencyMs: 50,
  breaksSchema: false,
  ...changes,
});

describe('the steps of a run', () => {
  const connected: TraceEvent = {
    seq: 0,
    at: at(0),
    type: 'connected',
    server,
    protocolVersion: '2025-11-25',
    offered: ['search', 'buy'],
    again: false,
  };
  const turn: TraceEvent = {
    seq: 1,
    at: at(300),
    type: 'model_turn',
    turn: 1,
    content: 'I search.',
    toolCalls: [{ index: 0, id: 'a', tool: 'search', arguments: '{}' }],
    usage,
    latencyMs: 200,
  };

  it('have the times from the first event on, and begin a model turn when the model was asked', () => {
    const steps = toSteps(
      [connected, turn, { seq: 2, at: at(310), type: 'tool_call', index: 0, tool: 'search' }],
      [call(0, { startedAt: at(310) })],
    );
    expect(steps.map(({ kind, startMs, durationMs }) => ({ kind, startMs, durationMs }))).toEqual([
      { kind: 'connected', startMs: 0, durationMs: 0 },
      { kind: 'turn', startMs: 100, durationMs: 200 },
      { kind: 'call', startMs: 310, durationMs: 50 },
    ]);
  });

  it('are one for a call, whatever its events, and all of them lead to it', () => {
    const steps = toSteps(
      [
        { seq: 2, at: at(300), type: 'tool_call', index: 0, tool: 'search' },
        { seq: 3, at: at(301), type: 'tool_call', index: 1, tool: 'buy' },
        { seq: 4, at: at(302), type: 'policy_violation', index: 1, tool: 'buy', verdict: 'blocked' },
        { seq: 5, at: at(303), type: 'tool_result', index: 1, tool: 'buy', outcome: 'blocked' },
        { seq: 6, at: at(350), type: 'tool_result', index: 0, tool: 'search', outcome: 'ok', latencyMs: 50 },
      ],
      [call(0), call(1, { tool: 'buy', outcome: 'blocked' })],
    );
    expect(steps.map(({ id, also }) => ({ id, also }))).toEqual([
      { id: 'call-1', also: ['event-2', 'event-6'] },
      { id: 'call-2', also: ['event-3', 'event-4', 'event-5'] },
    ]);
  });

  it.each([
    ['a call without an answer goes on', { outcome: 'started' as const }, null],
    ['a call that was never sent took no time', { outcome: 'blocked' as const }, 0],
  ])('know how long they took: %s', (_, changes, durationMs) => {
    const { latencyMs: _latency, ...sent } = call(0, changes);
    const [step] = toSteps([{ seq: 0, at: at(300), type: 'tool_call', index: 0, tool: 'search' }], [sent]);
    expect(step?.durationMs).toBe(durationMs);
  });

  it('hold nothing of what was said', () => {
    expect(
      JSON.stringify(toSteps([connected, turn, { seq: 9, at: at(400), type: 'final_answer', content: 'Bought.' }], [])),
    ).not.toMatch(/I search|Bought/);
  });

  it('are none of no events', () => expect(toSteps([], [])).toEqual([]));
});
