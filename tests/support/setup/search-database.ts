import { Client } from 'pg';
import { expect } from 'vitest';

/** Names of the tables with a row that contains the text, also as bytes. */
export async function searchDatabase(url: string, text: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND has_table_privilege(oid, 'SELECT') AND relnamespace = 'public'::regnamespace`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await client.query(
      `SELECT 1 FROM ${name} AS t WHERE t::text LIKE $1 OR t::text LIKE $2 LIMIT 1`,
      [text, Buffer.from(text).toString('hex')].map((each) => `%${each}%`),
    );
    if (rowCount) found.push(name);
  }
  expect(rows.length).toBeGreaterThan(0);
  await client.end();
  return found;
}
