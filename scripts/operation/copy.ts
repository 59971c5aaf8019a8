import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

export type Table = { name: string; columns: string[] };

/** Values are written and read in one form, whatever the server's settings. */
const settings = [
  'TimeZone=UTC',
  'DateStyle=ISO',
  'IntervalStyle=postgres',
  'bytea_output=hex',
  'extra_float_digits=1',
  'statement_timeout=0',
  'idle_in_transaction_session_timeout=0',
];

export async function connect(url: string, name: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: `armature ${name}`,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
    keepAlive: true,
  });
  // The statement that runs, or the next one, reports a connection that breaks.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Runs `work` with a connection, and closes it. */
export async function withClient<T>(url: string, name: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url, name);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The tables of the schema "public" with the columns that are stored. Partitions belong to their table. */
export async function listTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT c.relname AS "name", array_agg(a.attname::text ORDER BY a.attnum) AS "columns"
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     GROUP BY c.relname ORDER BY c.relname`,
  );
  return rows;
}

/** Writes a table's rows to a new file. @returns their number and the SHA-256 of the file */
export async function writeTable(client: Client, { name, columns }: Table, file: string) {
  const hash = createHash('sha256');
  // A partitioned table can't be copied by its name.
  const rows = client.query(copyTo(`COPY (SELECT ${toList(client, columns)} FROM ${quote(client, name)}) TO STDOUT`));
  await pipeline(
    rows,
    createGzip(),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }),
  );
  return { rows: rows.rowCount, sha256: hash.digest('hex') };
}

/** Adds the rows of a file to a table. @returns their number */
export async function readTable(client: Client, { name, columns }: Table, file: string): Promise<number> {
  const rows = client.query(copyFrom(`COPY ${quote(client, name)} (${toList(client, columns)}) FROM STDIN`));
  await pipeline(createReadStream(file), createGunzip(), rows);
  return rows.rowCount;
}

const quote = (client: Client, name: string) => client.escapeIdentifier(name);
const toList = (client: Client, columns: readonly string[]) =>
  columns.map((column) => quote(client, column)).join(', ');

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The values of one line of a file, as text. */
export const parseLine = (line: string): (string | null)[] =>
  line
    .split('\t')
    .map((value) =>
      value === '\\N' ? null : value.replace(/\\(.)/g, (_, escaped: string) => escapes[escaped] ?? escaped),
    );
