import { dayMs } from '../values/time.ts';
import type { Failure, Observation, SubjectState } from './state.ts';

const mostFailures = 100;
/** A rule's memory is kept for as long as its longest cooldown. */
const memoryMs = 7 * dayMs;

/** What an observation did to the subject's incident. `late`: it was older than the last one seen, and changed nothing. */
export type Step = 'none' | 'late' | 'opened' | 'continued' | 'closed';

/**
 * Takes one observation into a subject's machine: the first failure opens an incident (as `incidentId`), a failure while it is open
 * continues it on its own level, and the first that is well closes it. What arrives twice or late changes nothing, so there is at most
 * one incident open and each ends once.
 */
export function advance(
  state: SubjectState,
  observation: Observation,
  incidentId: string,
): { state: SubjectState; step: Step; incidentId: string | null } {
  const { at, level } = observation;
  if (state.seenAt !== null && at <= state.seenAt) return { state, step: 'late', incidentId: null };
  if (level === 'ok') {
    const next = { ...state, seenAt: at, open: null };
    return { state: next, step: state.open ? 'closed' : 'none', incidentId: state.open?.incidentId ?? null };
  }
  const open = state.open
    ? { ...state.open, level, failures: state.open.failures + 1 }
    : { incidentId, level, openedAt: at, failures: 1 };
  const since = Math.min(open.openedAt, at - dayMs);
  const failures = [...state.failures.filter((each) => each.at >= since), failureOf(observation)].slice(-mostFailures);
  const rules = Object.fromEntries(
    Object.entries(state.rules).filter(
      ([, memory]) => memory.alarm || Math.max(memory.toldAt ?? 0, memory.changes.at(-1) ?? 0) >= at - memoryMs,
    ),
  );
  return {
    state: { seenAt: at, open, failures, rules },
    step: state.open ? 'continued' : 'opened',
    incidentId: open.incidentId,
  };
}

/**
 * Ends what is open without a recovery: it was accepted, or its subject is gone. What was seen before counts no more; when a rule last
 * told is kept for its cooldown.
 */
export const settle = (state: SubjectState, at: number): SubjectState => ({
  seenAt: Math.max(at, state.seenAt ?? at),
  open: null,
  failures: [],
  rules: Object.fromEntries(
    Object.entries(state.rules).map(([id, { toldAt }]) => [
      id,
      { alarm: false, changes: [], flapping: false, flapTold: false, owed: null, toldAt },
    ]),
  ),
});

function failureOf({ at, outcome, flagged, manual }: Observation): Failure {
  return { at, o: outcome, ...(flagged && { f: 1 as const }), ...(manual && { m: 1 as const }) };
}
