import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isMissing } from './process.ts';

/** The system user that Postgres runs as where this process is root, which Postgres refuses to run as. */
export type PostgresUser = { uid: number; gid: number };

/** For what that user can't reach where it is, such as in a checkout below `/root`. */
const openHome = '/var/lib/armature';

/** @returns undefined unless this process is root. Creates the user `postgres` where it is missing. */
export function postgresUser(): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    // No such user yet.
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' });
    return { uid: id('-u'), gid: id('-g') };
  }
}

/** @returns the folder of Postgres' programs: `native`, or a copy that `user` can reach. */
export async function reachablePrograms(native: string, user: PostgresUser | undefined): Promise<string> {
  if (canReach(native, user)) return native;
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(native, '../package.json'), 'utf8')));
  const copy = join(openHome, `postgres-${version}`);
  if (await exists(copy)) return copy;
  const unfinished = await openFolder(`postgres-${version}.unfinished-`);
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  try {
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    // Another process may have been faster.
    if (!(await exists(copy))) throw error;
  }
  return copy;
}

/**
 * The folder of the data that belongs at `path`: that path, or where a link at it leads. Where `user` can't reach the path, the data
 * is moved, or will be made, elsewhere; `link()` is to be called once it is there.
 * @throws when there is a link, but not the data it leads to.
 */
export async function reachableData(
  path: string,
  user: PostgresUser | undefined,
): Promise<{ data: string; link: () => Promise<void> }> {
  const data = await realDataPath(path);
  if (data !== path || canReach(dirname(path), user)) return { data, link: async () => {} };
  const moved = join(await openFolder('data-'), 'data');
  const link = () => symlink(moved, path);
  if (!(await exists(path))) return { data: moved, link };
  // A folder from when the user could still reach it. `mv` also works between file systems.
  execFileSync('mv', [path, moved]);
  await link();
  return { data: moved, link: async () => {} };
}

/** Where the data is that belongs at `path`, which may be a link to it. @throws when the link leads nowhere. */
export async function realDataPath(path: string): Promise<string> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) return path;
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Error(`${path} leads to data that is gone. Restore it, or remove the link to start with no data.`);
  }
}

/** A new folder in `openHome` that every user can pass through, whatever the umask. */
async function openFolder(prefix: string): Promise<string> {
  await mkdir(openHome, { recursive: true });
  await chmod(openHome, 0o755);
  const folder = await mkdtemp(join(openHome, prefix));
  await chmod(folder, 0o711);
  return folder;
}

/** Asks the system, which knows about access lists and read-only mounts too. */
const canReach = (path: string, user: PostgresUser | undefined): boolean =>
  user === undefined || spawnSync('test', ['-x', path], { ...user, cwd: '/' }).status === 0;

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
