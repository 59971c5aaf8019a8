import { type ChildProcess, execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The last 20,000 characters of some streams. */
export function collect(...streams: NodeJS.ReadableStream[]): () => string {
  let text = '';
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(-20_000);
    });
  }
  return () => text.trim();
}

/** The exit code, or the name of the signal that ended it. Rejects when it could not be started. */
export function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

/**
 * Ends what an earlier process left running when it was killed.
 * @param pidFile of the server; removed when its number belongs to another program by now.
 * @param ownerFile holds the process that started the server.
 * @param mark what the server's command line contains, so that no other program with the same number is ended.
 * @throws when the one that started it still lives, or the server doesn't end within 20 seconds.
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
  if (!commandOf(pid).includes(mark)) {
    await rm(pidFile, { force: true });
    return;
  }
  const starter = await readPid(ownerFile);
  if (starter !== undefined && starter !== process.pid && isAlive(starter)) {
    throw new Error(
      `${name} in ${mark} is in use by process ${starter}. Stop that one, or set ARMATURE_HOME to another directory.`,
    );
  }
  process.kill(pid, signal);
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited > 20_000)
      throw new Error(`${name} (process ${pid}), left over in ${mark}, doesn't stop. End it by hand.`);
    await delay(50);
  }
}

async function readPid(file: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(file, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether a file operation failed because there is no such file. */
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

/** Its whole command line; empty when there is no such process. */
export function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-ww', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    // `ps` ends with 1 when the process is gone meanwhile.
    return '';
  }
}
