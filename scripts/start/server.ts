import { setTimeout as delay } from 'node:timers/promises';
import { createBackOff } from './back-off.ts';
import type { Kept } from './child.ts';

/** An embedded server. `died` rejects with its last log lines when it ends without `stop`. */
type Server = { died: Promise<never>; stop(): Promise<void> };

/**
 * Starts an embedded server and restarts it with increasing delays when it dies, or calls `onGone` when it doesn't stay
 * up. `stop` works at any time, also during a start.
 * @returns `ready`, which rejects with the error of the first start.
 */
export function keepServer<S extends Server>(options: {
  name: string;
  start: () => Promise<S>;
  say: (line: string) => void;
  onGone: (report: string) => void;
}): Kept & { ready: Promise<S> } {
  const { name, start, say, onGone } = options;
  const backOff = createBackOff();
  let isStopping = false;
  let current: Promise<S> = start();

  const watch = async (first: S): Promise<void> => {
    let reason: unknown;
    let running: S | undefined = first;
    for (;;) {
      try {
        if (running) await running.died;
      } catch (error) {
        reason = error;
      }
      running = undefined;
      if (isStopping) return;
      const text = reason instanceof Error ? reason.message : String(reason);
      const delayMs = backOff();
      if (delayMs === null) return onGone(`${name} doesn't stay up:\n${text}`);
      say(`${name} died. Restarting in ${delayMs / 1000} s. ${text}`);
      await delay(delayMs);
      if (isStopping) return;
      current = start();
      try {
        running = await current;
        say(`${name} has restarted.`);
      } catch (error) {
        reason = error;
      }
    }
  };

  const ready = current.then((first) => {
    void watch(first);
    return first;
  });
  return {
    name,
    ready,
    async stop() {
      isStopping = true;
      // A failed restart leaves nothing to stop.
      const [server] = await Promise.allSettled([current]);
      if (server?.status === 'fulfilled') await server.value.stop();
    },
  };
}
