import { toCallId } from './ids.ts';
import { type AgentEnd, rollUp } from './roll-up.ts';
import {
  type CriterionResult,
  isInterrupted,
  type RunError,
  type RunLimit,
  type TerminalStatus,
  type TokenUsage,
  type ToolCall,
  type TraceEvent,
  type TraceEventBody,
} from './run.ts';
import { getFinalAnswer, listTurnUsage, sumUsage } from './transcript.ts';

/** What a run came to, from its trace and its grades. */
export type RunEnding = {
  status: TerminalStatus;
  error: RunError | null;
  limitHit: RunLimit | null;
  /** Whether the agent called a blocked tool. */
  flagged: boolean;
  callCount: number;
  turnCount: number;
  inputTokens: number;
  outputTokens: number;
  judgeTokens: number;
  /** US dollars; null if a price is unknown. */
  cost: number | null;
  finalAnswer: string | null;
  /** The last event of the trace, unless the agent wrote one itself. */
  closing: Extract<TraceEventBody, { type: 'canceled' | 'error' }> | null;
};

/**
 * Rolls the verdicts of a run up into a status and adds up its usage.
 * @param run.overruled how the run ended whatever its trace says: canceled or abandoned
 * @param run.costOf cost of one use of a model, in US dollars; null if it is unknown
 */
export function endRun(run: {
  model: string;
  criteriaCount: number;
  events: readonly TraceEvent[];
  calls: readonly Pick<ToolCall, 'index' | 'outcome'>[];
  results: readonly Pick<CriterionResult, 'position' | 'isRequired' | 'verdict' | 'rationale' | 'evidence' | 'judge'>[];
  overruled: { kind: 'canceled'; by: string; message: string } | { kind: 'abandoned'; message: string } | null;
  costOf: (model: string, usage: TokenUsage) => number | null;
}): RunEnding {
  const { events, calls, results, overruled } = run;
  const agent: AgentEnd = overruled
    ? { outcome: 'error', error: { kind: overruled.kind, message: overruled.message } }
    : findAgentEnd(events);
  const isComplete = agent.outcome === 'error' || results.length === run.criteriaCount;
  const interrupted = new Set(calls.filter(isInterrupted).map(({ index }) => toCallId(index)));
  const { status, error = null } = rollUp({ agent: isComplete ? agent : ungraded, results, interrupted });
  return {
    status,
    error,
    limitHit: findLimit(events),
    flagged: calls.some(({ outcome }) => outcome === 'blocked'),
    callCount: calls.length,
    finalAnswer: getFinalAnswer(events),
    ...sumUp(run),
    closing: toClosingEvent(events, { overruled, error }),
  };
}

/** Verdicts on some of the criteria are no verdict on the run. */
const ungraded: AgentEnd = {
  outcome: 'error',
  error: { kind: 'abandoned', message: 'The run ended before all of its criteria were graded.' },
};

/** How the agent's part ended, from its trace. */
function findAgentEnd(events: readonly TraceEvent[]): AgentEnd {
  const error = events.findLast((event) => event.type === 'error');
  if (error?.type === 'error') return { outcome: 'error', error: { kind: error.kind, message: error.message } };
  return { outcome: findLimit(events) === null ? 'completed' : 'limit' };
}

function findLimit(events: readonly TraceEvent[]): RunLimit | null {
  const hit = events.findLast((event) => event.type === 'limit');
  return hit?.type === 'limit' ? hit.limit : null;
}

function toClosingEvent(
  events: readonly TraceEvent[],
  { overruled, error }: { overruled: Parameters<typeof endRun>[0]['overruled']; error: RunError | null },
): RunEnding['closing'] {
  if (overruled?.kind === 'canceled')
    return events.some(({ type }) => type === 'canceled') ? null : { type: 'canceled', by: overruled.by };
  if (!error || error.kind === 'judge' || events.some(({ type }) => type === 'error')) return null;
  return { type: 'error', ...error };
}

/** Turns, tokens and cost of the agent and its judges. */
function sumUp({ model, events, results, costOf }: Parameters<typeof endRun>[0]) {
  const turns = listTurnUsage(events);
  const { input, output } = sumUsage(turns);
  const judged = results.flatMap(({ judge }) => (judge ? [judge] : []));
  const costs: (number | null)[] = [
    ...turns.map((usage) => costOf(model, usage)),
    ...judged.map(({ model: judge, usage }) => costOf(judge, usage)),
  ];
  return {
    turnCount: turns.length,
    inputTokens: input,
    outputTokens: output,
    judgeTokens: sumUsage(judged.map(({ usage }) => usage)).total,
    cost: costs.reduce((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0),
  };
}
