import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startPostgres } from '../embedded/postgres.ts';
import { findRunningPostgres } from '../embedded/postgres-address.ts';
import { keepKeys, readKeys } from '../start/keys.ts';

type Environment = NodeJS.ProcessEnv;

/** Addresses of the two databases of an installation. */
export type Databases = {
  /** The main database, as the owner of its tables where that is known. */
  url: string;
  /** The role of the processes, where it is known. */
  appRole: { name: string; password: string } | null;
  secretsUrl: string;
  /** Whether the embedded Postgres was started for this, because `npm start` doesn't run. */
  isStarted: boolean;
  /** Stops what was started for this. */
  close(): Promise<void>;
};

/** Where `npm start` keeps its data. */
export const findHome = (env: Environment): string => resolve(env.ARMATURE_HOME ?? '.armature');

/** Whether the addresses of the databases are in the environment, so that the embedded Postgres isn't used. */
export const isSeparate = (env: Environment): boolean => Boolean(env.DATABASE_URL);

/** The master keys, from the environment or from what `npm start` has created. @returns null if there is none */
export function findKeys(env: Environment): { key: string; previousKeys: string[] } | null {
  const key = env.ARMATURE_SECRETS_KEY || readKeys(findHome(env))?.secretsKey;
  const previousKeys = (env.ARMATURE_SECRETS_PREVIOUS_KEYS ?? '').split(/[\s,]+/).filter(Boolean);
  return key === undefined ? null : { key, previousKeys };
}

/** @throws when there is none */
export function requireKeys(env: Environment): { key: string; previousKeys: string[] } {
  const keys = findKeys(env);
  if (keys) return keys;
  throw new Error(
    isSeparate(env)
      ? 'ARMATURE_SECRETS_KEY is not set. Set it as for api and worker.'
      : `There is no keys.json in ${findHome(env)}. Set ARMATURE_HOME to the folder of the installation.`,
  );
}

/**
 * Finds the databases of an installation that has been used: those of the environment, or the embedded Postgres, which
 * is started unless `npm start` runs.
 */
export async function openDatabases(env: Environment): Promise<Databases> {
  if (isSeparate(env)) return findSeparate(env);
  const home = findHome(env);
  const dir = join(home, 'postgres');
  if (!existsSync(dir))
    throw new Error(
      `There is no database in ${home}. Set ARMATURE_HOME to the folder of the installation, or DATABASE_URL, SECRETS_DATABASE_URL and ARMATURE_MIGRATE_URL to the addresses of separate servers.`,
    );
  const appRole = toEmbeddedRole(home);
  const running = await findRunningPostgres(dir);
  if (running) return { ...running, appRole, isStarted: false, async close() {} };
  return { ...(await startEmbedded(dir)), appRole };
}

/**
 * The same for a restore, which needs the owner of the tables and no other process. Creates the embedded Postgres and
 * its keys where there are none.
 * @throws while `npm start` runs
 */
export async function openForRestore(
  env: Environment,
): Promise<Databases & { appRole: { name: string; password: string } }> {
  if (isSeparate(env)) {
    const { ARMATURE_MIGRATE_URL } = env;
    if (!ARMATURE_MIGRATE_URL)
      throw new Error('ARMATURE_MIGRATE_URL is not set: the address of the main database as the owner of its tables.');
    const separate = findSeparate(env);
    return { ...separate, appRole: toRole(env.DATABASE_URL ?? '') };
  }
  const home = findHome(env);
  mkdirSync(home, { recursive: true, mode: 0o711 });
  // Started by root, Postgres runs as a system user, who must be able to pass.
  chmodSync(home, 0o711);
  const started = await startEmbedded(join(home, 'postgres'));
  const keys = keepKeys(home, env.ARMATURE_SECRETS_KEY);
  return { ...started, appRole: { name: 'armature_app', password: keys.databasePassword } };
}

async function startEmbedded(dir: string) {
  const { url, secretsUrl, stop } = await startPostgres({ dir, port: 0 });
  // The server is detached, so it would outlive this process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(1)));
  return { url, secretsUrl, isStarted: true, close: stop };
}

function findSeparate(env: Environment): Databases {
  const { DATABASE_URL = '', ARMATURE_MIGRATE_URL, SECRETS_DATABASE_URL } = env;
  if (!SECRETS_DATABASE_URL)
    throw new Error('DATABASE_URL is set, but SECRETS_DATABASE_URL is not. Set both, as for api and worker.');
  return {
    url: ARMATURE_MIGRATE_URL || DATABASE_URL,
    appRole: toRole(DATABASE_URL),
    secretsUrl: SECRETS_DATABASE_URL,
    isStarted: false,
    async close() {},
  };
}

function toEmbeddedRole(home: string) {
  const keys = readKeys(home);
  return keys && { name: 'armature_app', password: keys.databasePassword };
}

function toRole(url: string): { name: string; password: string } {
  const { username, password } = new URL(url);
  return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}
