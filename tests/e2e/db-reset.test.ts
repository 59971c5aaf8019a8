import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startPostgres } from '../../scripts/embedded/postgres.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'armature-reset-'));
  await chmod(home, 0o711);
});
afterEach(() => rm(home, { recursive: true, force: true }));

const reset = (env: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, ['scripts/db-reset.ts'], {
    env: { NODE_ENV: 'test', PATH: process.env.PATH, ARMATURE_HOME: home, ...env },
  });

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

it('empties the databases and keeps the keys, but not under a running start', async () => {
  const postgres = await startPostgres({ dir: join(home, 'postgres'), port: 0 });
  await query(postgres.url, 'CREATE TABLE left_over (id int)');
  await query(postgres.secretsUrl, 'CREATE TABLE left_over (id int)');
  await mkdir(join(home, 'temporal'));
  for (const file of ['keys.json', 'credentials.json', 'temporal/temporal.db']) await writeFile(join(home, file), file);

  await expect(reset()).rejects.toMatchObject({ stderr: expect.stringContaining('is in use by process') });
  expect(await query(postgres.url, 'SELECT * FROM left_over')).toEqual([]);
  await postgres.stop();

  const password = await readFile(join(home, 'postgres/password'), 'utf8');
  await reset();
  expect(['keys.json', 'credentials.json', 'temporal'].filter((file) => existsSync(join(home, file)))).toEqual([
    'keys.json',
  ]);
  expect(await readFile(join(home, 'postgres/password'), 'utf8')).toBe(password);
  const again = await startPostgres({ dir: join(home, 'postgres'), port: 0 });
  try {
    for (const url of [again.url, again.secretsUrl])
      expect(await query(url, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  } finally {
    await again.stop();
  }
});

it.each(['DATABASE_URL', 'TEMPORAL_ADDRESS'])('refuses while %s points to another server', async (name) => {
  await expect(reset({ [name]: 'elsewhere' })).rejects.toMatchObject({
    stderr: expect.stringContaining('This only resets the embedded servers'),
  });
});

it('has nothing to do where nothing was started', async () => {
  expect((await reset()).stdout).toBe(`There is no database in ${home}.\n`);
});
