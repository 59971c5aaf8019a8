import { Client } from 'pg';
import { withEngine } from './engine.ts';
import { migrateSecrets } from './secrets/migrate.ts';

/** Held while migrations are applied. Any number that other programs in the same database are unlikely to use. */
export const migrationLock = 7_265_318_402;

/** Tables on which the app's role may do less than SELECT, INSERT, UPDATE and DELETE. */
const restricted: Record<string, string> = {
  Run: 'SELECT, INSERT, UPDATE',
  TraceEvent: 'SELECT, INSERT, UPDATE',
  ToolCall: 'SELECT, INSERT, UPDATE',
  CriterionResult: 'SELECT, INSERT, UPDATE',
  WorkflowVersion: 'SELECT, INSERT',
  CatalogSnapshot: 'SELECT, INSERT, UPDATE',
  SnapshotTool: 'SELECT, INSERT',
  OfferedTools: 'SELECT, INSERT',
  Incident: 'SELECT, INSERT, UPDATE',
  Delivery: 'SELECT, INSERT, UPDATE',
  AuditEvent: 'SELECT, INSERT',
  SecurityEvent: 'SELECT, INSERT, DELETE',
  Erasure: 'SELECT, INSERT, UPDATE',
  Installation: 'SELECT',
  PassTally: 'SELECT',
  LastRun: 'SELECT',
  RunUsage: 'SELECT',
  _prisma_migrations: 'SELECT',
};

export type MigrateOptions = {
  /** URL of the main database as the role that owns its tables, or will own them. */
  databaseUrl: string;
  /** The role that the processes connect as. Created when missing, for which the owner needs CREATEROLE. */
  appRole: { name: string; password: string };
  /**
   * URL of the secrets database as the role that owns it. Missing ones are created, if the server is the same and the
   * owner of the main database may create them.
   */
  secretsUrl: string;
};

/**
 * Migrates both databases to the newest migration and gives the app's role exactly its grants. Safe to repeat and to
 * run concurrently.
 * @returns names of the migrations that this call applied to the main database.
 * @throws when the app's role owns tables or is a superuser: the guards on runs and the audit log would not hold for
 *   it.
 */
export async function migrate({ databaseUrl, appRole, secretsUrl }: MigrateOptions): Promise<{ applied: string[] }> {
  const owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  try {
    await owner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const applied = await withEngine(databaseUrl, (engine) => engine.apply());
    await grant(owner, databaseUrl, appRole);
    await prepareSecretsDatabase(owner, databaseUrl, secretsUrl);
    await migrateSecrets(secretsUrl);
    return { applied };
  } finally {
    await owner.end();
  }
}

async function grant(owner: Client, databaseUrl: string, appRole: MigrateOptions['appRole']): Promise<void> {
  const role = owner.escapeIdentifier(appRole.name);
  const password = owner.escapeLiteral(appRole.password);
  const found = await owner.query<{ rolsuper: boolean }>('SELECT rolsuper FROM pg_roles WHERE rolname = $1', [
    appRole.name,
  ]);
  const existing = found.rows[0];
  if (!existing) await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD ${password}`);
  const owned = await owner.query(
    `SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = $1
     UNION ALL SELECT 1 WHERE pg_has_role($1, current_user, 'MEMBER') LIMIT 1`,
    [appRole.name],
  );
  if (existing?.rolsuper || owned.rowCount !== 0) {
    throw new Error(
      `The role "${appRole.name}" of DATABASE_URL is a superuser or owns the tables, so nothing would keep it from changing finished runs. Use another role there than in ARMATURE_MIGRATE_URL.`,
    );
  }

  const { rows } = await owner.query<{ name: string; database: string }>(
    // Partitions are accessed through their table.
    `SELECT relname AS name, current_database() AS database FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const database = rows[0]?.database;
  if (database === undefined) throw new Error('The migrations left no tables in the schema "public".');
  await owner.query('BEGIN');
  await owner.query(`GRANT CONNECT ON DATABASE ${owner.escapeIdentifier(database)} TO ${role}`);
  await owner.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  for (const { name } of rows) {
    const table = owner.escapeIdentifier(name);
    await owner.query(`REVOKE ALL ON ${table} FROM ${role}`);
    await owner.query(`GRANT ${restricted[name] ?? 'SELECT, INSERT, UPDATE, DELETE'} ON ${table} TO ${role}`);
  }
  await owner.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
  await owner.query('COMMIT');

  if (existing && (await signInProblem(urlAs(databaseUrl, appRole))) === 'credentials') {
    await owner.query(`ALTER ROLE ${role} LOGIN PASSWORD ${password}`);
  }
}

async function prepareSecretsDatabase(owner: Client, databaseUrl: string, secretsUrl: string): Promise<void> {
  const main = new URL(databaseUrl);
  const url = new URL(secretsUrl);
  if (url.host !== main.host || (await signInProblem(secretsUrl)) === null) return;
  const name = decodeURIComponent(url.username);
  const role = owner.escapeIdentifier(name);
  if (url.username !== main.username) {
    const password = owner.escapeLiteral(decodeURIComponent(url.password));
    const found = await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    await owner.query(`${found.rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN PASSWORD ${password}`);
  }
  if ((await signInProblem(secretsUrl)) === 'database') {
    const database = owner.escapeIdentifier(decodeURIComponent(url.pathname.slice(1)));
    await owner.query(`CREATE DATABASE ${database} OWNER ${role}`);
    await owner.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  }
}

function urlAs(databaseUrl: string, role: MigrateOptions['appRole']): string {
  const url = new URL(databaseUrl);
  url.username = encodeURIComponent(role.name);
  url.password = encodeURIComponent(role.password);
  return url.href;
}

/** What keeps that address from being used; null when nothing does. Any other failure is thrown. */
async function signInProblem(url: string): Promise<'credentials' | 'database' | null> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    // invalid_password, and invalid_authorization_specification: a role that is not there or may not log in.
    if (code === '28P01' || code === '28000') return 'credentials';
    if (code === '3D000') return 'database';
    throw error;
  } finally {
    await client.end();
  }
}

async function main(): Promise<void> {
  const missing = ['ARMATURE_MIGRATE_URL', 'DATABASE_URL', 'SECRETS_DATABASE_URL'].filter((name) => !process.env[name]);
  const { ARMATURE_MIGRATE_URL = '', DATABASE_URL = '', SECRETS_DATABASE_URL = '' } = process.env;
  if (missing.length > 0) {
    throw new Error(
      `Set ${missing.join(', ')}. ARMATURE_MIGRATE_URL is the database as the owner of its tables, DATABASE_URL the same database as the role of the processes (it is made when missing), SECRETS_DATABASE_URL the secrets database.`,
    );
  }
  const app = new URL(DATABASE_URL);
  const { applied } = await migrate({
    databaseUrl: ARMATURE_MIGRATE_URL,
    appRole: { name: decodeURIComponent(app.username), password: decodeURIComponent(app.password) },
    secretsUrl: SECRETS_DATABASE_URL,
  });
  process.stdout.write(applied.length > 0 ? `Applied ${applied.join(', ')}.\n` : 'Both databases are up to date.\n');
}

if (import.meta.main) {
  try {
    await main();
    // The schema engine leaves a timer behind that would keep the process for ten seconds.
    process.exit();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
