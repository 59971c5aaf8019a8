import type { Deps } from '../../services/context/context.ts';
import { watchInstallation } from '../../services/installation/watch.ts';

const everyMs = 60_000;

/**
 * Looks after Armature itself once a minute, for as long as this process lives: a worker that died can't tell of itself. A look that fails
 * is logged; the next one comes anyway. @returns stops it, once a look under way is over.
 */
export function startInstallationWatch(deps: Deps): () => Promise<void> {
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(async () => {
      try {
        await watchInstallation(deps);
      } catch (error) {
        deps.log.error({ err: error }, 'Armature could not look after itself');
      }
    });
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
