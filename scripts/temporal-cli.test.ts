import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findTemporal } from './temporal-cli.ts';

let folder: string;
let servers: Server[];
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'armature-cli-'));
  servers = [];
  said = [];
});
afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

function program(path: string, script = 'echo temporal version 0.0.0'): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** @returns URL of a server that answers like that. */
async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

/** PATH holds what a test puts into `bin`, and the tools that unpack an archive. */
const find = (options: { env?: NodeJS.ProcessEnv; downloadUrl?: string; answerMs?: number } = {}) => {
  const { env, ...rest } = options;
  const NODE_ENV = 'test';
  return findTemporal({
    log: (line) => said.push(line),
    downloadUrl: 'http://127.0.0.1:9/',
    env: { NODE_ENV, PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    ...rest,
  });
};
const kept = () => join(folder, 'cache/armature/temporal-1.5.1/temporal');

it('takes ARMATURE_TEMPORAL_CLI first, then PATH, then the one kept', async () => {
  program(kept());
  expect(await find()).toBe(kept());
  const onPath = program(join(folder, 'bin/temporal'));
  expect(await find()).toBe(onPath);
  const named = program(join(folder, 'named'));
  expect(await find({ env: { NODE_ENV: 'test', ARMATURE_TEMPORAL_CLI: named } })).toBe(named);
});

it('does not go on past a wrong ARMATURE_TEMPORAL_CLI', async () => {
  program(kept());
  await expect(find({ env: { NODE_ENV: 'test', ARMATURE_TEMPORAL_CLI: join(folder, 'nowhere') } })).rejects.toThrow(
    'ARMATURE_TEMPORAL_CLI',
  );
});

it('downloads it once and keeps it', async () => {
  program(join(folder, 'archive/temporal'));
  const archive = join(folder, 'temporal.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', join(folder, 'archive'), 'temporal']);
  let requests = 0;
  const downloadUrl = await serving((_, response) => {
    requests += 1;
    response.end(readFileSync(archive));
  });
  expect(await find({ downloadUrl })).toBe(kept());
  expect(await find({ downloadUrl })).toBe(kept());
  expect(requests).toBe(1);
  expect(execFileSync(kept(), { encoding: 'utf8' })).toContain('temporal version');
  expect(readdirSync(join(kept(), '..'))).toEqual(['temporal']);
  expect(said.join('\n')).toMatch(/Downloading.*\n.*ready \(download, \d+ s\)/);
});

it('builds it with Go where the network hangs', async () => {
  program(
    join(folder, 'bin/go'),
    `case "$1" in
      version) echo go version go1.26.0 linux/amd64 ;;
      install) printf '#!/bin/sh\\necho "$0"\\n' > "$GOBIN/temporal" && echo "$2" > "${folder}/asked" ;;
    esac`,
  );
  const downloadUrl = await serving(() => {});
  expect(await find({ downloadUrl, answerMs: 100 })).toBe(kept());
  expect(readFileSync(join(folder, 'asked'), 'utf8').trim()).toBe('github.com/temporalio/cli/cmd/temporal@v1.5.1');
  expect(readdirSync(join(kept(), '..'))).toEqual(['temporal']);
});

it('says what was tried and what helps when nothing does', async () => {
  program(join(folder, 'bin/go'), 'echo go version go1.22.3 linux/amd64');
  const downloadUrl = await serving((_, response) => {
    response.statusCode = 403;
    response.end();
  });
  const failure = await find({ downloadUrl }).catch((error: unknown) => String(error));
  expect(failure).toMatch(/download: 127\.0\.0\.1:\d+ answered 403/);
  expect(failure).toContain('go install: needs Go 1.25 or newer, found go version go1.22.3 linux/amd64');
  expect(failure).toContain('ARMATURE_TEMPORAL_CLI');
  expect(failure).toContain('TEMPORAL_ADDRESS');
  expect(readdirSync(join(kept(), '..'))).toEqual([]);
});

it('keeps nothing that does not run', async () => {
  program(join(folder, 'bin/go'), 'exit 1');
  program(join(folder, 'archive/temporal'), 'exit 3');
  const archive = join(folder, 'temporal.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', join(folder, 'archive'), 'temporal']);
  const downloadUrl = await serving((_, response) => response.end(readFileSync(archive)));
  await expect(find({ downloadUrl })).rejects.toThrow('No Temporal server could be had');
  expect(readdirSync(join(kept(), '..'))).toEqual([]);
});
