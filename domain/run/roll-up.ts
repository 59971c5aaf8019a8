import type { CriterionResult, RunError, TerminalStatus } from './run.ts';

/** How the agent's part ended. A run that reached a limit is graded like a completed one. */
export type AgentEnd = { outcome: 'completed' | 'limit' } | { outcome: 'error'; error: RunError };

/** A run's status (docs/runs.md, "Status"). `error` is present exactly when the status is `error`. */
export function rollUp({
  agent,
  results,
}: {
  agent: AgentEnd;
  results: readonly Pick<CriterionResult, 'position' | 'isRequired' | 'verdict' | 'rationale'>[];
}): { status: TerminalStatus; error?: RunError } {
  if (agent.outcome === 'error') return { status: 'error', error: agent.error };
  if (results.some(({ isRequired, verdict }) => isRequired && verdict === 'fail')) return { status: 'fail' };
  const ungraded = results.filter(({ verdict }) => verdict === 'error');
  if (ungraded.length > 0) return { status: 'error', error: { kind: 'judge', message: ungradedMessage(ungraded) } };
  if (results.some(({ isRequired, verdict }) => isRequired && verdict === 'partial')) return { status: 'partial' };
  return { status: 'pass' };
}

function ungradedMessage(ungraded: readonly Pick<CriterionResult, 'position' | 'rationale'>[]): string {
  const [first] = [...ungraded].sort((a, b) => a.position - b.position);
  const others = ungraded.length - 1;
  const subject = `Criterion ${(first?.position ?? 0) + 1} could not be graded`;
  const also = others === 0 ? '' : others === 1 ? ', nor could 1 other' : `, nor could ${others} others`;
  return `${subject}${also}: ${first?.rationale ?? ''}`;
}
