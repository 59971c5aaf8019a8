import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSecrets } from '../../infra/secrets/index.ts';
import { migrate } from '../../prisma/migrate.ts';
import { startPostgres } from '../../scripts/embedded/postgres.ts';
import { withClient } from '../../scripts/operation/copy.ts';
import { keepKeys } from '../../scripts/start/keys.ts';
import { newId } from '../../services/context/ids.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'armature-embedded-'));
  await chmod(root, 0o711);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Earlier keys of the secrets. */
let previousKeys = '';
const command = (name: string, home: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [`scripts/operation/${name}.ts`, ...args], {
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH,
      ARMATURE_HOME: home,
      ARMATURE_SECRETS_PREVIOUS_KEYS: previousKeys,
    },
  });

async function makeHome(name: string): Promise<string> {
  const home = join(root, name);
  await mkdir(home, { mode: 0o711 });
  await chmod(home, 0o711);
  return home;
}

it('data of npm start is backed up, running or not, and restored on a new machine with its keys, which are replaced', async () => {
  const home = await makeHome('old');
  const folder = join(root, 'backup');
  const keys = keepKeys(home);
  const postgres = await startPostgres({ dir: join(home, 'postgres'), port: 0 });
  const orgId = newId();
  try {
    const appRole = { name: 'armature_app', password: keys.databasePassword };
    await migrate({ databaseUrl: postgres.url, appRole, secretsUrl: postgres.secretsUrl });
    await withClient(postgres.url, 'test', (client) =>
      client.query('INSERT INTO "Organization" ("id", "slug", "name") VALUES ($1, $2, $2)', [orgId, 'kept']),
    );
    const secrets = createSecrets({ url: postgres.secretsUrl, key: keys.secretsKey });
    await secrets.put(orgId, { a: 'secret' });
    await secrets.close();
    expect((await command('backup', home, folder)).stdout).toContain(`Backed up`);
    await expect(command('restore', home, folder, '--overwrite')).rejects.toMatchObject({
      stderr: expect.stringContaining('is in use by process'),
    });
  } finally {
    await postgres.stop();
  }
  expect((await command('backup', home)).stdout).toContain(join(home, 'backups'));
  expect((await command('doctor', home)).stdout).toContain("npm start doesn't run");

  const fresh = await makeHome('new');
  await expect(command('restore', fresh, folder)).rejects.toMatchObject({
    stderr: expect.stringMatching(/no key is configured.*keys\.json/),
  });
  expect(existsSync(join(fresh, 'keys.json'))).toBe(false);
  expect(existsSync(join(fresh, 'postgres'))).toBe(false);

  await writeFile(join(fresh, 'keys.json'), await readFile(join(home, 'keys.json')), { mode: 0o600 });
  await mkdir(join(fresh, 'temporal'));
  await writeFile(join(fresh, 'credentials.json'), '{}');
  expect((await command('restore', fresh, folder)).stdout).toContain('Start it: npm start');
  expect(existsSync(join(fresh, 'temporal'))).toBe(false);
  expect(existsSync(join(fresh, 'credentials.json'))).toBe(false);
  expect(existsSync(join(fresh, 'credentials.json.before-restore'))).toBe(true);
  await expect(command('restore', fresh, folder)).rejects.toMatchObject({
    stderr: expect.stringContaining('add --overwrite'),
  });
  const newKeys = { ...keys, secretsKey: randomBytes(32).toString('base64') };
  await writeFile(join(fresh, 'keys.json'), JSON.stringify(newKeys), { mode: 0o600 });
  await expect(command('rotate-secrets', fresh)).rejects.toMatchObject({ code: 1 });
  previousKeys = keys.secretsKey;
  expect((await command('rotate-secrets', fresh)).stdout).toMatch(/Encrypted 1 secrets.*\n.*Every secret uses it now/);
  previousKeys = '';
  await command('doctor', fresh);
});

it('a folder without an installation is no installation', async () => {
  const empty = await makeHome('empty');
  for (const name of ['backup', 'doctor', 'rotate-secrets'])
    await expect(command(name, empty)).rejects.toMatchObject({ code: 1 });
});
