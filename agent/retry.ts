import type { RetryPolicy } from '../domain/workflow/definition.ts';
import { readFailure } from './failure.ts';

/** Waits, or ends early when the signal aborts (by then resolving or rejecting, as it likes). */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Milliseconds before attempt `next` (from 2): what was asked for, else the policy's back-off, doubled each time. */
export const delayBefore = (next: number, { backoffSeconds }: RetryPolicy, retryAfterMs: number | undefined): number =>
  Math.round(retryAfterMs ?? backoffSeconds * 1000 * 2 ** (next - 2));

export type Attempted<T> =
  | { ok: true; value: T }
  /** `note`: why it wasn't tried again, for the end of a message; may be empty. */
  | { ok: false; error: unknown; note: string };

/**
 * Tries as often as the policy allows, as long as the failure is one of the model or the target that may pass, and the wait is not
 * longer than what is left. Anything else is thrown, and so is whatever fails after the signal aborted.
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
