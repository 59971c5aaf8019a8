import { toCallNumber } from './call-number.ts';
import { toCallId, toEventId } from './ids.ts';
import type { CallOutcome, RunErrorKind, RunLimit, ToolCall, TraceEvent } from './run.ts';

type Place = {
  /** Evidence id: `call-<number>` for calls, else `event-<seq>`. */
  id: string;
  /** Of its first event. */
  seq: number;
  /** Evidence ids of the other events that it stands for. */
  also: string[];
  /** Milliseconds since the first event. */
  startMs: number;
  /** Null while it goes on. */
  durationMs: number | null;
};

/** A step of a run as readers see it: a call is one step with its result, whatever the number of its events. */
export type Step = Place &
  (
    | { kind: 'connected'; again: boolean; server: string; protocolVersion: string; offeredCount: number }
    | { kind: 'turn'; turn: number; tools: string[]; tokens: number }
    | { kind: 'call'; number: number; tool: string; outcome: CallOutcome; attempts: number; breaksSchema: boolean }
    | { kind: 'retry'; of: 'model' | 'connect' | 'tool_call'; attempt: number; delayMs: number; reason: string }
    | { kind: 'resumed'; attempt: number }
    | { kind: 'limit'; limit: RunLimit; allowed: number }
    | { kind: 'answer' }
    | { kind: 'error'; errorKind: RunErrorKind; message: string }
    | { kind: 'canceled' }
  );

/** What a list of steps needs to know of a call: nothing of its content. */
export type CallSummary = Pick<ToolCall, 'index' | 'tool' | 'outcome' | 'attempts' | 'startedAt' | 'latencyMs'> & {
  breaksSchema: boolean;
};

const maxReason = 300;

/** The steps of a run in order. @param calls of these events */
export function toSteps(events: readonly TraceEvent[], calls: readonly CallSummary[]): Step[] {
  const first = events[0];
  if (!first) return [];
  // A model turn is recorded when it has ended.
  const beginMs = Math.min(...events.slice(0, 5).map(startOf));
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  const steps: Step[] = [];
  const ofCalls = new Map<number, Step>();
  for (const event of events) {
    const id = toEventId(event.seq);
    const known = 'index' in event ? ofCalls.get(event.index) : undefined;
    if (known) {
      known.also.push(id);
      continue;
    }
    const place = { id, seq: event.seq, also: [], startMs: startOf(event) - beginMs, durationMs: 0 };
    const call = 'index' in event ? byIndex.get(event.index) : undefined;
    const step = call
      ? toCallStep(call, { ...place, startMs: Date.parse(call.startedAt) - beginMs })
      : toStep(event, place);
    if (!step) continue;
    if (call) ofCalls.set(call.index, step);
    steps.push(step);
  }
  return steps;
}

const startOf = (event: TraceEvent): number =>
  Date.parse(event.at) - (event.type === 'model_turn' ? event.latencyMs : 0);

function toCallStep({ index, tool, outcome, attempts, latencyMs, breaksSchema }: CallSummary, place: Place): Step {
  return {
    ...place,
    id: toCallId(index),
    also: [place.id],
    startMs: Math.max(0, place.startMs),
    durationMs: latencyMs ?? (outcome === 'started' ? null : 0),
    kind: 'call',
    number: toCallNumber(index),
    tool,
    outcome,
    attempts,
    breaksSchema,
  };
}

function toStep(event: TraceEvent, place: Place): Step | null {
  switch (event.type) {
    case 'connected': {
      const { again, server, protocolVersion, offered } = event;
      const name = `${server.name} ${server.version}`.trim();
      return { ...place, kind: 'connected', again, server: name, protocolVersion, offeredCount: offered.length };
    }
    case 'model_turn': {
      const { turn, toolCalls, usage, latencyMs } = event;
      const tools = toolCalls.map(({ tool }) => tool);
      return { ...place, durationMs: latencyMs, kind: 'turn', turn, tools, tokens: usage.input + usage.output };
    }
    case 'retry': {
      const { of, attempt, delayMs, reason } = event;
      return { ...place, durationMs: delayMs, kind: 'retry', of, attempt, delayMs, reason: reason.slice(0, maxReason) };
    }
    case 'resumed':
      return { ...place, kind: 'resumed', attempt: event.attempt };
    case 'limit':
      return { ...place, kind: 'limit', limit: event.limit, allowed: event.allowed };
    case 'final_answer':
      return { ...place, kind: 'answer' };
    case 'error':
      return { ...place, kind: 'error', errorKind: event.kind, message: event.message.slice(0, maxReason) };
    case 'canceled':
      return { ...place, kind: 'canceled' };
    case 'tool_call':
    case 'tool_result':
    case 'policy_violation':
      // Its call is not among those given.
      return null;
  }
}
