type Waiter = { max: number; start: () => void };
type Lane = { active: number; waiting: Waiter[] };

/**
 * Limits this process's concurrent calls to one server, so that a test doesn't cause an outage. Not p-limit: callers of
 * one server give different limits, and a waiting caller can abort.
 */
export type ServerGate = {
  /**
   * Runs `work` once fewer than `max` others with the same key are running, in the order of arrival.
   * @throws the signal's reason if it aborts while waiting; `work` is then never started
   */
  run<T>(serverKey: string, max: number, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
};

export const defaultConcurrency = 4;

export function createServerGate(): ServerGate {
  const lanes = new Map<string, Lane>();

  const advance = (key: string, lane: Lane): void => {
    for (let next = lane.waiting[0]; next && lane.active < next.max; next = lane.waiting[0]) {
      lane.waiting.shift();
      lane.active++;
      next.start();
    }
    if (lane.active === 0 && lane.waiting.length === 0) lanes.delete(key);
  };

  const enter = (key: string, lane: Lane, max: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        lane.waiting.splice(lane.waiting.indexOf(waiter), 1);
        reject(signal.reason);
        advance(key, lane);
      };
      const waiter: Waiter = {
        max: Math.max(1, max),
        start() {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      lane.waiting.push(waiter);
      advance(key, lane);
    });

  return {
    async run(serverKey, max, work, signal) {
      signal.throwIfAborted();
      const lane = lanes.get(serverKey) ?? { active: 0, waiting: [] };
      lanes.set(serverKey, lane);
      await enter(serverKey, lane, max, signal);
      try {
        return await work();
      } finally {
        lane.active--;
        advance(serverKey, lane);
      }
    },
  };
}
