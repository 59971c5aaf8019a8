import { type ChildProcess, execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What programs need of the environment. Anything else may be a credential: of Armature, or of the person who starts
 * it.
 */
const systemVariables =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SystemRoot|XDG_\w+|(DY)?LD_LIBRARY_PATH)$/i;

/** The environment of a program that isn't Armature itself: what any program needs, and `more`. */
export const systemEnvironment = (more: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  NODE_ENV: process.env.NODE_ENV,
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => systemVariables.test(name))),
  ...more,
});

/** Reads streams. @returns a function that returns their last 20,000 characters. */
export function collectOutput(...streams: NodeJS.ReadableStream[]): () => string {
  let text = '';
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(-20_000);
    });
  }
  return () => text.trim();
}

/** Waits until a process ends. @returns the exit code or the signal. @throws when it can't be started. */
export function waitForExit(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

/**
 * A server that this process has started. `died` rejects, with its last words, if it ends without being stopped. `stop`
 * asks it to end, and kills it ten seconds later.
 */
type StartedServer = { died: Promise<never>; stop(): Promise<void> };

/** @param options.lastWords what it printed last */
export function watchServer(
  child: ChildProcess,
  { name, lastWords }: { name: string; lastWords: () => string },
): StartedServer {
  let isStopping = false;
  const exit = waitForExit(child);
  const died = exit.then((code): never | Promise<never> => {
    if (isStopping) return new Promise<never>(() => {});
    throw new Error(`${name} ended unexpectedly (${code}):\n${lastWords()}`);
  });
  // Prevents an unhandled rejection. Callers that await `died` still get it.
  died.catch(() => {});
  return {
    died,
    async stop() {
      isStopping = true;
      child.kill('SIGTERM');
      const forceTimer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exit;
      clearTimeout(forceTimer);
    },
  };
}

/**
 * Stops a server whose starter was killed. Removes `pidFile` if its id belongs to another program by now.
 * @param options.ownerFile contains the id of the process that started the server.
 * @param options.mark part of the server's command line, so that no other program with the same id is stopped.
 * @throws when the starter is still running, or the server doesn't stop within 20 seconds.
 */
export async function endLeftover(options: {
  name: string;
  pidFile: string;
  ownerFile: string;
  mark: string;
  signal: 'SIGINT' | 'SIGTERM';
}): Promise<void> {
  const { name, pidFile, ownerFile, mark, signal } = options;
  const pid = await readPid(pidFile);
  if (pid === undefined || !isAlive(pid)) return;
  if (!readCommand(pid).includes(mark)) {
    await rm(pidFile, { force: true });
    return;
  }
  const starter = await readPid(ownerFile);
  if (starter !== undefined && starter !== process.pid && isAlive(starter)) {
    throw new Error(
      `${name} in ${mark} is in use by process ${starter} (${readCommand(starter)}). Stop that process, or set ARMATURE_HOME to another folder.`,
    );
  }
  process.kill(pid, signal);
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited > 20_000)
      throw new Error(`${name} of an earlier start (process ${pid}, ${mark}) doesn't stop. Kill that process.`);
    await delay(50);
  }
}

/** @returns the process id in a file; undefined without one. */
export async function readPid(file: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(file, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether a file operation failed because the file doesn't exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @returns the command line of a process, empty if there is none. */
export function readCommand(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-ww', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    // `ps` exits with 1 when the process has ended.
    return '';
  }
}
