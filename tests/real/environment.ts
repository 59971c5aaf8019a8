import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cachedFolder } from '../../scripts/cached-folder.ts';

/**
 * Programs in other languages that slow tests run: installed once per machine from pinned lists with hashes, in the
 * user's cache folder, where Temporal's CLI is too.
 */

const run = promisify(execFile);
const installMs = 300_000;
const sources = fileURLToPath(new URL('.', import.meta.url));

/** The path of a Python whose packages are those of `python/<name>.txt`. Runs modules only: scripts can't be moved. */
export async function pythonEnvironment(
  name: 'mcp-1' | 'mcp-2' | 'model' | 'postgres-tools' | 'kubernetes' | 'rest',
): Promise<string> {
  const requirements = join(sources, 'python', `${name}.txt`);
  const { stdout: version } = await run('python3', ['--version']);
  const folder = await cachedFolder(
    `real-python-${name}`,
    [await readFile(requirements), version],
    async (unfinished) => {
      await run('python3', ['-m', 'venv', unfinished]);
      const options = ['--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps', '--require-hashes'];
      const install = ['-m', 'pip', 'install', ...options, '-r', requirements];
      await run(join(unfinished, 'bin/python'), install, { timeout: installMs });
    },
  );
  return join(folder, 'bin/python');
}

/** The folder with the programs that are built from the Go module in a folder. */
export async function goPrograms(
  from = join(sources, 'go'),
  { name = 'real-go', packages = ['.', './client', 'tool'] } = {},
): Promise<string> {
  const files = (await readdir(from, { recursive: true })).filter((file) => /\.(go|mod|sum)$/.test(file)).sort();
  const inputs = await Promise.all(files.map((file) => readFile(join(from, file))));
  return cachedFolder(name, inputs, async (unfinished) => {
    await mkdir(unfinished);
    const args = ['build', '-mod=readonly', '-o', unfinished, ...packages];
    await run('go', args, { cwd: from, timeout: installMs });
  });
}

/** The folder in which the packages of `<name>/package-lock.json` are installed. */
export async function npmPackages(name: 'npm' | 'npm-rest' = 'npm'): Promise<string> {
  const files = ['package.json', 'package-lock.json'];
  const inputs = await Promise.all(files.map((file) => readFile(join(sources, name, file))));
  return cachedFolder(`real-${name}`, inputs, async (unfinished) => {
    await mkdir(unfinished);
    for (const file of files) await copyFile(join(sources, name, file), join(unfinished, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: unfinished, timeout: installMs });
  });
}

/** The path of a Node of this version, from the npm package `node`. */
export async function npmNode(version: string): Promise<string> {
  const folder = await cachedFolder('real-node', [version, process.platform, process.arch], async (unfinished) => {
    await mkdir(unfinished);
    await writeFile(join(unfinished, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }');
    const args = ['install', '--no-audit', '--no-fund', `node@${version}`];
    await run('npm', args, { cwd: unfinished, timeout: installMs });
  });
  return join(folder, 'node_modules/.bin/node');
}

/**
 * Whether tests that need a program can run here. Prints why not; with `required`, throws instead.
 * @param command prints something and exits with 0 if it is what the tests need
 */
export async function canRun(
  needs: string,
  [program = '', ...args]: readonly string[],
  { required = false } = {},
): Promise<boolean> {
  try {
    await run(program, args);
    return true;
  } catch (error) {
    if (required) throw error;
    console.log(`Skipped the tests that need ${needs}, which is not installed.`);
    return false;
  }
}

export const canRunPython = (): Promise<boolean> =>
  canRun(
    'Python 3.11 or later with venv',
    ['python3', '-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'],
    { required: process.env.ARMATURE_REQUIRE_PYTHON === 'true' },
  );

export const canRunGo = (): Promise<boolean> => canRun('Go', ['go', 'version']);

/** The path of OpenAPI Generator, from Maven Central. Needs Maven, and Java to run it. */
export async function openApiGenerator(): Promise<string> {
  const artifact = 'org.openapitools:openapi-generator-cli:7.25.0';
  const folder = await cachedFolder('real-openapi-generator', [artifact], async (unfinished) => {
    const args = ['-q', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${unfinished}`];
    await run('mvn', args, { timeout: installMs });
  });
  return join(folder, 'openapi-generator-cli-7.25.0.jar');
}
