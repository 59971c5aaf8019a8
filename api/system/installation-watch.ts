import type { Deps } from '../../services/context/context.ts';
import { watchInstallation } from '../../services/installation/watch.ts';

const intervalMs = 60_000;

/**
 * Monitors Armature itself once a minute, in the api because a dead worker can't report itself. Logs failures.
 * @returns a function that stops it and waits for the current pass.
 */
export function startInstallationWatch(deps: Deps): () => Promise<void> {
  let current = Promise.resolve();
  const timer = setInterval(() => {
    current = current.then(async () => {
      try {
        await watchInstallation(deps);
      } catch (error) {
        deps.log.error({ err: error }, 'monitoring of the installation failed');
      }
    });
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await current;
  };
}
