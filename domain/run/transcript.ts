import type { TokenUsage, TraceEvent } from './run.ts';

/** The agent's final answer; null when the run ended without one. */
export function getFinalAnswer(events: readonly TraceEvent[]): string | null {
  const answer = events.findLast((event) => event.type === 'final_answer');
  return answer?.type === 'final_answer' ? answer.content : null;
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
