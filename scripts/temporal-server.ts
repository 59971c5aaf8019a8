import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { findFreePort } from './port.ts';
import { collectOutput, endLeftover, isMissing, waitForExit } from './process.ts';
import { findTemporal } from './temporal-cli.ts';

export type TemporalServer = {
  /** Host and port of the gRPC service. */
  address: string;
  /** URL of Temporal Web, empty without it. */
  uiUrl: string;
  pid: number;
  /** Rejects with the last log lines when the server ends without `stop()`. Never resolves. */
  died: Promise<never>;
  /** Stops the server, by force after ten seconds, and waits for the process to end. */
  stop(): Promise<void>;
};

const searchAttributes = ['ArmatureOrg', 'ArmatureWorkflow', 'ArmatureServer', 'ArmatureStatus'];
const maxOldLogs = 3;

/**
 * Starts Temporal's development server on 127.0.0.1 and waits until the namespace `default` is ready. First stops a
 * server in `dir` whose starter was killed.
 * @param options.dir folder for the database file and logs, or null to keep everything in memory.
 * @param options.port 0 picks a free port.
 * @param options.uiPort 0 picks a free port, null starts no Temporal Web.
 * @param options.log prints a line of progress of finding the program.
 * @throws when Temporal isn't found, another running process uses `dir`, or it isn't ready within 30 seconds.
 */
export async function startTemporal(options: {
  dir: string | null;
  port: number;
  uiPort: number | null;
  log: (line: string) => void;
}): Promise<TemporalServer> {
  const { dir, log } = options;
  const program = await findTemporal({ log });
  const files = dir === null ? null : await prepareFiles(resolve(dir));
  const port = options.port || (await findFreePort());
  const uiPort = options.uiPort === 0 ? await findFreePort() : options.uiPort;

  const logFile = files === null ? null : openSync(files.log, 'a', 0o600);
  // Detached: Ctrl-C goes to the whole process group, and Temporal must outlive the workers that use it.
  const child = spawn(
    program,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
      ...(uiPort === null ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
      ...(files === null ? [] : ['--db-filename', files.database]),
      // 51 instead of 38 workflows per second.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      // 30 to 36 instead of 7 sequential workflows per second: by default, the only history shard polls 20 times per
      // second, which takes 150 ms per workflow.
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
      ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    { detached: true, cwd: '/', stdio: ['ignore', logFile ?? 'pipe', logFile ?? 'pipe'] },
  );
  const output = collectOutput(...[child.stdout, child.stderr].filter((stream) => stream !== null));
  if (logFile !== null) closeSync(logFile);
  const lastLines = () => (files === null ? output() : readFileSync(files.log, 'utf8')).trim().slice(-4000);

  let isStopping = false;
  const exit = waitForExit(child);
  const died = exit.then((code): never | Promise<never> => {
    if (isStopping) return new Promise<never>(() => {});
    throw new Error(`Temporal ended unexpectedly (${code}):\n${lastLines()}`);
  });
  // Prevents an unhandled rejection. Callers that await `died` still get it.
  died.catch(() => {});

  async function stop(): Promise<void> {
    isStopping = true;
    child.kill('SIGTERM');
    const forceTimer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(forceTimer);
    if (files) await Promise.all([rm(files.pid, { force: true }), rm(files.owner, { force: true })]);
  }

  const address = `127.0.0.1:${port}`;
  try {
    if (files && child.pid !== undefined) await writeFile(files.pid, String(child.pid));
    const waiting = new AbortController();
    const { signal } = waiting;
    await Promise.race([waitUntilReady(address, signal), died, failWhenLate(lastLines, signal)]).finally(() =>
      waiting.abort(),
    );
  } catch (error) {
    if (child.pid !== undefined) await stop();
    throw error;
  }
  return {
    address,
    uiUrl: uiPort === null ? '' : `http://127.0.0.1:${uiPort}`,
    pid: child.pid ?? 0,
    died,
    stop,
  };
}

/** Stops the Temporal server in `dir` if its starter was killed. @throws when the starter is still running. */
export function endLeftoverTemporal(dir: string): Promise<void> {
  const { database, pid, owner } = listFiles(resolve(dir));
  return endLeftover({ name: 'Temporal', pidFile: pid, ownerFile: owner, mark: database, signal: 'SIGTERM' });
}

const listFiles = (root: string) => ({
  database: join(root, 'temporal.db'),
  log: join(root, 'temporal.log'),
  pid: join(root, 'server.pid'),
  owner: join(root, 'owner.pid'),
});

async function prepareFiles(root: string) {
  const files = listFiles(root);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await endLeftoverTemporal(root);
  await writeFile(files.owner, String(process.pid));
  // Rotates logs, because an outage can write tens of megabytes of stack traces.
  for (let age = maxOldLogs; age >= 1; age -= 1) {
    const from = age === 1 ? files.log : `${files.log}.${age - 1}`;
    await rename(from, `${files.log}.${age}`).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
  return files;
}

async function waitUntilReady(address: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      try {
        await connection.withDeadline(Date.now() + 2000, async () => {
          await connection.workflowService.describeNamespace({ namespace: 'default' });
          const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
          if (!searchAttributes.every((name) => customAttributes?.[name]))
            throw new Error('Search attributes are not registered yet.');
        });
        return;
      } finally {
        await connection.close();
      }
    } catch {
      // Not ready yet. The caller has a time limit and notices when the server ends.
      await delay(50);
    }
  }
}

async function failWhenLate(lastLines: () => string, signal: AbortSignal): Promise<never> {
  await delay(30_000, undefined, { signal }).catch(() => {});
  throw new Error(`Temporal is not ready after 30 seconds:\n${lastLines()}`);
}
