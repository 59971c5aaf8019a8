import { setTimeout as delay } from 'node:timers/promises';
import { createBackOff } from './back-off.ts';
import type { Kept } from './child.ts';

/** An embedded server: `died` rejects when it ends without `stop`, with its last log lines. */
type Server = { died: Promise<never>; stop(): Promise<void> };

/**
 * Starts an embedded server and keeps it alive like a child: reported and started again on the same data and port; `onGone` when
 * it can't be. `ready` rejects with what the first start throws; `stop` works at any time, also while it starts.
 */
export function keepServer<S extends Server>(options: {
  name: string;
  start: () => Promise<S>;
  say: (line: string) => void;
  onGone: (report: string) => void;
}): Kept & { ready: Promise<S> } {
  const { name, start, say, onGone } = options;
  const backOff = createBackOff();
  let stopping = false;
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
      if (stopping) return;
      const text = reason instanceof Error ? reason.message : String(reason);
      const wait = backOff();
      if (wait === null) return onGone(`${name} doesn't stay up:\n${text}`);
      say(`${name} died; starting it again in ${wait / 1000} s. ${text}`);
      await delay(wait);
      if (stopping) return;
      current = start();
      try {
        running = await current;
        say(`${name} is up again.`);
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
      stopping = true;
      // One that could not be started again has nothing to stop.
      const [server] = await Promise.allSettled([current]);
      if (server?.status === 'fulfilled') await server.value.stop();
    },
  };
}
