import { setTimeout as sleep } from 'node:timers/promises';
import { isTargetError, type Target, TargetError } from '../../infra/mcp-target/index.ts';

/** Pauses before further attempts at connecting. A server that was never reached is not asked often: it may be one of many dead ones. */
const atFirst = [250];
/** One that a call took down is given the time to come back. */
const afterBreak = [250, 500, 1000, 2000];

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
  let open: Target | null = null;
  let pauses = atFirst;
  const closing: Promise<void>[] = [];

  const connected = async (): Promise<Target> => {
    for (const pause of [...pauses, null]) {
      try {
        open = await connect();
        return open;
      } catch (error) {
        // What did not answer in time would not answer the next one either, and the time is others'.
        if (pause === null || !isTargetError(error) || !error.retryable || error.kind === 'timeout') throw error;
        await sleep(pause, undefined, { signal });
      }
    }
    throw new TargetError('unreachable', 'There is always a last attempt.');
  };
  const put = (target: Target): void => {
    // The server may be gone: nothing is lost when it isn't told that the session is over.
    closing.push(target.close().catch(() => {}));
  };

  return {
    target() {
      if (!current) {
        current = connected();
        // Whoever waits for it gets the failure; nobody may.
        current.catch(() => {});
      }
      return current;
    },
    broke(target) {
      if (target !== open) return;
      put(target);
      open = null;
      current = null;
      pauses = afterBreak;
    },
    async close() {
      if (open) put(open);
      await Promise.all(closing);
    },
  };
}
