import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { collectOutput, waitForExit } from '../../scripts/process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A process of Armature, run as it is deployed. */
export type Running = {
  name: string;
  pid: number;
  /** Its last log lines, for the message of a test that fails. */
  log(): string;
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void;
  /** The exit code or the signal that ended it. */
  ended: Promise<number | string>;
  /** Kills it, stopped or not, and waits until it is gone. */
  end(): Promise<void>;
};

export function run(name: string, script: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): Running {
  const child = spawn(process.execPath, [script, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = collectOutput(child.stdout, child.stderr);
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  // What this process leaves behind when it is ended itself would go on taking runs.
  const last = () => kill('SIGKILL');
  process.once('exit', last);
  const exit = waitForExit(child).finally(() => process.off('exit', last));
  return {
    name,
    pid: child.pid ?? 0,
    log,
    kill,
    ended: exit,
    async end() {
      kill('SIGKILL');
      await exit;
    },
  };
}

/**
 * Asks again until the answer is neither undefined nor false; an error counts as no answer yet.
 * @throws after `seconds`, with `what`, the last error and what `context` tells.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  {
    seconds = 45,
    everyMs = 20,
    context = () => '',
  }: { seconds?: number; everyMs?: number; context?: () => string } = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resume) => setTimeout(resume, everyMs));
  }
  throw new Error([`Not within ${seconds} s: ${what}`, context()].filter(Boolean).join('\n'), { cause: last });
}
