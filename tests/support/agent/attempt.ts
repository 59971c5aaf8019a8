import { createMemoryTrace, type MemoryTrace } from '../../../agent/execution/memory-trace.ts';
import type { Message, Model, ModelRequest, ModelResponse } from '../../../agent/ports.ts';
import { type AgentInput, runAgent } from '../../../agent/run-agent.ts';
import type { AgentEnd } from '../../../domain/run/roll-up.ts';
import { limits, retryPolicy } from '../../../domain/workflow/definition.ts';
import { createFakeServer, type FakeServer } from './fake-target.ts';

type Asked = { id?: string; name: string; arguments: string };
export type Turn = string | Asked[] | ((request: ModelRequest) => Promise<ModelResponse>);

export const call = (name: string, args: unknown = {}): Asked => ({
  name,
  arguments: typeof args === 'string' ? args : JSON.stringify(args),
});

/** A model that takes these turns, whichever the conversation is at: texts are final answers, lists are calls. */
export function modelOf(...turns: Turn[]): Model & { seen: Message[][] } {
  const seen: Message[][] = [];
  return {
    id: 'fake/model',
    seen,
    cost: () => 0,
    async complete(request) {
      seen.push(request.messages);
      const number = request.messages.filter(({ role }) => role === 'assistant').length;
      const turn = turns[number] ?? turns.at(-1) ?? '';
      if (typeof turn === 'function') return turn(request);
      const usage = { input: 100, output: 10 };
      if (typeof turn === 'string') return { content: turn, toolCalls: [], usage };
      return { content: '', toolCalls: turn.map((each, index) => ({ id: `c${number}-${index}`, ...each })), usage };
    },
  };
}

export const toolMessages = (messages: readonly Message[] = []): string[] =>
  messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));

export type Attempt = {
  end: Promise<AgentEnd>;
  server: FakeServer;
  trace: MemoryTrace;
  slept: number[];
  catalogs: string[][];
};

type Overrides = Partial<Omit<AgentInput, 'limits' | 'toolPolicy' | 'retryPolicy'>> & {
  server?: FakeServer;
  trace?: MemoryTrace;
  limits?: Partial<AgentInput['limits']>;
  toolPolicy?: Partial<AgentInput['toolPolicy']>;
  retryPolicy?: Partial<AgentInput['retryPolicy']>;
};

/** One attempt of a run, with no wait between retries. */
export function attemptRun(overrides: Overrides = {}): Attempt {
  const { server = createFakeServer(), trace = createMemoryTrace(), ...rest } = overrides;
  const slept: number[] = [];
  const catalogs: string[][] = [];
  const end = runAgent({
    prompt: 'Order a lamp for {{run.short_id}}.',
    run: { id: '0123-4567', shortId: '0123', startedAt: new Date(), attempt: 1 },
    model: modelOf('Done.'),
    connect: server.connect,
    recorder: overrides.recorder ?? trace.attempt(),
    repeatable: ({ annotations }) => annotations?.readOnlyHint === true,
    checkOutput: () => null,
    signal: new AbortController().signal,
    now: () => new Date(),
    sleep: async (ms) => {
      slept.push(ms);
    },
    onCatalog: ({ tools }) => {
      catalogs.push(tools.map(({ name }) => name));
    },
    ...rest,
    limits: limits.parse(overrides.limits ?? {}),
    toolPolicy: { allowedTools: [], blockedTools: [], ...overrides.toolPolicy },
    retryPolicy: retryPolicy.parse(overrides.retryPolicy ?? {}),
  });
  return { end, server, trace, slept, catalogs };
}
