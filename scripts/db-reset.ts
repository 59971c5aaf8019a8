/** `npm run db:reset`: deletes the data of `npm start` and `npm run dev`. The next start creates the demo again. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from './embedded/postgres.ts';
import { endLeftoverTemporal } from './embedded/temporal-server.ts';

/**
 * Drops both databases, Temporal's file and the demo's credentials, and keeps keys, passwords and logs.
 * @throws while `npm start` or `npm run dev` uses `home`
 */
export async function resetDatabases(home: string): Promise<void> {
  await endLeftoverTemporal(join(home, 'temporal'));
  const postgres = await startPostgres({ dir: join(home, 'postgres'), port: 0 });
  try {
    const url = new URL(postgres.url);
    url.pathname = '/postgres';
    const client = new Client({ connectionString: url.href });
    await client.connect();
    try {
      for (const database of ['armature', 'armature_secrets'])
        await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
    } finally {
      await client.end();
    }
  } finally {
    await postgres.stop();
  }
  await rm(join(home, 'temporal'), { recursive: true, force: true });
  await rm(join(home, 'credentials.json'), { force: true });
}

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  if (env.DATABASE_URL || env.TEMPORAL_ADDRESS)
    throw new Error('DATABASE_URL or TEMPORAL_ADDRESS is set. This only resets the embedded servers. Unset both.');
  const home = resolve(env.ARMATURE_HOME ?? '.armature');
  if (!existsSync(join(home, 'postgres'))) {
    console.log(`There is no database in ${home}.`);
    return;
  }
  await resetDatabases(home);
  console.log(
    `The databases in ${home} are empty. The next npm start or npm run dev creates the demo workspace again.`,
  );
}

if (import.meta.main) {
  try {
    await main(process.env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
