import { watch } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Child, type ChildOptions, type Kept, startChild } from './child.ts';

/** Then it is killed, which every part of Armature survives. */
const stopWithinMs = 1000;
/** An editor or a checkout changes several files at a time. */
const settleMs = 50;

const source = /(?<!\.test)\.(ts|tsx|js|json|yaml)$/;

/**
 * Runs a process and restarts it when a source file in `folders` changes. If it ends by itself, it starts again with
 * the next change. Its errors are printed.
 */
export function reloadOnChange(
  options: ChildOptions & { root: string; folders: readonly string[]; say: (line: string) => void },
): Kept {
  const { name, root, folders, say } = options;
  const start = (): Child =>
    startChild({
      ...options,
      onExit: (how, lastLines) => say(`${name} ${how}. It starts again with the next change.\n${lastLines}`),
      onLine(line) {
        const text = toMessage(line);
        if (text) say(`${name}: ${text}`);
      },
    });
  let child = start();
  let changed: string | null = null;
  let restarting: Promise<void> | null = null;

  const restart = async () => {
    while (changed) {
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      say(`${name} restarts: ${changed} changed`);
      changed = null;
      await child.stop(stopWithinMs);
      child = start();
    }
    restarting = null;
  };
  const watchers = folders.map((folder) =>
    watch(join(root, folder), { recursive: true }, (_event, file) => {
      if (file === null || !source.test(file)) return;
      changed = `${folder}/${file}`;
      restarting ??= restart();
    }),
  );

  return {
    name,
    async stop() {
      for (const watcher of watchers) watcher.close();
      changed = null;
      await restarting;
      await child.stop(stopWithinMs);
    },
  };
}

const logEntry = z.object({ msg: z.string(), err: z.object({ stack: z.string() }).optional() });

/** What to show of a line of output: errors of the log with their stack, and everything that is not a log entry. */
function toMessage(line: string): string | null {
  const { success, data } = logEntry.safeParse(parseJson(line));
  if (!success) return line;
  return data.err ? `${data.msg}\n${data.err.stack}` : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
