import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { fetch } from 'undici';
import { collect, ended } from './process.ts';

const run = promisify(execFile);

// Later versions can't be built by `go install`: their go.mod has a `replace`.
const version = '1.5.1';
const goModule = `github.com/temporalio/cli/cmd/temporal@v${version}`;

export type FindOptions = {
  /** Progress, one line each. */
  log: (line: string) => void;
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /** Where the archive is downloaded from. @default Temporal's own server, which the SDK uses as well */
  downloadUrl?: string;
  /** Time for the first byte of the download, so that a blocked network costs no more. Milliseconds. @default 10,000 */
  answerMs?: number;
};

/**
 * A Temporal CLI, which holds the development server: `ARMATURE_TEMPORAL_CLI`, `temporal` on PATH, the one kept from last time,
 * a download, or a build by Go 1.25 or newer (about two and a half minutes on two cores, once).
 * @returns path of the program.
 * @throws one Error that says what was tried and what to do.
 */
export async function findTemporal(options: FindOptions): Promise<string> {
  const { log, env = process.env } = options;
  const named = env.ARMATURE_TEMPORAL_CLI;
  if (named) {
    if (await isProgram(named)) return named;
    throw new Error(`ARMATURE_TEMPORAL_CLI is ${named}, which is no program that can be started.`);
  }
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'temporal');
    if (await isProgram(candidate)) return candidate;
  }

  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  const folder = join(cache, 'armature', `temporal-${version}`);
  const kept = join(folder, 'temporal');
  if (await isProgram(kept)) return kept;

  await mkdir(folder, { recursive: true });
  const failures: string[] = [];
  for (const [what, make] of [
    ['download', download],
    ['go install', build],
  ] as const) {
    // Beside its place, so that a rename is atomic: several processes may be here at once.
    const scratch = await mkdtemp(join(folder, 'unfinished-'));
    const started = Date.now();
    try {
      const made = await make(scratch, options, env);
      await rename(made, kept);
      log(`Temporal ${version} is ready (${what}, ${seconds(started)}); kept in ${folder}`);
      return kept;
    } catch (error) {
      failures.push(`${what}: ${reasonOf(error)}`);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  throw new Error(
    [
      'No Temporal server could be had:',
      '  - neither ARMATURE_TEMPORAL_CLI, nor `temporal` on PATH, nor one kept from an earlier start',
      ...failures.map((failure) => `  - ${failure}`),
      'One of these helps:',
      '  - install the Temporal CLI (https://docs.temporal.io/cli), or set ARMATURE_TEMPORAL_CLI to its path',
      '  - set TEMPORAL_ADDRESS to a Temporal server that is running',
      '  - install Go 1.25 or newer (https://go.dev/dl), which builds it',
      '  - let this machine reach https://temporal.download',
    ].join('\n'),
  );
}

async function download(folder: string, options: FindOptions): Promise<string> {
  const { log, answerMs = 10_000 } = options;
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const url =
    options.downloadUrl ?? `https://temporal.download/cli/archive/v${version}?platform=${platform}&arch=${arch}`;
  log(`Downloading Temporal ${version} (about 50 MB, once) …`);
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(new Error(`no answer within ${answerMs / 1000} s`)), answerMs);
  const archive = join(folder, 'temporal.tar.gz');
  try {
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok || !response.body) throw new Error(`${new URL(url).host} answered ${response.status}`);
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(new Error('not done within 5 minutes')), 300_000);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive), { signal: stalled.signal });
  } catch (error) {
    throw stalled.signal.aborted ? stalled.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
  await run('tar', ['-xzf', archive, '-C', folder, 'temporal']);
  return checked(join(folder, 'temporal'));
}

async function build(folder: string, { log }: FindOptions, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run('go', ['version'], { env });
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) === 1 && Number(minor) < 25) throw new Error(`needs Go 1.25 or newer, found ${stdout.trim()}`);
  log(`Building Temporal ${version} with Go (two to three minutes, once) …`);
  const started = Date.now();
  const progress = setInterval(() => log(`still building Temporal (${seconds(started)}) …`), 20_000);
  try {
    const child = spawn('go', ['install', goModule], {
      env: { ...env, GOBIN: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20 * 60_000,
    });
    const output = collect(child.stdout, child.stderr);
    const code = await ended(child);
    if (code !== 0) throw new Error(`ended with ${code}: ${output().slice(-2000)}`);
  } finally {
    clearInterval(progress);
  }
  return checked(join(folder, 'temporal'));
}

async function checked(program: string): Promise<string> {
  await chmod(program, 0o755);
  await run(program, ['--version'], { timeout: 30_000 });
  return program;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    // Not there or not for us: the same to the caller.
    return false;
  }
}

const seconds = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT' && 'path' in error) return `${error.path} is not installed`;
  const cause = error.cause instanceof Error ? ` (${error.cause.message || error.cause.name})` : '';
  return `${error.message}${cause}`;
}
