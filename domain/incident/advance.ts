import { isCredible } from '../values/clock.ts';
import { dayMs } from '../values/time.ts';
import { type Failure, freshMemory, type Observation, type SubjectState } from './state.ts';

const maxFailures = 100;
/** A rule's memory is kept for as long as the longest cooldown. */
const memoryMs = 7 * dayMs;

/** What an observation did to the subject's incident. `late`: older than the last observation, so nothing changed. */
export type Step = 'none' | 'late' | 'opened' | 'continued' | 'closed';

/**
 * Applies one observation to a subject's state: the first failure opens an incident (with the id `incidentId`), further
 * failures continue it at their level, and the first `ok` closes it. Repeated and late observations change nothing, so
 * at most one incident is open and each one ends once.
 *
 * @param now Unix time in milliseconds. Times ahead of it are a wrong clock's: none of them makes an observation late.
 */
export function advance(
  known: SubjectState,
  observation: Observation,
  incidentId: string,
  now: number,
): { state: SubjectState; step: Step; incidentId: string | null } {
  const { level } = observation;
  const at = isCredible(observation.at, now) ? observation.at : now;
  const state = known.seenAt === null || isCredible(known.seenAt, now) ? known : forgetFuture(known, at);
  if (state.seenAt !== null && at <= state.seenAt) return { state, step: 'late', incidentId: null };
  if (level === 'ok') {
    const next = { ...state, seenAt: at, open: null };
    return { state: next, step: state.open ? 'closed' : 'none', incidentId: state.open?.incidentId ?? null };
  }
  const open = state.open
    ? { ...state.open, level, failures: state.open.failures + 1 }
    : { incidentId, level, openedAt: at, failures: 1 };
  const since = Math.min(open.openedAt, at - dayMs);
  const failures = [
    ...state.failures.filter((failure) => failure.at >= since),
    toFailure({ ...observation, at }),
  ].slice(-maxFailures);
  const rules = Object.fromEntries(
    Object.entries(state.rules).filter(
      ([, memory]) => memory.firing || Math.max(memory.notifiedAt ?? 0, memory.changes.at(-1) ?? 0) >= at - memoryMs,
    ),
  );
  return {
    state: { seenAt: at, open, failures, rules },
    step: state.open ? 'continued' : 'opened',
    incidentId: open.incidentId,
  };
}

/**
 * Ends the open incident without a recovery: it was accepted, or its subject is gone. Earlier failures no longer count;
 * the time of the last notification stays, for the cooldown.
 */
export const resetState = (state: SubjectState, at: number): SubjectState => ({
  seenAt: Math.max(at, state.seenAt ?? at),
  open: null,
  failures: [],
  rules: Object.fromEntries(
    Object.entries(state.rules).map(([id, { notifiedAt }]) => [id, { ...freshMemory, notifiedAt }]),
  ),
});

/** Moves what a clock that ran ahead has recorded to the time of the observation. */
const forgetFuture = (state: SubjectState, at: number): SubjectState => ({
  ...state,
  seenAt: null,
  open: state.open && { ...state.open, openedAt: Math.min(state.open.openedAt, at) },
  failures: state.failures.map((failure) => ({ ...failure, at: Math.min(failure.at, at) })),
});

function toFailure({ at, outcome, flagged, manual }: Observation): Failure {
  return { at, outcome, ...(flagged && { flagged: true as const }), ...(manual && { manual: true as const }) };
}
