import { type CheckErrorKind, type CheckOutcome, transportErrorKinds, unsentErrorKinds } from '../monitor/monitor.ts';

type Concluded = { outcome: CheckOutcome; errorKind: CheckErrorKind | null };

export const isTransportError = ({ errorKind }: Concluded): boolean =>
  errorKind !== null && transportErrorKinds.has(errorKind);

/**
 * What the checks of one batch say about their server: `down` when two or more all end in transport errors, `up` when
 * it answers any of them; null when they don't say.
 */
export function sweepVerdict(checks: readonly Concluded[]): 'up' | 'down' | null {
  const concluded = checks.filter(({ errorKind }) => errorKind === null || !unsentErrorKinds.has(errorKind));
  if (concluded.some((check) => !isTransportError(check))) return 'up';
  return concluded.length >= 2 ? 'down' : null;
}
