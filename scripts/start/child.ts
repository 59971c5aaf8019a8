import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createBackOff } from './back-off.ts';

/** Something that `npm start` keeps alive until `stop`. */
export type Kept = { name: string; stop(): Promise<void> };

const stopWithinMs = 15_000;

/**
 * A process that is kept alive: when it dies it is reported and started again after 1, 2, 4 … seconds; when it doesn't
 * stay up, `onGone` gets its last log lines. Output goes to `logFile`.
 */
export function keepAlive(options: {
  name: string;
  script: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  say: (line: string) => void;
  onGone: (report: string) => void;
}): Kept {
  const { name, script, env, logFile, say, onGone } = options;
  const backOff = createBackOff();
  const lines: string[] = [];
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess;

  const keep = (chunk: Buffer) => {
    appendFileSync(logFile, chunk);
    lines.push(...chunk.toString().split('\n').filter(Boolean));
    lines.splice(0, Math.max(0, lines.length - 30));
  };

  const start = () => {
    // Its own process group, so that Ctrl-C reaches it through `stop` alone and in order.
    child = spawn(process.execPath, ['--import', new URL('with-parent.ts', import.meta.url).href, script], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
      const delay = backOff();
      if (delay === null)
        return onGone(
          `${name} ${how} and doesn't stay up. Its last lines (all of them: ${logFile}):\n${lines.join('\n')}`,
        );
      say(`${name} ${how}; starting it again in ${delay / 1000} s (log: ${logFile})`);
      timer = setTimeout(start, delay);
    });
  };
  start();

  return {
    name,
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        clearTimeout(timer);
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        const force = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
        child.once('exit', () => {
          clearTimeout(force);
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
}
