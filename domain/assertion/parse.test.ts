import { describe, expect, it } from 'vitest';
import type { Assertion } from './assertion.ts';
import { evaluateAssertion } from './evaluate.ts';
import { parseAssertion } from './parse.ts';
import { shop } from './shop.cases.ts';

const count = (op: 'exactly' | 'at_least' | 'at_most', times: number) => ({ op, times });
const field = (
  tool: string,
  path: string,
  test: Extract<Assertion, { kind: 'result_field' }>['test'],
  negated = false,
) => ({ kind: 'result_field', tool, path, test, negated }) as const;
const says = (tool: string, text: string, negated = false) =>
  ({ kind: 'result_text', tool, test: { op: 'contains', text }, negated }) as const;
const answer = (text: string, negated = false) =>
  ({ kind: 'final_answer', test: { op: 'contains', text }, negated }) as const;
const answerMatches = (source: string, flags = '', negated = false) =>
  ({ kind: 'final_answer', test: { op: 'matches', pattern: { source, flags } }, negated }) as const;
const withArgument = (tool: string, path: string, value: string | number | boolean | null, negated = false) =>
  ({ kind: 'called_with', tool, path, value, negated }) as const;

/** Each sentence, what it means, and how the shop run of shop.cases.ts fares by it. */
const sentences: [string, Assertion, 'pass' | 'fail'][] = [
  // calls
  ['calls `create_order`', { kind: 'calls', tool: 'create_order', count: count('at_least', 1) }, 'pass'],
  ['calls create_order', { kind: 'calls', tool: 'create_order', count: count('at_least', 1) }, 'pass'],
  ['Calls create_order.', { kind: 'calls', tool: 'create_order', count: count('at_least', 1) }, 'pass'],
  ['CALLS `create_order` EXACTLY ONCE', { kind: 'calls', tool: 'create_order', count: count('exactly', 1) }, 'pass'],
  ['calls `create_order` once.', { kind: 'calls', tool: 'create_order', count: count('exactly', 1) }, 'pass'],
  ['calls `get_order_status` once', { kind: 'calls', tool: 'get_order_status', count: count('exactly', 1) }, 'fail'],
  ['calls `get_order_status` twice', { kind: 'calls', tool: 'get_order_status', count: count('exactly', 2) }, 'pass'],
  [
    'calls `get_order_status` exactly twice',
    { kind: 'calls', tool: 'get_order_status', count: count('exactly', 2) },
    'pass',
  ],
  [
    'calls get_order_status exactly 2 times',
    { kind: 'calls', tool: 'get_order_status', count: count('exactly', 2) },
    'pass',
  ],
  ['calls get_order_status 3 times', { kind: 'calls', tool: 'get_order_status', count: count('exactly', 3) }, 'fail'],
  [
    'calls `get_order_status` at least once',
    { kind: 'calls', tool: 'get_order_status', count: count('at_least', 1) },
    'pass',
  ],
  [
    'calls `get_order_status` at least 3 times',
    { kind: 'calls', tool: 'get_order_status', count: count('at_least', 3) },
    'fail',
  ],
  [
    'calls `get_order_status` at most twice',
    { kind: 'calls', tool: 'get_order_status', count: count('at_most', 2) },
    'pass',
  ],
  [
    'calls `get_order_status` at most 1 time',
    { kind: 'calls', tool: 'get_order_status', count: count('at_most', 1) },
    'fail',
  ],
  ['calls `unused` at most once', { kind: 'calls', tool: 'unused', count: count('at_most', 1) }, 'pass'],
  ['calls `unused` exactly 0 times', { kind: 'calls', tool: 'unused', count: count('exactly', 0) }, 'pass'],
  ['calls unused', { kind: 'calls', tool: 'unused', count: count('at_least', 1) }, 'fail'],
  ['calls `refund_order`', { kind: 'calls', tool: 'refund_order', count: count('at_least', 1) }, 'fail'],
  ['calls stock.level', { kind: 'calls', tool: 'stock.level', count: count('at_least', 1) }, 'pass'],
  ['calls stock.level.', { kind: 'calls', tool: 'stock.level', count: count('at_least', 1) }, 'pass'],
  ['  calls   `send_mail`   once  ', { kind: 'calls', tool: 'send_mail', count: count('exactly', 1) }, 'pass'],
  ['calls `the` once', { kind: 'calls', tool: 'the', count: count('exactly', 1) }, 'fail'],
  ['calls ` create_order `', { kind: 'calls', tool: 'create_order', count: count('at_least', 1) }, 'pass'],
  ['calls "back`tick" once', { kind: 'calls', tool: 'back`tick', count: count('exactly', 1) }, 'fail'],
  ['never calls "two\\nlines"', { kind: 'never_calls', tool: 'two\nlines' }, 'pass'],
  ['calls `greet (formal)`', { kind: 'calls', tool: 'greet (formal)', count: count('at_least', 1) }, 'fail'],
  ['calls `Create_Order`', { kind: 'calls', tool: 'Create_Order', count: count('at_least', 1) }, 'fail'],
  [
    'calls `search_products` at least 1,000 times',
    { kind: 'calls', tool: 'search_products', count: count('at_least', 1000) },
    'fail',
  ],

  // never calls
  ['never calls `unused`', { kind: 'never_calls', tool: 'unused' }, 'pass'],
  ['Never calls unused.', { kind: 'never_calls', tool: 'unused' }, 'pass'],
  ['never calls `create_order`', { kind: 'never_calls', tool: 'create_order' }, 'fail'],
  ['never calls `refund_order`', { kind: 'never_calls', tool: 'refund_order' }, 'fail'],
  ['never calls delete-everything', { kind: 'never_calls', tool: 'delete-everything' }, 'fail'],
  ['does not call `unused`', { kind: 'never_calls', tool: 'unused' }, 'pass'],
  ["doesn't call `unused`", { kind: 'never_calls', tool: 'unused' }, 'pass'],

  // before
  [
    'calls `search_products` before `create_order`',
    { kind: 'calls_before', first: 'search_products', second: 'create_order' },
    'pass',
  ],
  [
    'calls search_products before create_order.',
    { kind: 'calls_before', first: 'search_products', second: 'create_order' },
    'pass',
  ],
  [
    'calls `create_order` before `search_products`',
    { kind: 'calls_before', first: 'create_order', second: 'search_products' },
    'fail',
  ],
  [
    'calls `search_products` before `unused`',
    { kind: 'calls_before', first: 'search_products', second: 'unused' },
    'fail',
  ],
  ['calls `unused` before `create_order`', { kind: 'calls_before', first: 'unused', second: 'create_order' }, 'fail'],
  [
    'calls `create_order` before `refund_order`',
    { kind: 'calls_before', first: 'create_order', second: 'refund_order' },
    'fail',
  ],

  // failing
  ['no tool call fails', { kind: 'no_call_fails' }, 'fail'],
  ['No tool calls fail.', { kind: 'no_call_fails' }, 'fail'],
  ['no call fails', { kind: 'no_call_fails' }, 'fail'],
  ['`get_order_status` fails', { kind: 'tool_fails', tool: 'get_order_status', negated: false }, 'pass'],
  ['get_order_status fails.', { kind: 'tool_fails', tool: 'get_order_status', negated: false }, 'pass'],
  ['`stock.level` fails', { kind: 'tool_fails', tool: 'stock.level', negated: false }, 'pass'],
  ['`create_order` fails', { kind: 'tool_fails', tool: 'create_order', negated: false }, 'fail'],
  ['`refund_order` fails', { kind: 'tool_fails', tool: 'refund_order', negated: false }, 'fail'],
  ['`send_mail` fails', { kind: 'tool_fails', tool: 'send_mail', negated: false }, 'pass'],
  ['`create_order` never fails', { kind: 'tool_fails', tool: 'create_order', negated: true }, 'pass'],
  ['`get_order_status` does not fail', { kind: 'tool_fails', tool: 'get_order_status', negated: true }, 'fail'],
  ["`unused` doesn't fail", { kind: 'tool_fails', tool: 'unused', negated: true }, 'fail'],
  ['`send_mail` never fails', { kind: 'tool_fails', tool: 'send_mail', negated: true }, 'fail'],

  // result
  ['`create_order` result contains "ORD-1042"', says('create_order', 'ORD-1042'), 'pass'],
  ['create_order result contains "confirmed".', says('create_order', 'confirmed'), 'pass'],
  ['`create_order` result contains "gift"', says('create_order', 'gift'), 'pass'],
  ['`create_order` result contains "Ada \\"Al\\" Byron"', says('create_order', 'Ada "Al" Byron'), 'pass'],
  ['`create_order` result contains "\\"total\\":39"', says('create_order', '"total":39'), 'pass'],
  ['`create_order` result contains "ord-1042"', says('create_order', 'ord-1042'), 'fail'],
  ['`get_order_status` result contains "packed"', says('get_order_status', 'packed'), 'pass'],
  ['`get_order_status` result contains "busy"', says('get_order_status', 'busy'), 'pass'],
  ['`get_order_status` result contains "\\nnext"', says('get_order_status', '\nnext'), 'pass'],
  ['`get_order_status` result contains "\\u0022packed"', says('get_order_status', '"packed'), 'pass'],
  ['`unused` result contains "x"', says('unused', 'x'), 'fail'],
  ['`stock.level` result contains "x"', says('stock.level', 'x'), 'fail'],
  ['`create_order` result contains ""', says('create_order', ''), 'pass'],
  ['`create_order` result does not contain "error"', says('create_order', 'error', true), 'pass'],
  ['`get_order_status` result doesn\'t contain "busy"', says('get_order_status', 'busy', true), 'fail'],
  ['`stock.level` result does not contain "x"', says('stock.level', 'x', true), 'fail'],
  [
    '`create_order` result matches /ORD-\\d+/',
    {
      kind: 'result_text',
      tool: 'create_order',
      test: { op: 'matches', pattern: { source: 'ORD-\\d+', flags: '' } },
      negated: false,
    },
    'pass',
  ],
  [
    '`create_order` result matches "ord-\\d+"',
    {
      kind: 'result_text',
      tool: 'create_order',
      test: { op: 'matches', pattern: { source: 'ord-\\d+', flags: '' } },
      negated: false,
    },
    'fail',
  ],
  [
    '`create_order` result does not match /error/i.',
    {
      kind: 'result_text',
      tool: 'create_order',
      test: { op: 'matches', pattern: { source: 'error', flags: 'i' } },
      negated: true,
    },
    'pass',
  ],

  // result field
  [
    '`create_order` result field `order.status` equals "confirmed"',
    field('create_order', 'order.status', { op: 'equals', value: 'confirmed' }),
    'pass',
  ],
  [
    'create_order result field order.status equals "confirmed".',
    field('create_order', 'order.status', { op: 'equals', value: 'confirmed' }),
    'pass',
  ],
  [
    '`create_order` result field `order.total` equals 39',
    field('create_order', 'order.total', { op: 'equals', value: 39 }),
    'pass',
  ],
  [
    '`create_order` result field `order.total` equals 39.',
    field('create_order', 'order.total', { op: 'equals', value: 39 }),
    'pass',
  ],
  [
    '`create_order` result field `order.total` equals 39.5',
    field('create_order', 'order.total', { op: 'equals', value: 39.5 }),
    'fail',
  ],
  [
    '`create_order` result field `order.total` equals "39"',
    field('create_order', 'order.total', { op: 'equals', value: '39' }),
    'fail',
  ],
  [
    '`create_order` result field `order.total` equals -1.5e3',
    field('create_order', 'order.total', { op: 'equals', value: -1500 }),
    'fail',
  ],
  [
    '`create_order` result field `order.note` equals null',
    field('create_order', 'order.note', { op: 'equals', value: null }),
    'pass',
  ],
  [
    '`create_order` result field `order.paid` equals false',
    field('create_order', 'order.paid', { op: 'equals', value: false }),
    'pass',
  ],
  [
    '`create_order` result field `order.paid` equals true',
    field('create_order', 'order.paid', { op: 'equals', value: true }),
    'fail',
  ],
  [
    '`create_order` result field `order.status` does not equal "canceled"',
    field('create_order', 'order.status', { op: 'equals', value: 'canceled' }, true),
    'pass',
  ],
  [
    '`create_order` result field `order.lines[0].sku` equals "p-1"',
    field('create_order', 'order.lines[0].sku', { op: 'equals', value: 'p-1' }),
    'pass',
  ],
  [
    'create_order result field order.lines[0].quantity equals 2',
    field('create_order', 'order.lines[0].quantity', { op: 'equals', value: 2 }),
    'pass',
  ],
  [
    '`create_order` result field `order["ship to"]` contains "London"',
    field('create_order', 'order["ship to"]', { op: 'contains', value: 'London' }),
    'pass',
  ],
  [
    '`create_order` result field `order.tags` contains "gift"',
    field('create_order', 'order.tags', { op: 'contains', value: 'gift' }),
    'pass',
  ],
  [
    '`create_order` result field `order.tags` contains "gif"',
    field('create_order', 'order.tags', { op: 'contains', value: 'gif' }),
    'fail',
  ],
  [
    '`create_order` result field `order.codes` contains 7',
    field('create_order', 'order.codes', { op: 'contains', value: 7 }),
    'pass',
  ],
  [
    '`create_order` result field `order.codes` contains null',
    field('create_order', 'order.codes', { op: 'contains', value: null }),
    'pass',
  ],
  [
    '`create_order` result field `order.total` contains 3',
    field('create_order', 'order.total', { op: 'contains', value: 3 }),
    'fail',
  ],
  [
    '`create_order` result field `order.tags` does not contain "old"',
    field('create_order', 'order.tags', { op: 'contains', value: 'old' }, true),
    'pass',
  ],
  [
    '`create_order` result field `order.id` matches /^ORD-\\d{4}$/',
    field('create_order', 'order.id', { op: 'matches', pattern: { source: '^ORD-\\d{4}$', flags: '' } }),
    'pass',
  ],
  [
    '`create_order` result field `order.id` matches "^ord"',
    field('create_order', 'order.id', { op: 'matches', pattern: { source: '^ord', flags: '' } }),
    'fail',
  ],
  [
    '`create_order` result field `order.total` matches /^39$/',
    field('create_order', 'order.total', { op: 'matches', pattern: { source: '^39$', flags: '' } }),
    'pass',
  ],
  [
    '`create_order` result field `order.id` does not match /x/',
    field('create_order', 'order.id', { op: 'matches', pattern: { source: 'x', flags: '' } }, true),
    'pass',
  ],
  ['`create_order` result field `order.id` exists', field('create_order', 'order.id', { op: 'exists' }), 'pass'],
  ['`create_order` result field `order.note` exists.', field('create_order', 'order.note', { op: 'exists' }), 'pass'],
  ['`create_order` result field `order.gone` exists', field('create_order', 'order.gone', { op: 'exists' }), 'fail'],
  [
    '`create_order` result field `order.gone` does not exist',
    field('create_order', 'order.gone', { op: 'exists' }, true),
    'pass',
  ],
  [
    '`create_order` result field `order.constructor` exists',
    field('create_order', 'order.constructor', { op: 'exists' }),
    'fail',
  ],
  [
    '`create_order` result field `order.total` is at least 39',
    field('create_order', 'order.total', { op: 'at_least', number: 39 }),
    'pass',
  ],
  [
    '`create_order` result field `order.total` is greater than 39',
    field('create_order', 'order.total', { op: 'greater_than', number: 39 }),
    'fail',
  ],
  [
    '`create_order` result field `order.total` is at most 39',
    field('create_order', 'order.total', { op: 'at_most', number: 39 }),
    'pass',
  ],
  [
    '`create_order` result field `order.total` is less than 39',
    field('create_order', 'order.total', { op: 'less_than', number: 39 }),
    'fail',
  ],
  [
    '`create_order` result field `order.digits` is at least 1',
    field('create_order', 'order.digits', { op: 'at_least', number: 1 }),
    'fail',
  ],
  [
    '`search_products` result field `items[1].price` equals 40',
    field('search_products', 'items[1].price', { op: 'equals', value: 40 }),
    'pass',
  ],
  [
    '`search_products` result field `items.0.price` is greater than 19',
    field('search_products', 'items.0.price', { op: 'greater_than', number: 19 }),
    'pass',
  ],
  ['`get_order_status` result field `status` exists', field('get_order_status', 'status', { op: 'exists' }), 'fail'],
  [
    '`get_order_status` result field `status` does not exist',
    field('get_order_status', 'status', { op: 'exists' }, true),
    'fail',
  ],

  // called with
  ['`search_products` is called with `query` = "lamp"', withArgument('search_products', 'query', 'lamp'), 'pass'],
  ['search_products is called with query="lamp"', withArgument('search_products', 'query', 'lamp'), 'pass'],
  ['search_products is called with limit = 5.', withArgument('search_products', 'limit', 5), 'pass'],
  ['`search_products` is called with `limit` = "5"', withArgument('search_products', 'limit', '5'), 'fail'],
  [
    '`create_order` is called with `items[0].quantity` = 2',
    withArgument('create_order', 'items[0].quantity', 2),
    'pass',
  ],
  ['`create_order` is called with `express` = true', withArgument('create_order', 'express', true), 'pass'],
  ['`create_order` is called with `note` = null', withArgument('create_order', 'note', null), 'pass'],
  ['`create_order` is called with `missing` = null', withArgument('create_order', 'missing', null), 'fail'],
  ['`get_order_status` is called with `fresh` = true', withArgument('get_order_status', 'fresh', true), 'pass'],
  ['`refund_order` is called with `amount` = 10', withArgument('refund_order', 'amount', 10), 'fail'],
  ['`refund_order` is never called with `amount` = 10', withArgument('refund_order', 'amount', 10, true), 'fail'],
  ['`refund_order` is never called with `amount` = 11', withArgument('refund_order', 'amount', 11, true), 'pass'],
  [
    '`search_products` is not called with `query` = "desk"',
    withArgument('search_products', 'query', 'desk', true),
    'pass',
  ],

  // final answer
  ['final answer contains "ORD-1042"', answer('ORD-1042'), 'pass'],
  ['Final answer contains "39.00 EUR".', answer('39.00 EUR'), 'pass'],
  ['the final answer contains "refund"', answer('refund'), 'fail'],
  ['The final answer does not contain "refund".', answer('refund', true), 'pass'],
  ['final answer doesn\'t contain "ORD"', answer('ORD', true), 'fail'],
  ['final answer matches /total: \\d+\\.\\d{2}/i', answerMatches('total: \\d+\\.\\d{2}', 'i'), 'pass'],
  ['final answer matches "Total: \\d+"', answerMatches('Total: \\d+'), 'pass'],
  ['final answer matches "\\"quoted\\""', answerMatches('"quoted"'), 'fail'],
  ['final answer matches /^Total/', answerMatches('^Total'), 'fail'],
  ['final answer matches /^Total/m', answerMatches('^Total', 'm'), 'pass'],
  ['final answer matches /[/.]00\\/?/', answerMatches('[/.]00\\/?'), 'pass'],
  ['final answer matches /(a|a)*b/', answerMatches('(a|a)*b'), 'fail'],
  ['final answer does not match /error|fail/i', answerMatches('error|fail', 'i', true), 'pass'],

  // limits
  ['finishes within 30 s', { kind: 'finishes_within', seconds: 30 }, 'pass'],
  ['Finishes within 12 s.', { kind: 'finishes_within', seconds: 12 }, 'fail'],
  ['finishes within 12.5 seconds', { kind: 'finishes_within', seconds: 12.5 }, 'pass'],
  ['finishes within 30s', { kind: 'finishes_within', seconds: 30 }, 'pass'],
  ['finishes within 1 minute', { kind: 'finishes_within', seconds: 60 }, 'pass'],
  ['finishes within 0.2 min', { kind: 'finishes_within', seconds: 12 }, 'fail'],
  ['finishes within 500 ms', { kind: 'finishes_within', seconds: 0.5 }, 'fail'],
  ['uses at most 6 tool calls', { kind: 'uses_at_most', amount: 6, unit: 'tool_calls' }, 'pass'],
  ['Uses at most 5 tool calls.', { kind: 'uses_at_most', amount: 5, unit: 'tool_calls' }, 'fail'],
  ['uses at most 1 tool call', { kind: 'uses_at_most', amount: 1, unit: 'tool_calls' }, 'fail'],
  ['uses at most 4200 tokens', { kind: 'uses_at_most', amount: 4200, unit: 'tokens' }, 'pass'],
  ['uses at most 4,199 tokens', { kind: 'uses_at_most', amount: 4199, unit: 'tokens' }, 'fail'],
  ['uses at most 10_000 tokens', { kind: 'uses_at_most', amount: 10_000, unit: 'tokens' }, 'pass'],
];

