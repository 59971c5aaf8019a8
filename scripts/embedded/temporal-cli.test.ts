import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findTemporal } from './temporal-cli.ts';

let folder: string;
let servers: Server[];
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'armature-cli-'));
  servers = [];
  logged = [];
});
afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

function createProgram(path: string, script = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"'): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Starts a server. @returns its URL. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

/** PATH contains the programs that a test creates in `bin`, and the system's tools to unpack an archive. */
const find = (
  options: { env?: NodeJS.ProcessEnv; downloadUrl?: string; checksum?: string; responseTimeoutMs?: number } = {},
) => {
  const { env, ...rest } = options;
  const NODE_ENV = 'test';
  return findTemporal({
    log: (line) => logged.push(line),
    downloadUrl: 'http://127.0.0.1:9/',
    env: { NODE_ENV, PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    ...rest,
  });
};
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const cached = () => join(folder, 'cache/armature/temporal-1.5.1/temporal');

it('prefers ARMATURE_TEMPORAL_CLI, then PATH, then the cache', async () => {
  createProgram(cached());
  expect(await find()).toBe(cached());
  const onPath = createProgram(join(folder, 'bin/temporal'));
  expect(await find()).toBe(onPath);
  const configured = createProgram(join(folder, 'configured'));
  expect(await find({ env: { NODE_ENV: 'test', ARMATURE_TEMPORAL_CLI: configured } })).toBe(configured);
});

it.each([
  [
    'an older server',
    'echo "temporal version 1.1.2 (Server 1.25.2, UI 2.31.2)"',
    'needs Temporal server 1.29 or later',
  ],
  ['another major', 'echo "temporal version 2.0.0 (Server 2.0.0, UI 3.0.0)"', 'needs Temporal server 1.29 or later'],
  ['no version', 'echo hello', 'found hello'],
  ['no answer', 'exit 3', "it doesn't run"],
])('passes over a program on PATH with %s, and says so', async (_, script, reason) => {
  createProgram(cached());
  createProgram(join(folder, 'bin/temporal'), script);
  expect(await find()).toBe(cached());
  expect(logged.join('\n')).toContain(`${join(folder, 'bin/temporal')} is not used: `);
  expect(logged.join('\n')).toContain(reason);
});

it('takes a later server on PATH', async () => {
  createProgram(cached());
  const later = createProgram(join(folder, 'bin/temporal'), 'echo "temporal version 1.8.0 (Server 1.31.0, UI 2.50.0)"');
  expect(await find()).toBe(later);
});

it('refuses a download that is not the release', async () => {
  createProgram(join(folder, 'bin/go'), 'exit 1');
  createProgram(join(folder, 'archive/temporal'), `touch '${join(folder, 'was-run')}'`);
  const archive = join(folder, 'temporal.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', join(folder, 'archive'), 'temporal']);
  const downloadUrl = await serve((_, response) => response.end(readFileSync(archive)));
  await expect(find({ downloadUrl })).rejects.toThrow(`its SHA-256 is ${sha256(archive)}, not `);
  expect(readdirSync(folder)).not.toContain('was-run');
  expect(readdirSync(join(cached(), '..'))).toEqual([]);
});

it('fails when ARMATURE_TEMPORAL_CLI is wrong', async () => {
  createProgram(cached());
  await expect(find({ env: { NODE_ENV: 'test', ARMATURE_TEMPORAL_CLI: join(folder, 'nowhere') } })).rejects.toThrow(
    'ARMATURE_TEMPORAL_CLI',
  );
});

it('downloads it once and caches it', async () => {
  createProgram(join(folder, 'archive/temporal'));
  const archive = join(folder, 'temporal.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', join(folder, 'archive'), 'temporal']);
  let requests = 0;
  const downloadUrl = await serve((_, response) => {
    requests += 1;
    response.end(readFileSync(archive));
  });
  const checksum = sha256(archive);
  expect(await find({ downloadUrl, checksum })).toBe(cached());
  expect(await find({ downloadUrl, checksum })).toBe(cached());
  expect(requests).toBe(1);
  expect(execFileSync(cached(), { encoding: 'utf8' })).toContain('temporal version');
  expect(readdirSync(join(cached(), '..'))).toEqual(['temporal']);
  expect(logged.join('\n')).toMatch(/Downloading.*\n.*ready \(download, \d+ s\)/);
});

it('builds it with Go when the network hangs', async () => {
  createProgram(
    join(folder, 'bin/go'),
    `case "$1" in
      version) echo go version go1.26.0 linux/amd64 ;;
      install) printf '#!/bin/sh\\necho "$0"\\n' > "$GOBIN/temporal" && echo "$2" > "${folder}/module" ;;
    esac`,
  );
  const downloadUrl = await serve(() => {});
  expect(await find({ downloadUrl, responseTimeoutMs: 100 })).toBe(cached());
  expect(readFileSync(join(folder, 'module'), 'utf8').trim()).toBe('github.com/temporalio/cli/cmd/temporal@v1.5.1');
  expect(readdirSync(join(cached(), '..'))).toEqual(['temporal']);
});

it('says what was tried and what to do when everything fails', async () => {
  createProgram(join(folder, 'bin/go'), 'echo go version go1.22.3 linux/amd64');
  const downloadUrl = await serve((_, response) => {
    response.statusCode = 403;
    response.end();
  });
  const failure = await find({ downloadUrl }).catch((error: unknown) => String(error));
  expect(failure).toMatch(/download: 127\.0\.0\.1:\d+ answered 403/);
  expect(failure).toContain('go install: needs Go 1.25 or later, found go version go1.22.3 linux/amd64');
  expect(failure).toContain('ARMATURE_TEMPORAL_CLI');
  expect(failure).toContain('TEMPORAL_ADDRESS');
  expect(readdirSync(join(cached(), '..'))).toEqual([]);
});

it('does not cache a program that does not run', async () => {
  createProgram(join(folder, 'bin/go'), 'exit 1');
  createProgram(join(folder, 'archive/temporal'), 'exit 3');
  const archive = join(folder, 'temporal.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', join(folder, 'archive'), 'temporal']);
  const downloadUrl = await serve((_, response) => response.end(readFileSync(archive)));
  const checksum = sha256(archive);
  await expect(find({ downloadUrl, checksum })).rejects.toThrow('Temporal CLI not found');
  expect(readdirSync(join(cached(), '..'))).toEqual([]);
});
