import { setTimeout as sleep } from 'node:timers/promises';
import { isTargetError, type Target } from '../../infra/mcp-target/index.ts';

/** Retry delays of the first connection. Few: the server may be one of many that are down. */
const initialDelaysMs: readonly number[] = [250];
/** Retry delays after a call broke the connection: a server that crashed needs time to restart. */
const restartDelaysMs: readonly number[] = [250, 500, 1000, 2000];

/** The connection with one auth profile, for one call or for those of a batch. */
export type Connection = {
  /** The open connection. @throws TargetError when the server can't be connected to, immediately from then on */
  target(): Promise<Target>;
  /** Drops a connection that failed: the next call opens a new one. */
  discard(target: Target): void;
  close(): Promise<void>;
};

/** @param connect opens a connection. @throws TargetError */
export function createConnection(connect: () => Promise<Target>, signal: AbortSignal): Connection {
  let current: Promise<Target> | null = null;
  /**
   * The target of `current`; null while it connects, so that late failures of an earlier connection don't discard it.
   */
  let live: Target | null = null;
  let delaysMs = initialDelaysMs;
  const opened: Target[] = [];

  const connectWithRetries = async (): Promise<Target> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const target = await connect();
        opened.push(target);
        live = target;
        return target;
      } catch (error) {
        const delayMs = delaysMs[attempt];
        // A server that timed out would time out again, and other servers need the time.
        if (delayMs === undefined || !isTargetError(error) || !error.retryable || error.kind === 'timeout') throw error;
        await sleep(delayMs, undefined, { signal });
      }
    }
  };

  return {
    target() {
      current ??= connectWithRetries();
      // Callers see the failure; there may be none.
      current.catch(() => {});
      return current;
    },
    discard(target) {
      if (target !== live) return;
      // Closed at the end only: other calls in progress still use it.
      live = null;
      current = null;
      delaysMs = restartDelaysMs;
    },
    async close() {
      // The server may be down: it needn't hear that its session is over.
      await Promise.all(opened.map((target) => target.close().catch(() => {})));
    },
  };
}

/** @throws the signal's reason when it is aborted first */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  work.finally(() => signal.removeEventListener('abort', abort)).then(resolve, reject);
  return promise;
}
