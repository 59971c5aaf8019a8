import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { findFreePort } from '../port.ts';
import {
  collectOutput,
  endLeftover,
  isMissing,
  readCommand,
  readPid,
  systemEnvironment,
  watchServer,
} from '../process.ts';
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
/**
 * Priorities and fairness between organizations (domain/run/priority.ts), which are off by default. Each partition of a
 * queue is fair by itself, and one server needs only one.
 */
const matching = [
  'matching.useNewMatcher=true',
  'matching.enableFairness=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];
const maxOldLogs = 3;

/**
 * Starts Temporal's development server on 127.0.0.1 and waits until the namespace `default` is ready. First stops a
 * server in `dir` whose starter was killed.
 * @param options.dir folder for the database file and logs, or null to keep everything in memory.
 * @param options.port 0 picks a free port.
 * @param options.uiPort 0 picks a free port, null starts no Temporal Web.
 * @param options.httpPort, options.metricsPort ports of Temporal's HTTP API and metrics; by default free ones.
 * @param options.log prints a line of progress of finding the program.
 * @throws when Temporal isn't found, another running process uses `dir`, or it isn't ready within 30 seconds.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  for (let attempt = 1; ; attempt++)
    try {
      return await startOnce(options);
    } catch (error) {
      // Between its choice and its use, another process can take a free port.
      if (attempt === maxStarts || !String(error).includes('address already in use')) throw error;
    }
}

const maxStarts = 3;

type TemporalOptions = {
  dir: string | null;
  port: number;
  uiPort: number | null;
  httpPort?: number;
  metricsPort?: number;
  log: (line: string) => void;
};

async function startOnce(options: TemporalOptions): Promise<TemporalServer> {
  const { dir, log } = options;
  const program = await findTemporal({ log });
  const files = dir === null ? null : await prepareFiles(resolve(dir));
  const port = options.port || (await findFreePort());
  const uiPort = options.uiPort === 0 ? await findFreePort() : options.uiPort;
  const httpPort = options.httpPort ?? (await findFreePort());
  const metricsPort = options.metricsPort ?? (await findFreePort());

  const logFile = files === null ? null : openSync(files.log, 'a', 0o600);
  // Detached: Ctrl-C goes to the whole process group, and Temporal must outlive the workers that use it.
  const child = spawn(
    program,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
      ...(uiPort === null ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
      ...['--http-port', String(httpPort), '--metrics-port', String(metricsPort)],
      // Otherwise, a page on the web could reach the HTTP API by a name of its own that leads to 127.0.0.1.
      ...['--dynamic-config-value', `frontend.httpAllowedHosts=["127.0.0.1:${httpPort}"]`],
      ...(files === null ? [] : ['--db-filename', files.database]),
      // 51 instead of 38 workflows per second.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      // 30 to 36 instead of 7 sequential workflows per second: by default, the only history shard polls 20 times per
      // second, which takes 150 ms per workflow.
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
      ...matching.flatMap((value) => ['--dynamic-config-value', value]),
      ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    { detached: true, cwd: '/', env: systemEnvironment(), stdio: ['ignore', logFile ?? 'pipe', logFile ?? 'pipe'] },
  );
  const output = collectOutput(...[child.stdout, child.stderr].filter((stream) => stream !== null));
  if (logFile !== null) closeSync(logFile);
  const lastLines = () => (files === null ? output() : readFileSync(files.log, 'utf8')).trim().slice(-4000);

  const server = watchServer(child, { name: 'Temporal', lastWords: lastLines });
  const { died } = server;

  async function stop(): Promise<void> {
    await server.stop();
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

/** @returns the address of the server in `dir` if it is running; otherwise null */
export async function findRunningTemporal(dir: string): Promise<string | null> {
  const { database, pid } = listFiles(resolve(dir));
  const id = await readPid(pid);
  const command = id === undefined ? '' : readCommand(id);
  const [, port] = / --port (\d+)/.exec(command) ?? [];
  return port !== undefined && command.includes(database) ? `127.0.0.1:${port}` : null;
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
