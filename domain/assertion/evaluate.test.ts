import { describe, expect, it } from 'vitest';
import type { CallOutcome } from '../run/run.ts';
import { evaluateAssertion } from './evaluate.ts';
import type { Facts } from './facts.ts';
import { parseAssertion } from './parse.ts';
import { call, clean, events, idle, run, shop, text } from './shop.cases.ts';

function grade(sentence: string, facts: Facts) {
  const parsed = parseAssertion(sentence);
  if (!parsed.ok) throw new Error(`"${sentence}" is no assertion: expected ${parsed.expected} at ${parsed.position}`);
  return evaluateAssertion(parsed.assertion, facts);
}

describe('the grade of a run', () => {
  it.each([
    [
      'calls `create_order` once',
      shop,
      'pass',
      '`create_order` was called 1 time; expected: exactly 1 time.',
      ['call-2'],
    ],
    [
      'calls `get_order_status` once',
      shop,
      'fail',
      '`get_order_status` was called 2 times; expected: exactly 1 time.',
      ['call-3', 'call-4'],
    ],
    ['calls `unused`', shop, 'fail', '`unused` was never called.', []],
    [
      'calls `create_order`',
      idle,
      'fail',
      '`create_order` was never called; it was not among the tools offered to the agent.',
      [],
    ],
    [
      'calls `refund_order`',
      shop,
      'fail',
      '`refund_order` was never called: the attempt call-5 was blocked by policy.',
      ['call-5'],
    ],
    [
      'calls `refund_order` at most once',
      shop,
      'pass',
      '`refund_order` was called 0 times, not counting 1 time that policy refused; expected: at most 1 time.',
      [],
    ],
    [
      'never calls `refund_order`',
      shop,
      'fail',
      'The agent called `refund_order` 1 time, which policy refused: call-5 was blocked by policy.',
      ['call-5'],
    ],
    [
      'never calls `create_order`',
      shop,
      'fail',
      'The agent called `create_order` 1 time: call-2 succeeded.',
      ['call-2'],
    ],
    ['never calls `unused`', shop, 'pass', '`unused` was never called.', []],
    [
      'calls `search_products` before `create_order`',
      shop,
      'pass',
      'The first call of `search_products` came before the first call of `create_order`.',
      ['call-1', 'call-2'],
    ],
    [
      'calls `get_order_status` before `create_order`',
      shop,
      'fail',
      'The first call of `get_order_status` came after the first call of `create_order`.',
      ['call-3', 'call-2'],
    ],
    [
      'no tool call fails',
      shop,
      'fail',
      'Of 8 calls, call-3 returned an error (`get_order_status`) (and 4 more).',
      ['call-3', 'call-5', 'call-6', 'call-7', 'call-8'],
    ],
    ['no tool call fails', clean, 'pass', 'Every tool call succeeded (2).', ['call-1', 'call-2']],
    ['no tool call fails', idle, 'pass', 'No tool was called, so none failed.', []],
    ['`stock.level` fails', shop, 'pass', '`stock.level` failed: call-7 timed out.', ['call-7']],
    [
      '`send_mail` never fails',
      shop,
      'fail',
      '`send_mail` did not always succeed: call-8 failed on the way.',
      ['call-8'],
    ],
    [
      '`get_order_status` result contains "packed"',
      shop,
      'pass',
      'The result of call-4 (`get_order_status`) contains "packed".',
      ['call-4'],
    ],
    [
      '`get_order_status` result contains "lost"',
      shop,
      'fail',
      'Each of 2 results of `get_order_status` does not contain "lost".',
      ['call-3', 'call-4'],
    ],
    [
      '`stock.level` result contains "3"',
      shop,
      'fail',
      'No result of `stock.level` came back: call-7 timed out.',
      ['call-7'],
    ],
    [
      '`refund_order` result contains "3"',
      shop,
      'fail',
      '`refund_order` was never called: the attempt call-5 was blocked by policy.',
      [],
    ],
    [
      '`create_order` result field `order.total` equals 40',
      shop,
      'fail',
      'In no result of `create_order`, `order.total` equals 40; in call-2 it was 39.',
      ['call-2'],
    ],
    [
      '`create_order` result field `order.sum` equals 40',
      shop,
      'fail',
      'In no result of `create_order`, `order.sum` equals 40; call-2 has no such field.',
      ['call-2'],
    ],
    [
      '`create_order` result field `order.total` is at least 10',
      shop,
      'pass',
      'In the result of call-2 (`create_order`), `order.total` is at least 10: it is 39.',
      ['call-2'],
    ],
    [
      '`get_order_status` result field `a` exists',
      shop,
      'fail',
      'No result of `get_order_status` has structured content or text that is JSON.',
      ['call-3', 'call-4'],
    ],
    [
      '`search_products` is called with `query` = "lamp"',
      shop,
      'pass',
      '`search_products` was called with `query` = "lamp".',
      ['call-1'],
    ],
    [
      '`search_products` is called with `query` = "desk"',
      shop,
      'fail',
      'No call of `search_products` had `query` = "desk"; the last call had "lamp".',
      ['call-1'],
    ],
    [
      '`search_products` is called with `q` = "desk"',
      shop,
      'fail',
      'No call of `search_products` had `q` = "desk"; the last call had no `q`.',
      ['call-1'],
    ],
    [
      '`refund_order` is never called with `amount` = 10',
      shop,
      'fail',
      'The agent called `refund_order` with `amount` = 10.',
      ['call-5'],
    ],
    ['final answer contains "ORD"', shop, 'pass', 'The final answer contains "ORD".', ['event-2']],
    ['final answer matches /^x$/i', shop, 'fail', 'The final answer does not match /^x$/i.', ['event-2']],
    [
      'final answer contains "x"',
      idle,
      'fail',
      'The agent gave no final answer: the run hit its limit of 20 turns.',
      ['event-1'],
    ],
    [
      'final answer does not contain "x"',
      idle,
      'fail',
      'The agent gave no final answer: the run hit its limit of 20 turns.',
      ['event-1'],
    ],
    ['final answer contains "x"', run({}), 'fail', 'The agent gave no final answer.', []],
    ['final answer does not contain "x"', clean, 'pass', 'The final answer does not contain "x".', []],
    ['finishes within 12.4 s', shop, 'fail', 'The run took 12.5 s; expected: at most 12.4 s.', ['event-0', 'event-2']],
    [
      'uses at most 6 tool calls',
      shop,
      'pass',
      'The run used 6 tool calls; expected: at most 6.',
      ['call-1', 'call-2', 'call-3', 'call-4', 'call-7', 'call-8'],
    ],
    ['uses at most 4199 tokens', shop, 'fail', 'The run used 4200 tokens; expected: at most 4199.', ['event-1']],
  ] as const)('%s', (sentence, facts, verdict, rationale, evidence) => {
    expect(grade(sentence, facts)).toEqual({ verdict, rationale, evidence: [...evidence] });
  });
});

