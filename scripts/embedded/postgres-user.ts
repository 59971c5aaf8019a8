import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isMissing } from '../process.ts';

/** The system user that Postgres runs as when this process is root, because Postgres refuses to run as root. */
export type PostgresUser = { uid: number; gid: number };

/** For files that this user can't reach, such as those in a checkout below `/root`. */
const sharedHome = '/var/lib/armature';

/** Creates the user `postgres` if it is missing. @returns undefined unless this process is root. */
export function ensurePostgresUser(): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    // The user doesn't exist.
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' });
    return { uid: id('-u'), gid: id('-g') };
  }
}

/** @returns the folder of Postgres' programs: `native`, or a copy of it if `user` can't reach that. */
export async function findReachablePrograms(native: string, user: PostgresUser | undefined): Promise<string> {
  if (canReach(native, user)) return native;
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(native, '../package.json'), 'utf8')));
  const copy = join(sharedHome, `postgres-${version}`);
  if (await exists(copy)) return copy;
  const unfinished = await createSharedFolder(`postgres-${version}.unfinished-`);
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  try {
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    // Another process may have created it first.
    if (!(await exists(copy))) throw error;
  }
  return copy;
}

/**
 * Finds a folder for the data at `path` that `user` can reach. Moves existing data there if necessary.
 * @returns the folder, and `link`, which makes `path` a link to it. Call it once the folder exists.
 * @throws when `path` is a link to a folder that doesn't exist.
 */
export async function makeDataReachable(
  path: string,
  user: PostgresUser | undefined,
): Promise<{ data: string; link: () => Promise<void> }> {
  const data = await resolveDataPath(path);
  if (data !== path || canReach(dirname(path), user)) return { data, link: async () => {} };
  const moved = join(await createSharedFolder('data-'), 'data');
  const link = () => symlink(moved, path);
  if (!(await exists(path))) return { data: moved, link };
  // The user could reach it at an earlier start. `mv` also works between file systems.
  execFileSync('mv', [path, moved]);
  await link();
  return { data: moved, link: async () => {} };
}

/** @returns `path`, or the folder that it links to. @throws when that folder doesn't exist. */
export async function resolveDataPath(path: string): Promise<string> {
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
    throw new Error(
      `${path} is a link to a folder that doesn't exist. Restore the folder, or remove the link to start without data.`,
    );
  }
}

/** Creates a folder in `sharedHome` that all users can enter, whatever the umask. */
async function createSharedFolder(prefix: string): Promise<string> {
  await mkdir(sharedHome, { recursive: true });
  await chmod(sharedHome, 0o755);
  const folder = await mkdtemp(join(sharedHome, prefix));
  await chmod(folder, 0o711);
  return folder;
}

/** Uses `test`, which considers access lists and read-only mounts too. */
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
