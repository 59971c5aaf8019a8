import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'armature-lock-'));
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) await cp(file, join(folder, file));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(['10.9.4', '11.19.1'])('npm %s accepts the lock file', (npm) => {
  it.each([
    ['darwin', 'arm64', []],
    ['darwin', 'x64', []],
    ['linux', 'arm64', ['--libc=glibc']],
    ['linux', 'x64', ['--libc=musl']],
    ['win32', 'x64', []],
  ])('for %s-%s %s', async (os, cpu, libc) => {
    const dryRun = ['ci', '--dry-run', '--ignore-scripts', `--os=${os}`, `--cpu=${cpu}`, ...libc];
    const { stdout } = await promisify(execFile)('npx', ['-y', `npm@${npm}`, ...dryRun], { cwd: folder });
    expect(stdout).toMatch(/^added \d{3,} packages/m);
    expect(stdout).toContain(`add @biomejs/cli-${os}-${cpu}`);
  });
});
