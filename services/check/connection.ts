import { setTimeout as sleep } from 'node:timers/promises';
import { isTargetError, type Target } from '../../infra/mcp-target/index.ts';

/** Pauses before further attempts at connecting. A server that was never reached is not asked often: it may be one of many dead ones. */
const atFirst: readonly number[] = [250];
/** One that a call took down is given the time to come back. */
const afterBreak: readonly number[] = [250, 500, 1000, 2000];

/** The connection of a batch with one auth profile. */
export type Session = {
  /** The open connection. @throws TargetError when the server can't be connected to, at once from then on */
  target(): Promise<Target>;
  /** This connection failed: the next call takes a fresh one. */
  broke(target: Target): void;
  close(): Promise<void>;
};

/** @param connect opens a connection. @throws TargetError */
export function createSession(connect: () => Promise<Target>, signal: AbortSignal): Session {
  let current: Promise<Target> | null = null;
  /** What `current` came to; null while it connects, so that calls of an earlier connection that fail late don't end that. */
  let live: Target | null = null;
  let pauses = atFirst;
  const opened: Target[] = [];

  const connected = async (): Promise<Target> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const target = await connect();
        opened.push(target);
        live = target;
        return target;
      } catch (error) {
        const pause = pauses[attempt];
        // What did not answer in time would not answer the next one either, and the time is others'.
        if (pause === undefined || !isTargetError(error) || !error.retryable || error.kind === 'timeout') throw error;
        await sleep(pause, undefined, { signal });
      }
    }
  };

  return {
    target() {
      current ??= connected();
      // Whoever waits for it gets the failure; nobody may.
      current.catch(() => {});
      return current;
    },
    broke(target) {
      if (target !== live) return;
      // Not closed yet: that would end the other calls that are under way over it.
      live = null;
      current = null;
      pauses = afterBreak;
    },
    async close() {
      // The server may be gone: nothing is lost when it isn't told that a session is over.
      await Promise.all(opened.map((target) => target.close().catch(() => {})));
    },
  };
}
