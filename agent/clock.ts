import type { Limits } from '../domain/workflow/definition.ts';
import { SupersededError } from './ports.ts';
import { Stop } from './stop.ts';

/** The time limit of a run, over what all its attempts have worked, and whether the run may continue. */
export type Clock = {
  /** Aborts when the run is canceled or reaches its time limit. */
  signal: AbortSignal;
  msLeft(): number;
  /**
   * @throws Stop when canceled or out of time; SupersededError when the caller gave that as the reason of the abort.
   */
  check(): void;
  /** Whether the caller aborted, not the time limit. */
  isCanceled(): boolean;
  /** Whether another attempt has taken over, so this one must stop without recording anything. */
  isSuperseded(): boolean;
  stop(): void;
};

export function createClock({
  limits,
  workedMs,
  now,
  signal,
}: {
  limits: Limits;
  /** By the attempts before. */
  workedMs: number;
  now: () => Date;
  signal: AbortSignal;
}): Clock {
  const end = now().getTime() + limits.seconds * 1000 - workedMs;
  const msLeft = () => Math.max(0, end - now().getTime());
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), msLeft());
  return {
    signal: AbortSignal.any([signal, timeout.signal]),
    msLeft,
    isCanceled: () => signal.aborted,
    isSuperseded: () => signal.aborted && signal.reason instanceof SupersededError,
    check() {
      if (signal.aborted) {
        const reason: unknown = signal.reason;
        if (reason instanceof SupersededError) throw reason;
        throw new Stop({ type: 'canceled', by: typeof reason === 'string' ? reason : 'a cancel request' });
      }
      if (timeout.signal.aborted || msLeft() === 0)
        throw new Stop({ type: 'limit', limit: 'seconds', allowed: limits.seconds });
    },
    stop: () => clearTimeout(timer),
  };
}
