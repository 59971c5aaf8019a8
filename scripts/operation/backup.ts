/** `npm run backup [-- <folder>]` (docs/operating.md, "Backups"). */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Client } from 'pg';
import { createKeyring, type Keyring } from '../../infra/secrets/index.ts';
import { migrationLock } from '../../prisma/migrate.ts';
import { isMissing } from '../process.ts';
import { connect, listTables, withClient, writeTable } from './copy.ts';
import { type Databases, findHome, openDatabases, requireKeys } from './installation.ts';
import { type DatabaseName, describeCode, type Manifest, type TableEntry, toFile, writeManifest } from './manifest.ts';
import { runCommand, say } from './run.ts';
import { readSecrets } from './secrets-file.ts';

/** The lock of the functions that create and drop partitions of checks (migrations/1_guards). */
const partitionLock = 7_265_318_403;

/** What a backup leaves out: schema records, and what people get anew by signing in or asking again. */
const leftOut = [
  '_prisma_migrations',
  'migration',
  'Session',
  'Verification',
  'SignInThrottle',
  'CallShare',
  'SlackToken',
  'AccountLink',
  'AuthorizationRecord',
];

/**
 * Writes both databases, as of one moment, to a new folder. It gets its name when it is complete.
 * @returns the folder's manifest
 */
export async function createBackup(options: {
  databases: Pick<Databases, 'url' | 'secretsUrl'>;
  keyring: Keyring;
  folder: string;
  now?: () => Date;
}): Promise<Manifest> {
  const { databases, keyring, now = () => new Date() } = options;
  const folder = resolve(options.folder);
  if (await exists(folder))
    throw new Error(`${folder} exists already. Name a folder that doesn't, or one to put the backup in.`);
  const unfinished = `${folder}.unfinished-${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(unfinished, { mode: 0o700 });
  const clients: Client[] = [];
  try {
    const { main, secrets } = await openSnapshots(databases, clients);
    const createdAt = now().toISOString();
    const sums = new Map<string, string>();
    const tables: TableEntry[] = [];
    for (const [database, client] of [
      ['armature', main],
      ['armature_secrets', secrets],
    ] as const)
      tables.push(...(await writeTables({ database, client, folder: unfinished, sums })));
    const facts = await readFacts(main, secrets);
    const manifest: Manifest = {
      ...facts,
      createdAt,
      secrets: await readSecrets(unfinished, keyring),
      tables,
    };
    await writeManifest(unfinished, manifest, sums);
    await sync(unfinished);
    await rename(unfinished, folder);
    await sync(dirname(folder));
    return manifest;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/**
 * Opens a transaction in each database that sees it as of the same moment: no secret is stored or removed while they
 * open. A secret is stored before the row that refers to it and removed after, so each row has its secret.
 */
async function openSnapshots({ url, secretsUrl }: Pick<Databases, 'url' | 'secretsUrl'>, clients: Client[]) {
  const open = async (address: string) => {
    const client = await connect(address, 'backup');
    clients.push(client);
    return client;
  };
  const main = await open(url);
  const secrets = await open(secretsUrl);
  const { rows } = await main.query<{ locked: boolean }>('SELECT pg_try_advisory_lock_shared($1) AS "locked"', [
    migrationLock,
  ]);
  if (!rows[0]?.locked) throw new Error('A migration is running. Start the backup again when it has ended.');
  // A partition that is to be dropped would have to wait for this, and every check for that.
  await main.query('SELECT pg_advisory_lock_shared($1)', [partitionLock]);
  await withClient(secretsUrl, 'backup', async (lock) => {
    await lock.query(`BEGIN; SET LOCAL lock_timeout = '10s'`);
    await lock.query('LOCK TABLE secret IN SHARE MODE').catch((cause: unknown) => {
      throw new Error(
        'The secrets could not be locked within ten seconds, because another transaction writes them. Try again.',
        { cause },
      );
    });
    for (const client of [main, secrets]) {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query('SELECT pg_current_snapshot()');
    }
  });
  return { main, secrets };
}

async function writeTables(of: {
  database: DatabaseName;
  client: Client;
  folder: string;
  sums: Map<string, string>;
}): Promise<TableEntry[]> {
  const { database, client, folder, sums } = of;
  const written: TableEntry[] = [];
  for (const table of await listTables(client)) {
    if (leftOut.includes(table.name)) continue;
    const file = toFile({ database, name: table.name });
    const { rows, sha256 } = await writeTable(client, table, join(folder, file));
    sums.set(file, sha256);
    written.push({ database, ...table, rows });
  }
  return written;
}

async function readFacts(main: Client, secrets: Client): Promise<Omit<Manifest, 'createdAt' | 'secrets' | 'tables'>> {
  const code = await describeCode();
  const migrations = await main.query<{ name: string; sha256: string }>(
    `SELECT migration_name AS "name", checksum AS "sha256" FROM "_prisma_migrations"
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  const secretsMigrations = await secrets.query<{ name: string }>('SELECT name FROM migration ORDER BY name');
  const sequences = await main.query<{ name: string; value: string }>(
    `SELECT sequencename AS "name", last_value::text AS "value" FROM pg_sequences
     WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1`,
  );
  const days = await main.query<{ day: string }>(
    `SELECT to_char(to_date(right(c.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') AS "day"
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '"Check"'::regclass ORDER BY 1`,
  );
  const server = await main.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS "major"`,
  );
  return {
    ...code,
    postgresMajor: server.rows[0]?.major ?? 0,
    migrations: migrations.rows,
    secretsMigrations: secretsMigrations.rows.map(({ name }) => name),
    sequences: sequences.rows,
    checkDays: days.rows.map(({ day }) => day),
  };
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** @returns the folder that a backup is created as: in an existing folder, under a name with the time */
async function chooseFolder(named: string | undefined, env: NodeJS.ProcessEnv, now: Date): Promise<string> {
  const timed = `armature-${now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')}`;
  if (named === undefined) return join(findHome(env), 'backups', timed);
  return (await exists(named)) ? join(named, timed) : named;
}

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (args.length > 1) throw new Error('Usage: npm run backup [-- <folder>]');
  const keyring = createKeyring(requireKeys(env));
  const databases = await openDatabases(env);
  try {
    const folder = resolve(await chooseFolder(args[0], env, new Date()));
    const { tables, secrets } = await createBackup({ databases, keyring, folder });
    const main = tables.filter(({ database }) => database === 'armature');
    const count = (of: readonly TableEntry[]) => of.reduce((sum, { rows }) => sum + rows, 0);
    const stored = count(tables) - count(main);
    say(`Backed up ${count(main)} rows of ${main.length} tables and ${stored} secrets to ${folder}`);
    if (secrets.unreadable > 0)
      say(
        `Warning: ${secrets.unreadable} secrets can't be opened with the configured keys. npm run doctor names them.`,
      );
    say(
      secrets.keyIds.length > 0
        ? `To restore it you need this key, which is not in it: ${secrets.keyIds.join(', ')}`
        : 'It contains no secrets, so no key is needed to restore it.',
    );
  } finally {
    await databases.close();
  }
}

if (import.meta.main) await runCommand(main);