describe('an assertion', () => {
  it.each(sentences)('%s', (sentence, assertion, verdict) => {
    expect(parseAssertion(sentence)).toEqual({ ok: true, assertion });
    expect(evaluateAssertion(assertion, shop).verdict).toBe(verdict);
  });

  it('is written at most once in the table above', () => {
    expect(new Set(sentences.map(([sentence]) => sentence)).size).toBe(sentences.length);
  });
});

/**
 * Each line, the part of it at which it stops being an assertion ('' at its end), what was expected there, and whether
 * to hint.
 */
const nearMisses: [string, string, string, boolean][] = [
  // leaves a form after reading it
  ['calls `create_order` exactly once and reports the id', 'and', 'the end of the line', true],
  ['calls `create_order` and reports the id', 'and', 'a count', true],
  ['calls `create_order`, then stops', ', then', 'a count', true],
  ['calls `create_order` before `refund_order` and after lunch', 'and', 'the end of the line', true],
  ['calls `create_order` exactly once!', 'once!', 'a whole number', true],
  ['calls `create_order` exactly', '', 'a whole number', true],
  ['calls `create_order` exactly three times', 'three', 'a whole number', true],
  ['calls `create_order` at least 2', '', '"times" or "time"', true],
  ['calls `create_order` at least 2.5 times', '2.5', 'a whole number', true],
  ['calls `create_order` at least -1 times', '-1', 'a whole number', true],
  ['calls `create_order` more than once', 'more', 'a count', true],
  ['calls `create_order` before', '', 'a tool name', true],
  ['calls `create_order` before `create_order`', '`create_order`', 'another tool than "create_order"', true],
  ['calls `create_order` twice..', 'twice..', 'a count', true],
  ['never calls `refund_order` unless asked', 'unless', 'the end of the line', true],
  ['no tool call fails with a timeout', 'with', 'the end of the line', true],
  ['`create_order` fails with a 404', 'with', 'the end of the line', true],
  ['`create_order` result contains ORD-1042', 'ORD-1042', 'a text in double quotes', true],
  ['`create_order` result contains an order id', 'an', 'a text in double quotes', true],
  ["`create_order` result contains 'ORD'", "'ORD'", 'a text in double quotes', true],
  ['`create_order` result contains "ORD', '', 'the closing double quote', true],
  ['`create_order` result contains "a" or "b"', 'or', 'the end of the line', true],
  ['`create_order` result contains "bad \\q"', '"bad', 'escapes as in JSON', true],
  ['`create_order` result field `order.status` equals confirmed', 'confirmed', 'a JSON value', true],
  ['`create_order` result field `order.status` equals', '', 'a JSON value', true],
  ['`create_order` result field `order.total` equals 039', '039', 'a JSON value', true],
  ['`create_order` result field `order.total` equals 1e999', '1e999', 'a JSON value', true],
  ['`create_order` result field `order.total` is at least "39"', '"39"', 'a number', true],
  ['`create_order` result field `order.total` equals 39 EUR', 'EUR', 'the end of the line', true],
  ['`create_order` result field `order.id` exists and is unique', 'and', 'the end of the line', true],
  ['`create_order` result field `order.id` matches', '', 'a regular expression', true],
  ['`create_order` result field `order.id` matches /(/', '/(/', 'can be read (missing closing )', true],
  ['`create_order` result field `order.id` matches /a/x', '/a/x', 'the flags may be', true],
  ['final answer matches /(a)\\1/', '/(a)', 'backreferences are not supported', true],
  ['final answer matches /(?=a)b/', '/(?=a)', 'lookaround is not supported', true],
  ['final answer matches /abc', '', 'the closing slash', true],
  ['final answer contains the order id', 'the order', 'a text in double quotes', true],
  ['final answer contains "ORD-1042" and the total', 'and', 'the end of the line', true],
  ['`search_products` is called with `query` "lamp"', '"lamp"', '"="', true],
  ['`search_products` is called with `query` = lamp', 'lamp', 'a JSON value', true],
  ['`search_products` is called with `query` = "lamp" and `limit` = 5', 'and', 'the end of the line', true],
  ['`search_products` is called with a query', 'query', '"="', true],
  ['`search_products` is called with `a..b` = 1', '`a..b`', 'a JSON path', true],
  ['finishes within 30', '', 'a unit', true],
  ['finishes within 30 hours', 'hours', 'a unit', true],
  ['finishes within a minute', 'a minute', 'a number of seconds', true],
  ['finishes within 30 s and answers', 'and', 'the end of the line', true],
  ['uses at most five tool calls', 'five', 'a whole number', true],
  ['uses at most 5 calls', 'calls', '"tokens"', true],
  ['uses at most 1,00 tokens', '1,00', 'a whole number', true],
  // never was one
  ['calls the customer back', 'the', 'a tool name', false],
  ['calls', '', 'a tool name', false],
  ['calls `` once', '``', 'a name between the backticks', false],
  ['calls `create_order', '', 'the closing backtick', false],
  ['calls "" once', '""', 'a name between the quotes', false],
  ['"create_order', '', 'the closing double quote', false],
  ['calls 3 times', '3', 'a tool name', false],
  ['The agent calls `create_order` exactly once', 'The', 'a tool name', false],
  ['the answer names the order id', 'the answer', 'a tool name', false],
  ['final answer mentions the order id', 'mentions', '"contains"', false],
  ['final answer is polite', 'is', '"contains"', false],
  ['never mentions a competitor', 'mentions', 'another form of assertion', false],
  ['no errors are shown', 'errors', '"call" or "calls"', false],
  ['it fails', 'it', 'a tool name', false],
  ['`create_order` succeeds', 'succeeds', 'another form of assertion', false],
  ['`create_order` result is sensible', 'is', '"contains"', false],
  ['`create_order` result field `order.status` is confirmed', 'is', '"equals"', false],
  ['`create_order` result field `order.status` does not change', 'change', '"equal"', false],
  ['create_order', '', 'another form of assertion', false],
  ['Order is confirmed within a reasonable time', 'is', 'another form of assertion', false],
  ['uses only search_products', 'only', 'another form of assertion', false],
  ['finishes', '', 'another form of assertion', false],
  ['- calls `create_order`', '-', 'a tool name', false],
  ['', '', 'a tool name', false],
  ['   ', '', 'a tool name', false],
  ['.', '', 'a tool name', false],
  ['`', '', 'the closing backtick', false],
  ['注文が一度だけ作成される', '注文', 'a tool name', false],
];

describe('a line that is no assertion', () => {
  it.each(nearMisses)('%s', (line, rest, expected, looksLikeAssertion) => {
    const parsed = parseAssertion(line);
    expect(parsed).toMatchObject({ ok: false, looksLikeAssertion, expected: expect.stringContaining(expected) });
    expect(parsed.ok ? null : parsed.position).toBe(rest === '' ? line.trimEnd().length : line.lastIndexOf(rest));
  });
});

describe('parseAssertion', { timeout: 30_000 }, () => {
  it('takes any text without throwing', () => {
    for (const piece of ['`', '"', '\\', '/', '=', '.', 'calls ', '[', '(', '\u0000', '\ud800', '"\\'])
      for (const start of ['', 'calls ', '`a` result matches /', '`a` result field ', 'final answer contains "'])
        expect(parseAssertion(start + piece.repeat(20_000)).ok).toBe(false);
  });
});
