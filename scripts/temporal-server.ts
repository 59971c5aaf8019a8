import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort } from './port.ts';
import { collect, ended, endLeftover, isMissing } from './process.ts';
import { findTemporal } from './temporal-cli.ts';

export type TemporalServer = {
  /** Host and port of its gRPC service. */
  address: string;
  /** Temporal Web; empty when it is headless. */
  uiUrl: string;
  pid: number;
  /** Rejects when the server ends without `stop()`, with its last log lines; never resolves. */
  died: Promise<never>;
  /** Asks it to end and kills it after ten seconds; resolves when the process is gone. */
  stop(): Promise<void>;
};

const searchAttributes = ['ArmatureOrg', 'ArmatureWorkflow', 'ArmatureServer', 'ArmatureStatus'];
const keptLogs = 3;

/**
 * Starts Temporal's development server on 127.0.0.1 and waits until it serves the namespace `default`. What an earlier process
 * left running on the same files after it was killed is stopped first.
 * @param dir where its database file and logs are; null keeps everything in memory.
 * @param port 0 picks a free one. @param uiPort null: without Temporal Web.
 * @param log progress of getting the program, one line each.
 * @throws when there is no Temporal to be had, another living process uses `dir`, or it doesn't serve within 30 seconds.
 */
export async function startTemporal(options: {
  dir: string | null;
  port: number;
  uiPort: number | null;
  log: (line: string) => void;
}): Promise<TemporalServer> {
  const { dir, log } = options;
  const program = await findTemporal({ log });
  const place = dir === null ? null : await prepare(resolve(dir));
  const port = options.port || (await freePort());
  const uiPort = options.uiPort === 0 ? await freePort() : options.uiPort;

  const logFile = place === null ? null : openSync(place.log, 'a', 0o600);
  // Detached: Ctrl-C goes to the whole foreground group, and Temporal has to outlive the workers that report to it.
  const child = spawn(
    program,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
      ...(uiPort === null ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
      ...(place === null ? [] : ['--db-filename', place.database]),
      // Measured: 51 instead of 38 workflows a second.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      // Its one history shard asks for work 20 times a second by default, which is 150 ms for a workflow that has the server to
      // itself (measured: 7 instead of 30 to 36 of them a second).
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
      ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    { detached: true, cwd: '/', stdio: ['ignore', logFile ?? 'pipe', logFile ?? 'pipe'] },
  );
  const inMemory = collect(...[child.stdout, child.stderr].filter((stream) => stream !== null));
  if (logFile !== null) closeSync(logFile);
  const lastLines = () => (place === null ? inMemory() : readFileSync(place.log, 'utf8')).trim().slice(-4000);

  let stopping = false;
  const exit = ended(child);
  const died = exit.then((code): never | Promise<never> => {
    if (stopping) return new Promise<never>(() => {});
    throw new Error(`Temporal ended by itself (${code}):\n${lastLines()}`);
  });
  // Whoever waits for it sees it; nobody has to.
  died.catch(() => {});

  async function stop(): Promise<void> {
    stopping = true;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(force);
    if (place) await Promise.all([rm(place.pid, { force: true }), rm(place.owner, { force: true })]);
  }

  const address = `127.0.0.1:${port}`;
  try {
    if (place && child.pid !== undefined) await writeFile(place.pid, String(child.pid));
    const serving = new AbortController();
    await Promise.race([serves(address, serving.signal), died, late(lastLines, serving.signal)]).finally(() =>
      serving.abort(),
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

/** Ends the Temporal server on these files that a killed process left running. @throws when the one that started it still lives. */
export function endLeftoverTemporal(dir: string): Promise<void> {
  const { database, pid, owner } = filesIn(resolve(dir));
  return endLeftover({ name: 'Temporal', pidFile: pid, ownerFile: owner, mark: database, signal: 'SIGTERM' });
}

const filesIn = (root: string) => ({
  database: join(root, 'temporal.db'),
  log: join(root, 'temporal.log'),
  pid: join(root, 'server.pid'),
  owner: join(root, 'owner.pid'),
});

async function prepare(root: string) {
  const place = filesIn(root);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await endLeftoverTemporal(root);
  await writeFile(place.owner, String(process.pid));
  // An outage can leave tens of megabytes of stack traces.
  for (let age = keptLogs; age >= 1; age -= 1) {
    const from = age === 1 ? place.log : `${place.log}.${age - 1}`;
    await rename(from, `${place.log}.${age}`).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
  return place;
}

async function serves(address: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      try {
        await connection.withDeadline(Date.now() + 2000, async () => {
          await connection.workflowService.describeNamespace({ namespace: 'default' });
          const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
          if (!searchAttributes.every((name) => customAttributes?.[name])) throw new Error('not registered yet');
        });
        return;
      } finally {
        await connection.close();
      }
    } catch {
      // Not up yet: whoever waits has a time limit and sees the server's death.
      await delay(50);
    }
  }
}

async function late(lastLines: () => string, signal: AbortSignal): Promise<never> {
  await delay(30_000, undefined, { signal }).catch(() => {});
  throw new Error(`Temporal doesn't serve after 30 seconds:\n${lastLines()}`);
}
