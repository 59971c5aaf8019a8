import { type FSWatcher, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Io } from '../io.ts';

const settleMs = 200;

/**
 * Waits until one of the files changes, or the call is canceled. Editors replace files, so their folders are watched.
 * @returns whether a file changed
 */
export function waitForChange(io: Io, paths: readonly string[]): Promise<boolean> {
  const files = new Set(paths.map((path) => resolve(io.cwd, path)));
  const { promise, resolve: settle } = Promise.withResolvers<boolean>();
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  for (const folder of new Set([...files].map((file) => dirname(file))))
    watchers.push(
      watch(folder, (_, name) => {
        if (name === null || !files.has(resolve(folder, name))) return;
        clearTimeout(timer);
        timer = setTimeout(() => settle(true), settleMs);
      }),
    );
  const cancel = () => settle(false);
  io.signal.addEventListener('abort', cancel, { once: true });
  if (io.signal.aborted) cancel();
  return promise.finally(() => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    io.signal.removeEventListener('abort', cancel);
  });
}
