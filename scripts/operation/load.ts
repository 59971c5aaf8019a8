import { join } from 'node:path';
import type { Client } from 'pg';
import { listTables, readTable, type Table } from './copy.ts';
import { type Manifest, toFile } from './manifest.ts';

/**
 * Fills a database that has the schema of a backup with its rows, in one transaction. Needs the owner of the tables,
 * but no superuser: triggers are off and foreign keys absent meanwhile, and the keys are checked when they are added
 * again.
 */
export async function loadRows(client: Client, folder: string, manifest: Manifest): Promise<void> {
  const tables = (await listTables(client)).filter(({ name }) => name !== '_prisma_migrations');
  const names = tables.map(({ name }) => client.escapeIdentifier(name));
  await client.query('BEGIN');
  for (const day of manifest.checkDays) await client.query('SELECT armature_make_check_partitions($1, $1)', [day]);
  const keys = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS "name", pg_get_constraintdef(oid) AS "definition"
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0`,
  );
  for (const { table, name } of keys.rows) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  for (const name of names) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
  // Migrations may have written rows.
  await client.query(`TRUNCATE ${names.join(', ')}`);
  for (const table of manifest.tables.filter(({ database }) => database === 'armature')) {
    const rows = await readTable(client, table, join(folder, toFile(table)));
    if (rows !== table.rows) throw new Error(`${toFile(table)} has ${rows} rows instead of ${table.rows}.`);
  }
  for (const { name, value } of manifest.sequences)
    await client.query('SELECT setval(quote_ident($1)::regclass, $2::bigint)', [name, value]);
  for (const name of names) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
  for (const { table, name, definition } of keys.rows)
    await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  await client.query('COMMIT');
  await client.query('ANALYZE');
}

/**
 * Adds the secrets of a backup to those that are there, or with `only` removes all others. A secret never changes but
 * for the key that it is encrypted with, so the backup's row, which can be opened, is as good as the present one.
 */
export async function loadSecrets(
  client: Client,
  of: { folder: string; manifest: Manifest; only: boolean },
): Promise<void> {
  const [table, ...more] = of.manifest.tables.filter(({ database }) => database === 'armature_secrets');
  if (table?.name !== 'secret' || more.length > 0)
    throw new Error('The backup of the secrets has other tables than this version knows.');
  const incoming: Table = { name: 'incoming', columns: table.columns };
  const columns = table.columns.map((column) => client.escapeIdentifier(column));
  await client.query('BEGIN');
  await client.query('CREATE TEMPORARY TABLE incoming (LIKE secret INCLUDING DEFAULTS) ON COMMIT DROP');
  await readTable(client, incoming, join(of.folder, toFile(table)));
  await client.query(
    of.only
      ? `DELETE FROM secret s WHERE NOT EXISTS (SELECT FROM incoming i WHERE i.org_id = s.org_id AND i.ref = s.ref)`
      : `INSERT INTO secret (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM incoming
         ON CONFLICT (org_id, ref) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  );
  await client.query('COMMIT');
}
