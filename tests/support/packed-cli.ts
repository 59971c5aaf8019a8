import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildCli } from '../../scripts/build-cli.ts';

const run = promisify(execFile);
const source = fileURLToPath(new URL('../../cli/', import.meta.url));

export type PackedCli = {
  /** Of `npm pack`. */
  file: string;
  /** An empty project with the package, in a folder with spaces in its path. */
  project: string;
  /** Bytes of everything that the install wrote. */
  installedBytes: number;
  close(): Promise<void>;
};

/** Builds and packs the command, and installs the packed file in an empty project. */
export async function installPackedCli(): Promise<PackedCli> {
  await buildCli();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'armature packed ')));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: source });
  const file = join(folder, stdout.trim());
  const project = join(folder, 'a project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', file], { cwd: project });
  return {
    file,
    project,
    installedBytes: await sizeOf(join(project, 'node_modules')),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
