import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

export type Child = { name: string; stop(): Promise<void> };

const maxRestarts = 5;

/**
 * A process that is kept alive: when it dies it is reported and started again after 1, 2, 4 … seconds; after five deaths within
 * a minute `onGone` gets its last log lines. Output goes to `logFile`.
 */
export function keepAlive(options: {
  name: string;
  script: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  say: (line: string) => void;
  onGone: (report: string) => void;
}): Child {
  const { name, script, env, logFile, say, onGone } = options;
  const lines: string[] = [];
  let deaths: number[] = [];
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
    child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      const now = Date.now();
      deaths = [...deaths.filter((at) => now - at < 60_000), now];
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
      if (deaths.length > maxRestarts)
        return onGone(
          `${name} ${how} and doesn't stay up. Its last lines (all of them: ${logFile}):\n${lines.join('\n')}`,
        );
      const delay = 2 ** (deaths.length - 1);
      say(`${name} ${how}; starting it again in ${delay} s (log: ${logFile})`);
      timer = setTimeout(start, delay * 1000);
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
        const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
        child.once('exit', () => {
          clearTimeout(force);
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
}
