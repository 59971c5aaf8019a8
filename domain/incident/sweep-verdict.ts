import { type CheckErrorKind, unsentErrorKinds } from '../monitor/monitor.ts';

/** `serverFailure`: why the server as a whole did not answer (describeServerFailure); null for an answer. */
type Concluded = { errorKind: CheckErrorKind | null; serverFailure: string | null };

/** Whether the check got an answer of the server, if only an error. */
export const isAnswered = ({ errorKind, serverFailure }: Concluded): boolean =>
  serverFailure === null && (errorKind === null || !unsentErrorKinds.has(errorKind));

/**
 * What the checks of one batch say about their server: `down` when two or more all fail at server level, `up` when it
 * answers any of them; null when they don't say.
 */
export function sweepVerdict(checks: readonly Concluded[]): 'up' | 'down' | null {
  if (checks.some(isAnswered)) return 'up';
  return checks.filter(({ serverFailure }) => serverFailure !== null).length >= 2 ? 'down' : null;
}

/** `refusal`: how the server refused the credentials (describeRefusal); null if it didn't. */
type ConcludedWithProfile = Concluded & { refusal: string | null };

/** Errors that a server answers only to whom it accepts. */
const acceptedErrorKinds: ReadonlySet<CheckErrorKind> = new Set([
  'rpc_error',
  'malformed',
  'too_large',
  'input_required',
]);

/**
 * What the checks of one auth profile in a batch say of it: `accepted` when any got through, the refusal when two or
 * more all got the same one; null when they don't say.
 */
export function profileVerdict(checks: readonly ConcludedWithProfile[]): 'accepted' | { refusal: string } | null {
  const sent = checks.filter(({ errorKind }) => errorKind === null || !unsentErrorKinds.has(errorKind));
  const isAccepted = ({ errorKind, serverFailure, refusal }: ConcludedWithProfile) =>
    refusal === null && serverFailure === null && (errorKind === null || acceptedErrorKinds.has(errorKind));
  if (sent.some(isAccepted)) return 'accepted';
  const [refusal = null, ...others] = new Set(sent.map((check) => check.refusal));
  return refusal !== null && others.length === 0 && sent.length >= 2 ? { refusal } : null;
}

/** The most frequent of the failures of a batch, the first of equals; null without any. */
export function mainFailure(checks: readonly Concluded[]): string | null {
  const counts = new Map<string, number>();
  for (const { serverFailure } of checks)
    if (serverFailure !== null) counts.set(serverFailure, (counts.get(serverFailure) ?? 0) + 1);
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first?.[0] ?? null;
}
