import type { TokenUsage, TraceEvent } from './run.ts';

/** The agent's final answer; null when the run ended without one. */
export function getFinalAnswer(events: readonly TraceEvent[]): string | null {
  const answer = events.findLast((event) => event.type === 'final_answer');
  return answer?.type === 'final_answer' ? answer.content : null;
}

/**
 * How long the agent has worked until the last event. The time from when an attempt died until another one continued
 * doesn't count: it says nothing about the server.
 */
export function measureWorkMs(events: readonly TraceEvent[], startedAt: Date): number {
  let worked = 0;
  let before = startedAt.getTime();
  for (const event of events) {
    const at = Date.parse(event.at);
    if (event.type !== 'resumed') worked += Math.max(0, at - before);
    before = at;
  }
  return worked;
}

/** Token usage of each model turn, in order. */
export const listTurnUsage = (events: readonly TraceEvent[]): TokenUsage[] =>
  events.flatMap((event) => (event.type === 'model_turn' ? [event.usage] : []));

/** Input and output tokens of all usages together. */
export function sumUsage(usages: readonly TokenUsage[]): { input: number; output: number; total: number } {
  const input = usages.reduce((sum, usage) => sum + usage.input, 0);
  const output = usages.reduce((sum, usage) => sum + usage.output, 0);
  return { input, output, total: input + output };
}
