import type { CriterionResult, RunError, TerminalStatus } from './run.ts';

/** How the agent's part ended. A run that reached a limit is graded like a completed one. */
export type AgentEnd = { outcome: 'completed' | 'limit' } | { outcome: 'error'; error: RunError };

type Graded = Pick<CriterionResult, 'position' | 'isRequired' | 'verdict' | 'rationale' | 'evidence'>;

/**
 * A run's status (docs/runs.md, "Status"). `error` is present exactly when the status is `error`.
 * @param run.interrupted evidence ids of the calls that Armature broke off. A criterion that can't be graded because of
 * one makes the run `abandoned`, never `fail`: the other verdicts may be due to it, too.
 */
export function rollUp({
  agent,
  results,
  interrupted = new Set(),
}: {
  agent: AgentEnd;
  results: readonly Graded[];
  interrupted?: ReadonlySet<string>;
}): { status: TerminalStatus; error?: RunError } {
  if (agent.outcome === 'error') return { status: 'error', error: agent.error };
  const ungraded = results.filter(({ verdict }) => verdict === 'error');
  const brokenOff = ungraded.filter(({ evidence }) => evidence.some((id) => interrupted.has(id)));
  if (brokenOff.length > 0)
    return { status: 'error', error: { kind: 'abandoned', message: ungradedMessage(brokenOff) } };
  if (results.some(({ isRequired, verdict }) => isRequired && verdict === 'fail')) return { status: 'fail' };
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