describe('what a call counts as', () => {
  const rows: [
    CallOutcome,
    { calls: boolean; never: boolean; fails: boolean; neverFails: boolean; noneFails: boolean },
  ][] = [
    ['ok', { calls: true, never: false, fails: false, neverFails: true, noneFails: true }],
    ['tool_error', { calls: true, never: false, fails: true, neverFails: false, noneFails: false }],
    ['rpc_error', { calls: true, never: false, fails: true, neverFails: false, noneFails: false }],
    ['timeout', { calls: true, never: false, fails: true, neverFails: false, noneFails: false }],
    ['transport_error', { calls: true, never: false, fails: true, neverFails: false, noneFails: false }],
    ['interrupted', { calls: true, never: false, fails: false, neverFails: false, noneFails: false }],
    ['started', { calls: true, never: false, fails: false, neverFails: false, noneFails: false }],
    ['blocked', { calls: false, never: false, fails: false, neverFails: false, noneFails: false }],
    ['not_offered', { calls: false, never: false, fails: false, neverFails: false, noneFails: false }],
  ];
  it.each(rows)('%s', (outcome, expected) => {
    const facts = run({ calls: [call(0, 'a', { outcome })] });
    const passes = (sentence: string) => grade(sentence, facts).verdict === 'pass';
    expect({
      calls: passes('calls `a`'),
      never: passes('never calls `a`'),
      fails: passes('`a` fails'),
      neverFails: passes('`a` never fails'),
      noneFails: passes('no tool call fails'),
    }).toEqual(expected);
  });
});

