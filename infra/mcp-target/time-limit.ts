type Limits = {
  /** The caller's. Its abort rejects with its own reason. */
  signal: AbortSignal;
  timeoutMs: number;
  late: () => Error;
};

/**
 * Runs `work` and rejects as soon as its time is over or the caller aborts, even if `work` itself, whose signal aborts
 * too, takes longer to end.
 */
export function withinTime<T>(
  { signal, timeoutMs, late }: Limits,
  work: (within: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const controller = new AbortController();
    const stop = (reason: unknown): void => {
      settled();
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = (): void => stop(signal.reason);
    const timer = setTimeout(() => stop(late()), timeoutMs);
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work(controller.signal).finally(settled).then(resolve, reject);
  });
}
