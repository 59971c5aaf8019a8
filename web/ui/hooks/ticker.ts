/** One clock for everything that changes as time passes. It runs while somebody listens. */
export type Ticker = {
  /** @returns a function that stops listening */
  subscribe(listener: () => void): () => void;
  /** Milliseconds since 1970, as of the last second. */
  now(): number;
  /** The time on the server when the page was rendered, which the browser's first render repeats. */
  renderedAt: number;
};

const second = 1000;

/** @param options.clock milliseconds since 1970 */
export function createTicker({ renderedAt, clock = Date.now }: { renderedAt: number; clock?: () => number }): Ticker {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    renderedAt,
    now: () => Math.floor(clock() / second) * second,
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        for (const each of listeners) each();
      }, second);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
