import { describe, expect, it } from 'vitest';
import type { CallOutcome } from '../run/run.ts';
import { evaluateAssertion, parseAssertion } from './criterion.ts';
import type { Facts } from './facts.ts';
import { call, run, text } from './shop.cases.ts';

function grade(line: string, facts: Facts) {
  const parsed = parseAssertion(line);
  if (!parsed.ok) throw new Error(`not an assertion: ${line}`);
  return evaluateAssertion(parsed.assertion, facts);
}

const found = { result: text('{"id":"ORD-1"}') };
const isError = { outcome: 'tool_error' as const, result: { ...text('busy'), isError: true } };

/** A search, an order that Armature broke off, and the answer of an agent that lost the result. */
const facts = (outcome: CallOutcome = 'interrupted', more: Partial<Facts> = {}): Facts =>
  run({
    calls: [
      call(0, 'search', { ...found, arguments: { query: 'mug' } }),
      call(1, 'order', { outcome, arguments: { sku: 'M-1' } }),
      call(2, 'status', isError),
    ],
    finalAnswer: 'The order failed.',
    seconds: 30,
    tokens: 500,
    ...more,
  });
const orders = (...outcomes: CallOutcome[]) =>
  run({ calls: outcomes.map((outcome, i) => call(i, 'order', { outcome })) });

describe.each(['interrupted', 'started'] as const)('an assertion about a run with a call that is %s', (outcome) => {
  it.each([
    // What the agent did is known, however the call ended.
    ['calls `order`', 'pass'],
    ['calls `order` once', 'pass'],
    ['never calls `order`', 'fail'],
    ['calls `search` before `order`', 'pass'],
    ['calls `order` before `search`', 'fail'],
    ['`order` is called with `sku` = "M-1"', 'pass'],
    ['`order` is called with `sku` = "M-2"', 'fail'],
    ['`order` is never called with `sku` = "M-1"', 'fail'],
    // Known from the other calls.
    ['no tool call fails', 'fail'],
    ['`status` fails', 'pass'],
    ['`status` never fails', 'fail'],
    ['`search` never fails', 'pass'],
    ['`search` result contains "ORD-1"', 'pass'],
    ['`search` result contains "ORD-2"', 'fail'],
    ['`search` result field `id` equals "ORD-2"', 'fail'],
    ['`search` result does not contain "ORD-1"', 'fail'],
    ['final answer contains "failed"', 'pass'],
    ['finishes within 60 s', 'pass'],
    ['uses at most 3 tool calls', 'pass'],
    ['uses at most 1 tool call', 'fail'],
    // Decided by the call.
    ['`order` fails', 'error'],
    ['`order` never fails', 'error'],
    ['`order` result contains "ORD"', 'error'],
    ['`order` result does not contain "ORD"', 'error'],
    ['`order` result field `id` exists', 'error'],
    ['`order` result field `id` does not exist', 'error'],
    // Perhaps missing because the answer was lost.
    ['calls `order` twice', 'error'],
    ['calls `refund`', 'error'],
    ['calls `order` before `refund`', 'error'],
    ['`refund` fails', 'error'],
    ['`refund` never fails', 'error'],
    ['`refund` result contains "x"', 'error'],
    ['`refund` is called with `id` = 1', 'error'],
    ['final answer contains "ORD-1"', 'error'],
    ['final answer does not contain "failed"', 'error'],
    ['finishes within 20 s', 'error'],
    ['uses at most 2 tool calls', 'error'],
  ])('%s: %s', (line, verdict) => {
    const graded = grade(line, facts(outcome));
    expect(graded.verdict).toBe(verdict);
    if (verdict !== 'error') return;
    expect(graded.evidence).toContain('call-2');
    expect(graded.rationale).toMatch(/Armature was interrupted during call-2 \(`order`\)/);
  });
});

describe('an assertion about a run with an interrupted call', () => {
  it('is open where no other call fails', () => {
    expect(grade('no tool call fails', orders('ok', 'interrupted'))).toMatchObject({
      verdict: 'error',
      evidence: ['call-2'],
    });
  });

  it.each([
    ['one call too many, which may replace the lost one', orders('interrupted', 'ok'), 'error'],
    ['too many calls even without the lost one', orders('interrupted', 'ok', 'ok'), 'fail'],
    ['the only one, which was lost', orders('interrupted'), 'pass'],
  ])('counts %s', (_, of, verdict) => {
    expect(grade('calls `order` exactly once', of).verdict).toBe(verdict);
    expect(grade('calls `order` at most once', of).verdict).toBe(verdict);
  });

  it('is open where the run has no final answer', () => {
    expect(grade('final answer contains "x"', facts('interrupted', { finalAnswer: null })).verdict).toBe('error');
  });

  it.each(['ok', 'timeout', 'transport_error', 'rpc_error'] as const)(
    'is decided where the call ended: %s',
    (outcome) => {
      expect(grade('calls `refund`', facts(outcome)).verdict).toBe('fail');
      expect(grade('`order` result contains "ORD"', facts(outcome)).verdict).toBe('fail');
    },
  );
});

describe('an assertion about a result that is kept in part', () => {
  const kept = (kind: 'text' | 'structured') =>
    run({
      calls: [
        call(0, 'order', {
          result: {
            ...text('{"id":"ORD-1","lines":[1,2'),
            ...(kind === 'structured' && { structuredContent: { id: 'ORD-1' } }),
            fullBytes: 3_000_000,
          },
        }),
      ],
    });
  it.each([
    ['`order` result contains "ORD-1"', 'pass'],
    ['`order` result does not contain "ORD-1"', 'fail'],
    ['`order` result matches /ORD-\\d/', 'pass'],
    ['`order` result contains "ORD-2"', 'error'],
    ['`order` result does not contain "ORD-2"', 'error'],
    ['`order` result field `id` equals "ORD-1"', 'error'],
    ['`order` result field `id` does not exist', 'error'],
    ['`order` never fails', 'pass'],
  ])('%s: %s', (line, verdict) => {
    const graded = grade(line, kept('text'));
    expect(graded).toMatchObject({ verdict, evidence: ['call-1'] });
    if (verdict === 'error') expect(graded.rationale).toMatch(/Only a part .* of 3000000 bytes in all/);
  });

  it.each([
    ['`order` result field `id` equals "ORD-1"', 'pass'],
    ['`order` result field `id` equals "ORD-2"', 'fail'],
    ['`order` result field `sku` does not exist', 'pass'],
    ['`order` result contains "ORD-2"', 'error'],
  ])('with whole structured content, %s: %s', (line, verdict) => {
    expect(grade(line, kept('structured')).verdict).toBe(verdict);
  });
});
