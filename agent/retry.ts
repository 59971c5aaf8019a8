import type { RetryPolicy } from '../domain/workflow/definition.ts';
import { readFailure } from './failure.ts';

/** Waits, or ends early when the signal aborts (it may then resolve or reject). */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Milliseconds before attempt `next` (from 2): `retryAfterMs`, or else the policy's backoff, doubled each time. */
export const delayBefore = (next: number, { backoffSeconds }: RetryPolicy, retryAfterMs: number | undefined): number =>
  Math.round(retryAfterMs ?? backoffSeconds * 1000 * 2 ** (next - 2));

export type Attempted<T> =
  | { ok: true; value: T }
  /** `note`: why it was not retried, to append to a message; may be empty. */
  | { ok: false; error: unknown; note: string };

/**
 * Retries as the policy allows while the model or the target fails temporarily and the wait fits into the time left.
 * Throws other errors, and any error after the signal aborted.
 */
export async function withRetries<T>({
  work,
  policy,
  signal,
  sleep,
  msLeft,
  onRetry,
}: {
  work: () => Promise<T>;
  policy: RetryPolicy;
  signal: AbortSignal;
  sleep: Sleep;
  msLeft: () => number;
  onRetry: (retry: { attempt: number; reason: string; delayMs: number }) => Promise<void>;
}): Promise<Attempted<T>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      const failure = readFailure(error);
      if (signal.aborted || !failure) throw error;
      if (!failure.retryable) return { ok: false, error, note: '' };
      if (attempt >= policy.attempts)
        return { ok: false, error, note: attempt > 1 ? ` It was tried ${attempt} times.` : '' };
      const delayMs = delayBefore(attempt + 1, policy, failure.retryAfterMs);
      if (delayMs > msLeft())
        return {
          ok: false,
          error,
          note: ` Trying again would take a wait of ${Math.ceil(delayMs / 1000)} s, longer than the time that is left.`,
        };
      const reason = error instanceof Error ? error.message : String(error);
      await onRetry({ attempt: attempt + 1, reason, delayMs });
      await sleep(delayMs, signal);
      signal.throwIfAborted();
    }
  }
}
