import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { fetch } from 'undici';
import { formatElapsed, goInstall } from '../go-install.ts';

const run = promisify(execFile);

// Later versions can't be built by `go install`: their go.mod has a `replace`.
const version = '1.5.1';
const goModule = `github.com/temporalio/cli/cmd/temporal@v${version}`;

/** SHA-256 of the archives of that version: `checksums.txt` of its release. */
const checksums: { [archive: string]: string } = {
  linux_amd64: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
  linux_arm64: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
  darwin_amd64: 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
  darwin_arm64: 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
};
/** Older servers lack what Armature needs; later ones of the same major keep it. */
const oldestServer = { major: 1, minor: 29 };

export type FindOptions = {
  /** Prints a line of progress. */
  log: (line: string) => void;
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /** URL of the archive. @default that of the release */
  downloadUrl?: string;
  /** SHA-256 of the archive. @default that of the release */
  checksum?: string;
  /** Time limit for the first byte of the download, in case the network is blocked. @default 10,000 */
  responseTimeoutMs?: number;
};

/**
 * Finds a Temporal CLI, which contains the development server: `ARMATURE_TEMPORAL_CLI`, `temporal` on PATH, a cached
 * one, a download, or a build with Go 1.25 or later (about two and a half minutes on two cores, once).
 * @returns path of the program.
 * @throws an Error that says what was tried and what to do.
 */
export async function findTemporal(options: FindOptions): Promise<string> {
  const { log, env = process.env } = options;
  const configured = env.ARMATURE_TEMPORAL_CLI;
  if (configured) {
    if (await isExecutable(configured)) return configured;
    throw new Error(
      `ARMATURE_TEMPORAL_CLI is ${configured}, which is not an executable file. Set it to the path of the Temporal CLI.`,
    );
  }
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'temporal');
    if (!(await isExecutable(candidate))) continue;
    const unfit = await findUnfitness(candidate);
    if (unfit === null) return candidate;
    log(`${candidate} is not used: ${unfit}`);
  }

  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  const folder = join(cache, 'armature', `temporal-${version}`);
  const cached = join(folder, 'temporal');
  if (await isExecutable(cached)) return cached;

  await mkdir(folder, { recursive: true });
  const failures: string[] = [];
  for (const [method, create] of [
    ['download', download],
    ['go install', build],
  ] as const) {
    // In the same folder, so that the rename is atomic: several processes may do this concurrently.
    const scratch = await mkdtemp(join(folder, 'unfinished-'));
    const startedAt = Date.now();
    try {
      const program = await create(scratch, options, env);
      await rename(program, cached);
      log(`Temporal ${version} is ready (${method}, ${formatElapsed(startedAt)}), cached in ${folder}`);
      return cached;
    } catch (error) {
      failures.push(`${method}: ${describeError(error)}`);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  throw new Error(
    [
      'Temporal CLI not found:',
      '  - ARMATURE_TEMPORAL_CLI is not set, no `temporal` that fits is on PATH, and none is cached from an earlier start',
      ...failures.map((failure) => `  - ${failure}`),
      'Do one of these:',
      '  - install the Temporal CLI (https://docs.temporal.io/cli), or set ARMATURE_TEMPORAL_CLI to its path',
      '  - set TEMPORAL_ADDRESS to a running Temporal server',
      '  - install Go 1.25 or later (https://go.dev/dl) to build the CLI',
      '  - allow this machine to reach https://github.com',
    ].join('\n'),
  );
}

async function download(folder: string, options: FindOptions): Promise<string> {
  const { log, responseTimeoutMs = 10_000 } = options;
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const release = `https://github.com/temporalio/cli/releases/download/v${version}`;
  const url = options.downloadUrl ?? `${release}/temporal_cli_${version}_${platform}_${arch}.tar.gz`;
  const expected = options.checksum ?? checksums[`${platform}_${arch}`];
  log(`Downloading Temporal ${version} (about 50 MB, once) …`);
  const timeout = new AbortController();
  let timer = setTimeout(
    () => timeout.abort(new Error(`no response within ${responseTimeoutMs / 1000} s`)),
    responseTimeoutMs,
  );
  const archive = join(folder, 'temporal.tar.gz');
  try {
    const response = await fetch(url, { signal: timeout.signal });
    if (!response.ok || !response.body) throw new Error(`${new URL(url).host} answered ${response.status}`);
    clearTimeout(timer);
    timer = setTimeout(() => timeout.abort(new Error('not finished within 5 minutes')), 300_000);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive), { signal: timeout.signal });
  } catch (error) {
    throw timeout.signal.aborted ? timeout.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  const found = hash.digest('hex');
  if (found !== expected)
    throw new Error(
      `${new URL(url).host} sent another file than the release: its SHA-256 is ${found}, not ${expected}`,
    );
  await run('tar', ['-xzf', archive, '-C', folder, 'temporal']);
  return verifyProgram(join(folder, 'temporal'));
}

async function build(folder: string, { log }: FindOptions, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run('go', ['version'], { env });
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) === 1 && Number(minor) < 25) throw new Error(`needs Go 1.25 or later, found ${stdout.trim()}`);
  await goInstall({ name: `Temporal ${version}`, packages: [goModule], folder, log, env });
  return verifyProgram(join(folder, 'temporal'));
}

/** @returns why a program of unknown origin can't be used, or null if it can */
async function findUnfitness(program: string): Promise<string | null> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 30_000 });
    const [, major, minor] = /Server (\d+)\.(\d+)/.exec(stdout) ?? [];
    if (Number(major) === oldestServer.major && Number(minor) >= oldestServer.minor) return null;
    const needed = `Temporal server ${oldestServer.major}.${oldestServer.minor} or later`;
    return `needs ${needed}, found ${stdout.trim().slice(0, 200) || 'no version'}`;
  } catch (error) {
    return `it doesn't run: ${describeError(error).slice(0, 200)}`;
  }
}

async function verifyProgram(program: string): Promise<string> {
  await chmod(program, 0o755);
  await run(program, ['--version'], { timeout: 30_000 });
  return program;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    // The file is missing, or not executable for this user.
    return false;
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT' && 'path' in error) return `${error.path} is not installed`;
  const cause = error.cause instanceof Error ? ` (${error.cause.message || error.cause.name})` : '';
  return `${error.message}${cause}`;
}
