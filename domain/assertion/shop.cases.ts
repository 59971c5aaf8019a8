import type { CallOutcome, ToolCall, ToolResult, TraceEvent, TraceEventBody } from '../run/run.ts';
import type { Facts } from './facts.ts';

/** Runs to hold assertions against. */

const at = '2026-11-21T08:00:00.000Z';

export const text = (...texts: string[]): ToolResult => ({
  content: texts.map((each) => ({ type: 'text', text: each })),
  isError: false,
});

export function call(
  index: number,
  tool: string,
  more: { arguments?: unknown; outcome?: CallOutcome; result?: ToolResult; error?: string } = {},
): ToolCall {
  return { index, turn: 1, tool, arguments: {}, outcome: 'ok', startedAt: at, latencyMs: 20, attempts: 1, ...more };
}

export const events = (...bodies: TraceEventBody[]): TraceEvent[] => bodies.map((body, seq) => ({ ...body, seq, at }));

const connected = (...offered: string[]): TraceEventBody => ({
  type: 'connected',
  server: { name: 'shop', version: '1.0.0' },
  protocolVersion: '2026-07-28',
  offered,
  again: false,
});

export const run = (facts: Partial<Facts>): Facts => ({
  calls: [],
  events: [],
  finalAnswer: null,
  seconds: 1,
  tokens: 0,
  ...facts,
});

const order = {
  id: 'ORD-1042',
  status: 'confirmed',
  total: 39,
  note: null,
  paid: false,
  tags: ['new', 'gift'],
  codes: [7, null, true],
  lines: [{ sku: 'p-1', quantity: 2 }],
  'ship to': 'Ada "Al" Byron\nLondon',
  digits: '42',
};

/**
 * A search, an order, a status that fails once, two refused calls, a time-out and a broken connection. Interrupted
 * calls are in interrupted.test.ts.
 */
export const shop: Facts = run({
  calls: [
    call(0, 'search_products', {
      arguments: { query: 'lamp', limit: 5 },
      result: text('Found 2.', '{"items":[{"id":"p-1","price":19.5},{"id":"p-2","price":40}],"total":2}'),
    }),
    call(1, 'create_order', {
      arguments: { items: [{ id: 'p-1', quantity: 2 }], express: true, note: null, customer: 'Ada' },
      result: { ...text('Order ORD-1042 confirmed.'), structuredContent: { order } },
    }),
    call(2, 'get_order_status', {
      arguments: { orderId: 'ORD-1042' },
      outcome: 'tool_error',
      result: { ...text('Order service busy, try again'), isError: true },
    }),
    call(3, 'get_order_status', {
      arguments: { orderId: 'ORD-1042', fresh: true },
      result: text('Status: "packed"\nnext: ship'),
    }),
    call(4, 'refund_order', {
      arguments: { orderId: 'ORD-1042', amount: 10 },
      outcome: 'blocked',
      error: 'Blocked by policy.',
    }),
    call(5, 'delete-everything', { outcome: 'not_offered', error: 'Not offered.' }),
    call(6, 'stock.level', { outcome: 'timeout', error: 'No answer within 60 s.' }),
    call(7, 'send_mail', { outcome: 'transport_error', error: 'Closed.', arguments: { to: 'ada@example.com' } }),
  ],
  events: events(
    connected(
      'search_products',
      'create_order',
      'get_order_status',
      'refund_order',
      'stock.level',
      'send_mail',
      'unused',
    ),
    { type: 'model_turn', turn: 1, content: '', toolCalls: [], usage: { input: 4000, output: 200 }, latencyMs: 900 },
    { type: 'final_answer', content: 'Order ORD-1042 is confirmed.\nTotal: 39.00 EUR' },
  ),
  finalAnswer: 'Order ORD-1042 is confirmed.\nTotal: 39.00 EUR',
  seconds: 12.5,
  tokens: 4200,
});

/** Nothing went wrong. */
export const clean: Facts = run({
  calls: [call(0, 'search_products', { result: text('nothing') }), call(1, 'create_order', { result: text('done') })],
  finalAnswer: '',
});

/** The agent called nothing and ran into its turn limit. */
export const idle: Facts = run({
  events: events(connected('search_products'), { type: 'limit', limit: 'turns', allowed: 20 }),
});
