import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterEach, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { toSlug } from '../../domain/code/slug.ts';
import { readMigrations, withEngine } from '../../prisma/engine.ts';
import { type MigrateOptions, migrate } from '../../prisma/migrate.ts';
import { blankDatabases, dropBlankDatabases } from '../support/setup/blank-databases.ts';

afterEach(() => dropBlankDatabases());

async function rowsOf(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const appUrl = ({ databaseUrl: base, appRole }: MigrateOptions) => {
  const url = new URL(base);
  url.username = appRole.name;
  url.password = appRole.password;
  return url.href;
};

const names = async () => (await readMigrations()).migrationDirectories.map(({ path }) => path);

it('makes both databases and their roles, and does nothing the second time', async () => {
  const options = await blankDatabases();
  expect(await migrate(options)).toEqual({ applied: await names() });
  expect(await migrate(options)).toEqual({ applied: [] });
  expect(await rowsOf(appUrl(options), 'SELECT count(*)::int AS count FROM "Run"')).toEqual([{ count: 0 }]);
  expect(await rowsOf(options.secretsUrl, 'SELECT count(*)::int AS count FROM secret')).toEqual([{ count: 0 }]);
});

it('keeps the two roles out of one another’s database', async () => {
  const options = await blankDatabases();
  await migrate(options);
  const crossed = new URL(options.secretsUrl);
  crossed.username = options.appRole.name;
  crossed.password = options.appRole.password;
  await expect(rowsOf(crossed.href, 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
});

it('is done once when several processes start at the same time', async () => {
  const options = await blankDatabases();
  const results = await Promise.all([migrate(options), migrate(options), migrate(options)]);
  expect(results.flatMap(({ applied }) => applied).sort()).toEqual(await names());
  const recorded = await rowsOf(
    options.databaseUrl,
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
  );
  expect(recorded).toEqual((await names()).map((name) => ({ name })));
});

it('gives the roles the passwords that are set now', async () => {
  const options = await blankDatabases();
  await migrate(options);
  const secrets = new URL(options.secretsUrl);
  secrets.password = 'the second';
  const changed = { ...options, appRole: { ...options.appRole, password: 'the second' }, secretsUrl: secrets.href };
  await migrate(changed);
  expect(await rowsOf(appUrl(changed), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(await rowsOf(changed.secretsUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await expect(rowsOf(appUrl(options), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
});

it('takes back what the role of the processes must not have', async () => {
  const options = await blankDatabases();
  await migrate(options);
  await rowsOf(options.databaseUrl, `GRANT ALL ON "Run", "AuditEvent" TO ${options.appRole.name}`);
  await migrate(options);
  const privileges = await rowsOf(
    options.databaseUrl,
    `SELECT table_name AS "table", string_agg(privilege_type, ' ' ORDER BY privilege_type) AS may
     FROM information_schema.role_table_grants
     WHERE grantee = '${options.appRole.name}' AND table_name IN ('Run', 'AuditEvent') GROUP BY 1 ORDER BY 1`,
  );
  expect(privileges).toEqual([
    { table: 'AuditEvent', may: 'INSERT SELECT' },
    { table: 'Run', may: 'INSERT SELECT UPDATE' },
  ]);
});

it('refuses the owner of the tables as the role of the processes', async () => {
  const options = await blankDatabases();
  const { username, password } = new URL(options.databaseUrl);
  const appRole = { name: decodeURIComponent(username), password: decodeURIComponent(password) };
  await expect(migrate({ ...options, appRole })).rejects.toThrow('ARMATURE_MIGRATE_URL');
});

it('makes what schema.prisma says, nothing less and nothing else', async () => {
  const { databaseUrl: url } = await blankDatabases();
  const script = await withEngine(url, (engine) => engine.script());
  await rowsOf(url, script);
  const said = await shapeOf(url);
  expect(said.length).toBeGreaterThan(200);
  // Prisma can't say a partial index.
  const beyond = [
    'AuthProfile_default_key',
    'Member_owner_key',
    'Monitor_call_key',
    'Monitor_slug_key',
    'Workflow_slug_key',
    'Incident_open_key',
    'AlertRule_installation_key',
    'Delivery_pending_idx',
    'Run_canceled_idx',
    'IncidentTelling_notified_idx',
    'Budget_workspace_key',
    'ProductMcp_slug_key',
    'ProductMcpDocument_active_key',
  ];
  expect((await shapeOf(inject('postgres').url)).filter((line) => !beyond.some((name) => line.includes(name)))).toEqual(
    said,
  );
});

it('gives what exists the slug of its name', async () => {
  const options = await blankDatabases();
  await migrate(options);
  const [orgId, serverId] = [randomUUID(), randomUUID()];
  const workflows = [
    'Order a mug (fast)',
    'Order: a mug, fast',
    'Größe — Übersicht',
    '注文',
    '—',
    'x'.repeat(100),
    'x'.repeat(90),
  ];
  await rowsOf(
    options.databaseUrl,
    `ALTER TABLE "Workflow" DROP COLUMN "slug", DROP COLUMN "tags"; ALTER TABLE "Monitor" DROP COLUMN "slug";
     INSERT INTO "Organization" ("id", "slug", "name") VALUES ('${orgId}', 'acme', 'Acme');
     INSERT INTO "Server" ("id", "orgId", "name", "transport", "url") VALUES ('${serverId}', '${orgId}', 'Shop', 'sse', 'https://a');
     ${workflows
       .map(
         (
           name,
           at,
         ) => `INSERT INTO "Workflow" ("id", "orgId", "serverId", "name", "activeVersionId", "createdAt", "updatedAt")
         VALUES ('${randomUUID()}', '${orgId}', '${serverId}', '${name}', '${randomUUID()}', '2026-01-0${at + 1}', now());`,
       )
       .join('\n')}`,
  );
  const [added] = (await names()).filter((name) => name.endsWith('add_slugs_and_tags'));
  await rowsOf(options.databaseUrl, await readFile(`prisma/migrations/${added}/migration.sql`, 'utf8'));
  const taken = new Set<string>();
  const expected = workflows.map((name) => {
    const slug = toSlug(name, { isTaken: (candidate) => taken.has(candidate), fallback: 'workflow' });
    taken.add(slug);
    return { slug };
  });
  expect(await rowsOf(options.databaseUrl, 'SELECT "slug" FROM "Workflow" ORDER BY "createdAt"')).toEqual(expected);
});

it('names every trigger at its model in schema.prisma', async () => {
  const triggers = z.array(z.object({ table: z.string(), name: z.string() })).parse(
    await rowsOf(
      inject('postgres').url,
      `SELECT c.relname AS "table", t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       WHERE NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY 1, 2`,
    ),
  );
  expect(triggers.length).toBeGreaterThan(20);
  const schema = await readFile('prisma/schema.prisma', 'utf8');
  const docs = new Map(
    [...schema.matchAll(/((?:^\/\/\/.*\n)+)model (\w+) \{/gm)].map(([, doc = '', model = '']) => [model, doc]),
  );
  expect(triggers.filter(({ table, name }) => !docs.get(table)?.includes(name))).toEqual([]);
});

it('writes the SQL that a changed schema needs beyond the migrations', async () => {
  const schema = await readFile('prisma/schema.prisma', 'utf8');
  const changed = schema.replace('model StatusPage {', 'model StatusPage {\n  theme String?');
  const { databaseUrl: url } = await blankDatabases();
  expect(await withEngine(url, (engine) => engine.changes(changed))).toBe(
    '-- AlterTable\nALTER TABLE "StatusPage" ADD COLUMN     "theme" TEXT;\n',
  );
  const { databaseUrl: other } = await blankDatabases();
  expect(await withEngine(other, (engine) => engine.changes())).toBe('');
});

/** Every column, key and index, a line each. Check constraints are not Prisma's. */
async function shapeOf(url: string): Promise<string[]> {
  const rows = await rowsOf(
    url,
    `SELECT format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END, pg_get_expr(d.adbin, d.adrelid)) AS line
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f')`,
  );
  return (
    z
      .array(z.object({ line: z.string() }))
      .parse(rows)
      .map(({ line }) => line)
      .filter((line) => !line.includes('_prisma_migrations') && !/Check_\d{8}/.test(line))
      // How Postgres writes an index of a table that has partitions.
      .map((line) => line.replace(' ON ONLY ', ' ON '))
      .sort()
  );
}

it('runs as a command by the environment', async () => {
  const options = await blankDatabases();
  const run = (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, ['prisma/migrate.ts'], { env: { NODE_ENV: 'test', ...env } });
  const env = {
    ARMATURE_MIGRATE_URL: options.databaseUrl,
    DATABASE_URL: appUrl(options),
    SECRETS_DATABASE_URL: options.secretsUrl,
  };
  expect((await run(env)).stdout).toBe(`Applied ${(await names()).join(', ')}.\n`);
  expect((await run(env)).stdout).toBe('Both databases are up to date.\n');
  await expect(run({ DATABASE_URL: env.DATABASE_URL })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Set ARMATURE_MIGRATE_URL, SECRETS_DATABASE_URL.'),
  });
});
