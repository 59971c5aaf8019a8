import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';

const advisoryLock = 7_265_318_403;

/** Applies the `.sql` files beside this one, in order of their names and each once, to the secrets database. */
export async function migrateSecrets(url: string): Promise<void> {
  const folder = dirname(fileURLToPath(import.meta.url));
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ name: string }>('SELECT name FROM migration');
    const applied = new Set(rows.map((row) => row.name));
    for (const file of files.filter((name) => !applied.has(name))) {
      const sql = await readFile(join(folder, file), 'utf8');
      await client.query('BEGIN');
      await client.query(sql);
      await client.query('INSERT INTO migration (name) VALUES ($1)', [file]);
      await client.query('COMMIT');
    }
  } finally {
    // Ends the transaction and the lock with it.
    await client.end();
  }
}
