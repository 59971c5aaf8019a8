import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isAlive, isMissing, readCommand, readPid } from '../process.ts';
import { resolveDataPath } from './postgres-user.ts';

export const superuser = 'armature';
export const secretsRole = 'armature_secrets';

/** @returns the addresses of the Postgres in `dir` if `npm start` or another process runs it; otherwise null */
export async function findRunningPostgres(dir: string): Promise<{ url: string; secretsUrl: string } | null> {
  const root = resolve(dir);
  const data = await resolveDataPath(join(root, 'data'));
  const [starter, server] = await Promise.all([
    readPid(join(root, 'owner.pid')),
    readPid(join(data, 'postmaster.pid')),
  ]);
  if (starter === undefined || !isAlive(starter) || server === undefined || !isAlive(server)) return null;
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  const port = Number(lines[3]);
  if (!readCommand(server).includes(data) || !port) return null;
  const password = await readOrCreatePassword(join(root, 'password'));
  return buildUrls({
    data,
    port,
    password,
    secretsPassword: await readOrCreatePassword(join(root, 'secrets-password')),
  });
}

export function buildUrls(of: { data: string; port: number; password: string; secretsPassword: string }) {
  const host = hasSocket(of.data) ? encodeURIComponent(of.data) : '127.0.0.1';
  const build = (role: string, password: string, database: string) =>
    `postgresql://${role}:${password}@${host}:${of.port}/${database}`;
  return {
    url: build(superuser, of.password, 'armature'),
    secretsUrl: build(secretsRole, of.secretsPassword, 'armature_secrets'),
    maintenanceUrl: build(superuser, of.password, 'postgres'),
  };
}

/** Whether the path is short enough for a Unix socket: at most 103 bytes on macOS, 107 on Linux. */
export const hasSocket = (data: string): boolean => Buffer.byteLength(join(data, '.s.PGSQL.65535')) <= 103;

export async function readOrCreatePassword(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (!isMissing(error)) throw error;
    const password = randomBytes(24).toString('base64url');
    await writeFile(file, password, { mode: 0o600 });
    return password;
  }
}
