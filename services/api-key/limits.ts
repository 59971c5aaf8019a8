/** What was seen last, at most `size` of it. */
export function createRecent<T>(size: number): { get(key: string): T | undefined; set(key: string, value: T): void } {
  const entries = new Map<string, T>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      // A Map keeps the order of insertion: what is read moves to the end.
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= size) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}

/** `amount` in each window of `windowMs` that begins with the first count. `waitMs` is 0 while there is some left. */
export function createBudget(
  amount: number,
  windowMs: number,
): { count(key: string, at: number): void; waitMs(key: string, at: number): number } {
  const windows = createRecent<{ since: number; counted: number }>(10_000);
  return {
    count(key, at) {
      const window = windows.get(key);
      if (window && at < window.since + windowMs) window.counted += 1;
      else windows.set(key, { since: at, counted: 1 });
    },
    waitMs(key, at) {
      const window = windows.get(key);
      return window && window.counted >= amount ? Math.max(0, window.since + windowMs - at) : 0;
    },
  };
}

/** Runs at most `atOnce` pieces of work, in order; `null` instead of work where more than `waiting` wait already. */
export function createGate(atOnce: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> | null {
  let running = 0;
  const queue: (() => void)[] = [];
  return (work) => {
    if (running >= atOnce && queue.length >= waiting) return null;
    return (async () => {
      // A place is handed over, so that nobody who comes later takes it.
      if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        const next = queue.shift();
        if (next) next();
        else running -= 1;
      }
    })();
  };
}
