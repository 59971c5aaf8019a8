import type { AgentEnd } from '../domain/run/roll-up.ts';
import type { TokenUsage, TraceEventBody, Transcript } from '../domain/run/run.ts';
import { measureWorkMs, sumUsage } from '../domain/run/transcript.ts';
import type { Limits, RetryPolicy, ToolPolicy } from '../domain/workflow/definition.ts';
import { type Caller, createCaller } from './call.ts';
import { type Clock, createClock } from './clock.ts';
import { modelErrorKind } from './failure.ts';
import { type ConnectTarget, isModelError, type Message, type Model, type Recorder, type Target } from './ports.ts';
import { expandPrompt, systemPrompt } from './prompt.ts';
import { type Sleep, withRetries } from './retry.ts';
import { createSession, type Session } from './session.ts';
import { recordedEnd, Stop, toAgentEnd } from './stop.ts';
import type { ToolListInput } from './tool-list.ts';

export type AgentInput = ToolListInput & {
  prompt: string;
  toolPolicy: ToolPolicy;
  limits: Limits;
  retryPolicy: RetryPolicy;
  /** `startedAt`: start of the run's first attempt. `attempt`: the number of this one, from 1. */
  run: { id: string; shortId: string; startedAt: Date; attempt: number };
  model: Model;
  connect: ConnectTarget;
  recorder: Recorder;
  /**
   * Aborting cancels the run; a text as the reason names who did it. With a `SupersededError` as the reason, such as
   * when the worker shuts down, this attempt stops without recording anything and another one continues.
   */
  signal: AbortSignal;
  now: () => Date;
  sleep: Sleep;
  /** Called with what the server listed after each connect. */
  onCatalog: (target: Pick<Target, 'tools' | 'catalog'>) => Promise<void> | void;
};

type ModelTurn = Extract<TraceEventBody, { type: 'model_turn' }>;

/**
 * Works on a run's prompt with a server's tools until a final answer, a limit or a failure, and records every step as
 * it happens. Continues where an earlier attempt stopped (docs/architecture.md, "The agent resumes").
 * @throws SupersededError, and errors of the recorder; other failures become the run's end
 */
export async function runAgent(input: AgentInput): Promise<AgentEnd> {
  const { recorder, limits, signal, now, run } = input;
  const transcript = await recorder.load();
  const ended = recordedEnd(transcript.events);
  if (ended) return ended;
  const workedMs = measureWorkMs(transcript.events, run.startedAt);
  const clock = createClock({ limits, workedMs, now, signal });
  const session = createSession({ ...input, clock, recorded: transcript.events });
  // If anything else ends this attempt, another one continues in the session.
  let keep = true;
  try {
    const end = await work(input, { transcript, clock, session });
    keep = false;
    return end;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    await recorder.append(error.event);
    keep = false;
    return toAgentEnd(error.event);
  } finally {
    clock.stop();
    await session.close({ keep });
  }
}

async function work(
  input: AgentInput,
  { transcript, clock, session }: { transcript: Transcript; clock: Clock; session: Session },
): Promise<AgentEnd> {
  const { recorder, limits } = input;
  const turns = transcript.events.filter((event) => event.type === 'model_turn');
  // Also after an attempt that recorded nothing: the time since then doesn't count.
  if (transcript.events.length > 0 || input.run.attempt > 1) {
    const before = transcript.events.filter(({ type }) => type === 'resumed').length;
    await recorder.append({ type: 'resumed', attempt: before + 2 });
  }
  const last = turns.at(-1);
  if (last && last.toolCalls.length === 0) return complete(recorder, last);

  await session.connect();
  const caller = createCaller({ ...input, clock, session, recorded: transcript.calls });
  const messages: Message[] = [
    { role: 'system', content: systemPrompt },
    { role: 'user', content: expandPrompt(input.prompt, input.run) },
  ];
  for (const turn of turns) await carryOut(turn, messages, caller);

  let tokens = sumUsage(turns.map(({ usage }) => usage)).total;
  let calls = turns.reduce((sum, { toolCalls }) => sum + toolCalls.length, 0);
  for (let number = turns.length + 1; ; number++) {
    clock.check();
    if (number > limits.turns) throw new Stop({ type: 'limit', limit: 'turns', allowed: limits.turns });
    if (tokens >= limits.tokens) throw new Stop({ type: 'limit', limit: 'tokens', allowed: limits.tokens });
    const turn = await takeTurn(input, { number, firstCall: calls, messages, clock, session });
    tokens += sumUsage([turn.usage]).total;
    calls += turn.toolCalls.length;
    if (turn.toolCalls.length === 0) return complete(recorder, turn);
    await carryOut(turn, messages, caller);
  }
}

async function complete(recorder: Recorder, { content }: ModelTurn): Promise<AgentEnd> {
  await recorder.append({ type: 'final_answer', content });
  return { outcome: 'completed' };
}

/** Makes the calls of a turn, or looks up their outcomes, and adds the turn and the results to the conversation. */
async function carryOut({ turn, content, toolCalls }: ModelTurn, messages: Message[], caller: Caller): Promise<void> {
  messages.push({
    role: 'assistant',
    content,
    toolCalls: toolCalls.map((call) => ({ id: call.id, name: call.tool, arguments: call.arguments })),
  });
  for (const call of toolCalls)
    messages.push({ role: 'tool', toolCallId: call.id, content: await caller.make(call, turn) });
}

async function takeTurn(
  input: AgentInput,
  {
    number,
    firstCall,
    messages,
    clock,
    session,
  }: { number: number; firstCall: number; messages: readonly Message[]; clock: Clock; session: Session },
): Promise<ModelTurn> {
  const { recorder, model, now } = input;
  let askedAt = 0;
  const attempted = await withRetries({
    work: () => {
      recorder.assertCurrent();
      askedAt = now().getTime();
      return model.complete({ messages: [...messages], tools: session.toolList().tools, signal: clock.signal });
    },
    policy: input.retryPolicy,
    signal: clock.signal,
    sleep: input.sleep,
    msLeft: clock.msLeft,
    onRetry: async (retry) => {
      await recorder.append({ type: 'retry', of: 'model', ...retry });
    },
  }).catch((error: unknown) => {
    if (clock.signal.aborted) clock.check();
    throw error;
  });
  if (!attempted.ok) {
    const { error, note } = attempted;
    if (!isModelError(error)) throw error;
    throw new Stop({ type: 'error', kind: modelErrorKind(error), message: `${error.message}${note}` });
  }
  const { content, toolCalls, usage } = attempted.value;
  const turn: ModelTurn = {
    type: 'model_turn',
    turn: number,
    content,
    toolCalls: toolCalls.map(({ id, name, arguments: text }, offset) => ({
      index: firstCall + offset,
      id,
      tool: name,
      arguments: text,
    })),
    usage: toUsage(usage),
    latencyMs: Math.max(0, now().getTime() - askedAt),
  };
  await recorder.append(turn);
  return turn;
}

const toUsage = ({ input, output, cachedInput }: TokenUsage): TokenUsage => ({
  input,
  output,
  ...(cachedInput === undefined ? {} : { cachedInput }),
});
