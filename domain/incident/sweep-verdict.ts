import { type CheckErrorKind, type CheckOutcome, transportErrorKinds } from '../monitor/monitor.ts';

type Concluded = { outcome: CheckOutcome; errorKind: CheckErrorKind | null };

/** Errors that say nothing of the server: the check didn't come so far. */
const silent: ReadonlySet<CheckErrorKind> = new Set(['not_reached', 'misconfigured']);

export const isTransportError = ({ errorKind }: Concluded): boolean =>
  errorKind !== null && transportErrorKinds.has(errorKind);

/**
 * What the checks of one batch say of their server: `down` when every one of two or more ends in a transport error, `up` when it answers
 * any of them; null when they don't tell.
 */
export function sweepVerdict(checks: readonly Concluded[]): 'up' | 'down' | null {
  const concluded = checks.filter(({ errorKind }) => errorKind === null || !silent.has(errorKind));
  if (concluded.some((check) => !isTransportError(check))) return 'up';
  return concluded.length >= 2 ? 'down' : null;
}