describe('results', () => {
  it('that are not stored fail every test of them, and say so', () => {
    const facts = run({ calls: [call(0, 'a')] });
    for (const sentence of [
      '`a` result contains "x"',
      '`a` result does not contain "x"',
      '`a` result field `b` exists',
      '`a` result field `b` does not exist',
    ])
      expect(grade(sentence, facts)).toEqual({
        verdict: 'fail',
        rationale: "Results of `a` are not stored, so this can't be checked.",
        evidence: ['call-1'],
      });
  });

  it('may be missing in part for a plain test, not for a negated one', () => {
    const facts = run({ calls: [call(0, 'a'), call(1, 'a', { result: text('xyz') })] });
    expect(grade('`a` result contains "y"', facts).verdict).toBe('pass');
    expect(grade('`a` result does not contain "q"', facts).verdict).toBe('fail');
  });

  it('are searched in text blocks, embedded resources and structured content', () => {
    const result = {
      content: [
        { type: 'text', text: 'one' },
        { type: 'image', data: 'aGlkZGVu', mimeType: 'image/png' },
        { type: 'resource', resource: { uri: 'a://b', text: 'two' } },
        { type: 'text', text: 'three' },
      ],
      structuredContent: { list: ['fo"ur'] },
      isError: false,
    };
    const facts = run({ calls: [call(0, 'a', { result })] });
    const found = (needle: string) => grade(`\`a\` result contains ${JSON.stringify(needle)}`, facts).verdict;
    for (const needle of ['one', 'two', 'three', 'one\ntwo', 'fo"ur', '{"list":']) expect(found(needle)).toBe('pass');
    for (const needle of ['aGlkZGVu', 'a://b', 'onetwo']) expect(found(needle)).toBe('fail');
  });

  it('give fields from structured content first, else from the first text block that is JSON', () => {
    const both = { ...text('{"a":1,"b":2}'), structuredContent: { a: 10 } };
    const facts = run({
      calls: [call(0, 'x', { result: both }), call(1, 'y', { result: text('no', '[{"a":5}]', '[{"a":6}]') })],
    });
    expect(grade('`x` result field `a` equals 10', facts).verdict).toBe('pass');
    expect(grade('`x` result field `b` exists', facts).verdict).toBe('fail');
    expect(grade('`y` result field `[0].a` equals 5', facts).verdict).toBe('pass');
    expect(grade('`y` result field `[0].a` equals 6', facts).verdict).toBe('fail');
  });

  it('of any call satisfy a field test; a negated one wants none to', () => {
    const facts = run({
      calls: [1, 2, 3].map((n) => call(n, 'a', { result: { ...text(), structuredContent: { n } } })),
    });
    expect(grade('`a` result field `n` equals 2', facts)).toMatchObject({ verdict: 'pass', evidence: ['call-3'] });
    expect(grade('`a` result field `n` does not equal 2', facts)).toMatchObject({
      verdict: 'fail',
      evidence: ['call-3'],
    });
    expect(grade('`a` result field `n` does not equal 4', facts).verdict).toBe('pass');
    expect(grade('`a` result field `gone` does not equal 4', facts).verdict).toBe('pass');
  });

  it('of non-text fields match as JSON', () => {
    const structuredContent = { list: [1, 'a'], none: null };
    const facts = run({ calls: [call(0, 'a', { result: { ...text(), structuredContent } })] });
    expect(grade('`a` result field `list` matches /^\\[1,"a"\\]$/', facts).verdict).toBe('pass');
    expect(grade('`a` result field `none` matches /^null$/', facts).verdict).toBe('pass');
    expect(grade('`a` result field `list` matches /^$/', facts).verdict).toBe('fail');
  });
});

describe('hostile input', { timeout: 60_000 }, () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

  it('nested beyond the stack is not proved either way', () => {
    const facts = run({
      calls: [call(0, 'a', { arguments: deep, result: { ...text('x'), structuredContent: { deep } } })],
    });
    expect(grade('`a` result contains "x"', facts).verdict).toBe('pass');
    for (const sentence of [
      '`a` result does not contain "y"',
      '`a` result does not match /y/',
      '`a` result field `deep` does not match /y/',
    ])
      expect(grade(sentence, facts)).toMatchObject({
        verdict: 'fail',
        rationale: expect.stringContaining('too large'),
      });
    expect(grade('`a` result field `deep` equals 1', facts).rationale).toContain('nested too deeply to show');
    expect(grade('`a` result field `deep` exists', facts).verdict).toBe('pass');
    expect(grade('`a` is called with `0` = 1', facts).verdict).toBe('fail');
  });

  it('longer than a pattern reads is not proved to lack a match', () => {
    const long = `${'a'.repeat(100_000)}needle`;
    const facts = run({ calls: [call(0, 'a', { result: text(long) })], finalAnswer: long });
    for (const sentence of [
      '`a` result does not match /needle/',
      '`a` result matches /needle/',
      'final answer does not match /needle/',
    ])
      expect(grade(sentence, facts)).toMatchObject({
        verdict: 'fail',
        rationale: expect.stringContaining('too large'),
      });
    expect(grade('`a` result contains "needle"', facts).verdict).toBe('pass');
    expect(grade('final answer matches /^a+/', facts).verdict).toBe('pass');
  });

  it('in quantity is graded to the end', () => {
    const calls = Array.from({ length: 1000 }, (_, index) => call(index, 'a', { result: text('a'.repeat(100_000)) }));
    expect(grade('`a` result matches /(a|a)*(a|a)*(a|a)*b/', run({ calls })).verdict).toBe('fail');
  });

  it('makes short rationales and short evidence', () => {
    const structuredContent = { a: 'x'.repeat(1_000_000) };
    const calls = Array.from({ length: 200 }, (_, index) =>
      call(index, 'a', { result: { ...text(), structuredContent } }),
    );
    const { rationale, evidence } = grade('`a` result field `a` equals "y"', run({ calls, events: events() }));
    expect(rationale.length).toBeLessThan(400);
    expect(evidence).toHaveLength(50);
  });
});
