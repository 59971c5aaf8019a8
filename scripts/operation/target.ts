import { Client, DatabaseError } from 'pg';
import { withClient } from './copy.ts';
import type { Databases } from './installation.ts';

/** The database that a restore fills, and the one that it replaced, until it has ended. */
const toFilling = (name: string) => `${name}_restoring`;
const toReplaced = (name: string) => `${name}_before_restore`;

const toName = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));
const isSameServer = (a: string, b: string): boolean => new URL(a).host === new URL(b).host;

function withName(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(name)}`;
  return other.href;
}

/** Where a database can be created or renamed from. */
const toMaintenance = (url: string): string => withName(url, toName(url) === 'postgres' ? 'template1' : 'postgres');

/** @throws Error when a process other than this one is connected to one of the databases */
export async function requireUnused({ url, secretsUrl }: Pick<Databases, 'url' | 'secretsUrl'>): Promise<void> {
  const names = [toName(url), ...(isSameServer(url, secretsUrl) ? [toName(secretsUrl)] : [])];
  await refuseUsers(toMaintenance(url), names);
  if (!isSameServer(url, secretsUrl)) await refuseUsers(secretsUrl, [toName(secretsUrl)]);
}

async function refuseUsers(url: string, names: string[]): Promise<void> {
  const { rows } = await withClient(url, 'restore', (client) =>
    client.query<{ database: string; program: string; count: number }>(
      `SELECT datname AS "database", coalesce(nullif(application_name, ''), usename) AS "program", count(*)::int AS "count"
       FROM pg_stat_activity WHERE datname = ANY($1) AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       GROUP BY 1, 2 ORDER BY 1, 2`,
      [names],
    ),
  );
  if (rows.length > 0)
    throw new Error(
      `The databases are in use: ${rows.map(({ database, program, count }) => `${count} of ${program} in ${database}`).join(', ')}. Stop api, worker and everything else that is connected, and start the restore again.`,
    );
}

/** Whether one of the databases has rows that a restore would replace. */
export async function hasData({ url, secretsUrl }: Pick<Databases, 'url' | 'secretsUrl'>): Promise<boolean> {
  return (await hasRows(url, ['"Organization"', '"User"'])) || hasRows(secretsUrl, ['secret']);
}

async function hasRows(url: string, tables: string[]): Promise<boolean> {
  const client = new Client({ connectionString: url, application_name: 'armature restore' });
  try {
    await client.connect();
    for (const table of tables) {
      const { rows } = await client.query<{ found: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS "found"`, [table]);
      if (rows[0]?.found && (await client.query(`SELECT FROM ${table} LIMIT 1`)).rowCount === 1) return true;
    }
    return false;
  } catch (error) {
    // Database or role are missing, as on a new server: migrating creates them.
    if (error instanceof DatabaseError && ['3D000', '28P01', '28000'].includes(error.code ?? '')) return false;
    throw error;
  } finally {
    await client.end();
  }
}

/** Creates the empty database that a restore fills. Removes what an interrupted one has left. @returns its address */
export async function createFilling(url: string): Promise<string> {
  const name = toFilling(toName(url));
  await withClient(toMaintenance(url), 'restore', async (client) => {
    const { rows } = await client.query<{ owner: string }>(
      `SELECT pg_get_userbyid(datdba) AS "owner" FROM pg_database
       WHERE datname = $1 AND NOT pg_has_role(datdba, 'MEMBER')`,
      [toName(url)],
    );
    if (rows[0])
      throw new Error(
        `The database "${toName(url)}" belongs to the role "${rows[0].owner}", so it can't be replaced. Use that role in ARMATURE_MIGRATE_URL, or give it to yours: ALTER DATABASE ${client.escapeIdentifier(toName(url))} OWNER TO ${client.escapeIdentifier(client.user ?? '')}`,
      );
    for (const old of [name, toReplaced(toName(url))])
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(old)} WITH (FORCE)`);
    await client
      .query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8'`)
      .catch((error: unknown) => {
        if (!(error instanceof DatabaseError && error.code === '42501')) throw error;
        throw new Error(
          `The role of ARMATURE_MIGRATE_URL may not create databases. As a superuser: ALTER ROLE ${client.escapeIdentifier(client.user ?? '')} CREATEDB`,
        );
      });
  });
  return withName(url, name);
}

/** Puts the filled database in the place of the present one, in one transaction. */
export async function swap(url: string): Promise<void> {
  await withClient(toMaintenance(url), 'restore', async (client) => {
    const name = toName(url);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    const rename = (from: string, to: string) =>
      client.query(`ALTER DATABASE ${client.escapeIdentifier(from)} RENAME TO ${client.escapeIdentifier(to)}`);
    await client.query('BEGIN');
    if (rowCount === 1) await rename(name, toReplaced(name));
    await rename(toFilling(name), name);
    await client.query('COMMIT');
  });
}

/** Removes the database that `swap` has replaced. */
export async function dropReplaced(url: string): Promise<void> {
  await withClient(toMaintenance(url), 'restore', (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(toReplaced(toName(url)))} WITH (FORCE)`),
  );
}

/** Databases that an interrupted restore has left. */
export async function listLeftovers(url: string): Promise<string[]> {
  const names = [toFilling(toName(url)), toReplaced(toName(url))];
  const { rows } = await withClient(url, 'doctor', (client) =>
    client.query<{ name: string }>('SELECT datname AS "name" FROM pg_database WHERE datname = ANY($1)', [names]),
  );
  return rows.map(({ name }) => name);
}
