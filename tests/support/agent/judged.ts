import { type EvaluateInput, evaluate } from '../../../agent/evaluate.ts';
import { providerConfig } from '../../../domain/model/provider.ts';
import type { ToolCall, TraceEvent, TraceEventBody } from '../../../domain/run/run.ts';
import { retryPolicy } from '../../../domain/workflow/definition.ts';
import { createModels } from '../../../infra/models/index.ts';
import { type ChatRequest, type Reply, startProvider } from '../models/provider.ts';

export const boundary = '9f3c1e7ab2d84650';
export const criterion = (text: string, position = 0) => ({
  id: `00000000-0000-4000-8000-00000000000${position}`,
  text,
  isRequired: true,
});
export const events = (...bodies: TraceEventBody[]): TraceEvent[] =>
  bodies.map((body, seq) => ({ ...body, seq, at: '2026-11-21T10:00:00.000Z' }));
export const callOf = (index: number, more: Partial<ToolCall> = {}): ToolCall => ({
  index,
  turn: 1,
  tool: 'create_order',
  arguments: { sku: 'L-1' },
  outcome: 'ok',
  result: { content: [{ type: 'text', text: '{"id":"ORD-1"}' }], isError: false },
  startedAt: '2026-11-21T10:00:00.000Z',
  latencyMs: 12,
  attempts: 1,
  ...more,
});
export const turnOf = (calls: number): Extract<TraceEventBody, { type: 'model_turn' }> => ({
  type: 'model_turn',
  turn: 1,
  content: 'I order.',
  toolCalls: Array.from({ length: calls }, (_, index) => ({
    index,
    id: `c${index}`,
    tool: 'create_order',
    arguments: '{}',
  })),
  usage: { input: 1, output: 1 },
  latencyMs: 5,
});

/** Grades a run with one order by a judge that answers over HTTP. */
export async function judged(
  reply: (request: ChatRequest, number: number) => Reply | Promise<Reply>,
  { timeoutMs = 10_000, ...overrides }: Partial<EvaluateInput> & { timeoutMs?: number } = {},
) {
  const fake = await startProvider(reply);
  const provider = providerConfig.parse({
    name: 'acme',
    baseUrl: fake.baseUrl,
    apiKey: 'sk-1',
    models: [{ id: 'judge' }],
  });
  const slept: number[] = [];
  const results = await evaluate({
    criteria: [criterion('The agent reports the id of the order')],
    transcript: {
      events: events(turnOf(1), { type: 'final_answer', content: 'Ordered: ORD-1' }),
      calls: [callOf(0)],
    },
    finalAnswer: 'Ordered: ORD-1',
    seconds: 3,
    tokens: 500,
    judge: createModels({ providers: [provider], timeoutMs }).resolve('acme/judge'),
    boundary,
    signal: new AbortController().signal,
    retryPolicy: retryPolicy.parse({}),
    sleep: async (ms) => {
      slept.push(ms);
    },
    ...overrides,
  }).finally(fake.close);
  return { results, requests: fake.requests, slept };
}

export const verdict = (more: object = {}): Reply => ({
  answer: JSON.stringify({
    rationale: 'The answer names ORD-1.',
    evidence: ['call-1', 'event-1'],
    verdict: 'pass',
    ...more,
  }),
  usage: { input: 900, output: 40, cached: 800 },
});
export const contents = ({ messages }: ChatRequest): string[] => messages.map(({ content }) => content ?? '');
