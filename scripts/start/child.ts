import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createBackOff } from './back-off.ts';

/** Something that `npm start` keeps alive until `stop`. */
export type Kept = { name: string; stop(): Promise<void> };

export type ChildOptions = { name: string; script: string; env: NodeJS.ProcessEnv; logFile: string };
export type Child = { stop(withinMs: number): Promise<void> };

/**
 * Runs a script in a process of its own. Its output goes to `logFile`.
 * @param options.onExit called when it ends without `stop`, with how it ended and its last 30 lines
 */
export function startChild(
  options: ChildOptions & { onExit: (how: string, lastLines: string) => void; onLine?: (line: string) => void },
): Child {
  const { script, env, logFile, onExit, onLine } = options;
  const lastLines: string[] = [];
  let isStopping = false;
  // Its own process group, so that Ctrl-C reaches it through `stop` alone and in order.
  const child = spawn(process.execPath, ['--import', new URL('with-parent.ts', import.meta.url).href, script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  for (const input of [child.stdout, child.stderr])
    if (input)
      createInterface({ input }).on('line', (line) => {
        appendFileSync(logFile, `${line}\n`);
        onLine?.(line);
        lastLines.push(line);
        if (lastLines.length > 30) lastLines.shift();
      });
  child.once('exit', (code, signal) => {
    if (!isStopping) onExit(signal ? `was killed by ${signal}` : `ended with code ${code}`, lastLines.join('\n'));
  });
  return {
    stop: (withinMs) =>
      new Promise((resolve) => {
        isStopping = true;
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        const force = setTimeout(() => child.kill('SIGKILL'), withinMs);
        child.once('exit', () => {
          clearTimeout(force);
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
}

/**
 * Keeps a process alive: when it dies, that is reported and it starts again after 1, 2, 4 … seconds.
 * If it doesn't stay up, `onGone` gets its last log lines.
 */
export function keepAlive(
  options: ChildOptions & { say: (line: string) => void; onGone: (report: string) => void },
): Kept {
  const { name, logFile, say, onGone } = options;
  const backOff = createBackOff();
  let timer: NodeJS.Timeout | undefined;
  const start = (): Child =>
    startChild({
      ...options,
      onExit(how, lastLines) {
        const delayMs = backOff();
        if (delayMs === null)
          return onGone(`${name} ${how} and doesn't stay up. Its last lines (all of them: ${logFile}):\n${lastLines}`);
        say(`${name} ${how}; starting it again in ${delayMs / 1000} s (log: ${logFile})`);
        timer = setTimeout(() => {
          child = start();
        }, delayMs);
      },
    });
  let child = start();
  return {
    name,
    stop() {
      clearTimeout(timer);
      return child.stop(15_000);
    },
  };
}
