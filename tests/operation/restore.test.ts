import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKeyring, createSecrets } from '../../infra/secrets/index.ts';
import { readMigrations, withEngine } from '../../prisma/engine.ts';
import { type MigrateOptions, migrate } from '../../prisma/migrate.ts';
import { migrateSecrets } from '../../prisma/secrets/migrate.ts';
import { createBackup } from '../../scripts/operation/backup.ts';
import { listTables, withClient } from '../../scripts/operation/copy.ts';
import { restoreBackup } from '../../scripts/operation/restore.ts';
import { waitForExit } from '../../scripts/process.ts';
import { newId } from '../../services/context/ids.ts';
import { toJson } from '../../services/context/use-case.ts';
import { until } from '../faults/process.ts';
import { makeMonitors } from '../support/monitors.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { blankDatabases, dropBlankDatabases } from '../support/setup/blank-databases.ts';
import { asSuperuser } from '../support/setup/database.ts';

let home: string;
let source: Scenario;
/** A run that ended, one that didn't, a message that was sent, and one that wasn't. */
let ended: string;
let open: string;
let sent: string;
let pending: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'armature-restore-'));
  source = await startScenario();
  const { deps, org, serverId } = source;
  ended = await source.dispatch(await source.workflow());
  await source.finished(ended);
  source.shop.control.set({ hold: ['get_order'] });
  open = await source.dispatch(await source.workflow());
  await until('its call is held', () =>
    source.shop.calls({ tool: 'get_order' }).some(({ outcome }) => outcome === 'pending'),
  );

  const { orgId } = org;
  const { id: authProfileId } = await deps.db.authProfile.findFirstOrThrow({ where: { orgId } });
  const [monitorId = ''] = await makeMonitors(deps, { orgId, serverId, authProfileId }, [{ tool: 'ping' }]);
  const scheduledAt = new Date();
  await deps.db.check.create({
    data: { orgId, monitorId, scheduledAt, key: '', startedAt: scheduledAt, outcome: 'fail', latencyMs: 7 },
  });
  [sent, pending] = [newId(), newId()];
  const [incidentId, ruleId] = [newId(), newId()];
  await deps.db.incident.create({
    data: {
      id: incidentId,
      orgId,
      subjectKind: 'monitor',
      subjectKey: monitorId,
      monitorId,
      serverId,
      level: 'bad',
      summary: 'fails',
      cause: { outcome: 'fail' },
      openedAt: scheduledAt,
      lastFailedAt: scheduledAt,
    },
  });
  const destination = { kind: 'email', address: 'ada@example.com' };
  await deps.db.alertRule.create({
    data: {
      id: ruleId,
      orgId,
      name: 'r',
      targetKind: 'all_monitors',
      destination,
      conditions: {},
      createdBy: 'system:test',
    },
  });
  const message = toJson({ title: 'fails' });
  const common = { orgId, ruleId, incidentId, destination, message };
  await deps.db.delivery.createMany({
    data: [
      { ...common, id: sent, kind: 'opened', ordinal: 1, state: 'delivered', endedAt: scheduledAt },
      { ...common, id: pending, kind: 'reminder', ordinal: 1, attempts: 1 },
    ],
  });
  await deps.db.incidentTelling.create({
    data: { orgId, ruleId, incidentId, state: {}, dueAt: new Date(Date.now() - 60_000) },
  });
  await deps.db.server.update({
    where: { id: serverId },
    data: {
      secretRef: await deps.secrets.put(orgId, { headers: { Authorization: 'Bearer of-the-shop' } }),
      headerNames: ['Authorization'],
    },
  });
  await backUp('backup');
});
afterAll(async () => {
  await source?.close();
  await rm(home, { recursive: true, force: true });
});
afterEach(() => dropBlankDatabases());

const key = () => source.deps.config.secretsKey;
const backUp = (name: string) =>
  createBackup({
    databases: { url: source.database.ownerUrl, secretsUrl: source.database.secretsUrl },
    keyring: createKeyring({ key: key() }),
    folder: join(home, name),
  });

const restore = (
  to: MigrateOptions,
  {
    name = 'backup',
    overwrite = false,
    keys = key(),
  }: { name?: string; overwrite?: boolean; keys?: string | null } = {},
) =>
  restoreBackup({
    folder: join(home, name),
    keyring: keys === null ? null : createKeyring({ key: keys }),
    overwrite,
    env: {},
    log: () => {},
    open: async () => ({
      url: to.databaseUrl,
      appRole: to.appRole,
      secretsUrl: to.secretsUrl,
      isStarted: false,
      async close() {},
    }),
  });

const rows = async (url: string, sql: string) =>
  (await withClient(url, 'test', (client) => client.query<Record<string, unknown>>(sql))).rows;

/** The rows of each table as text, in an order of their own. */
async function contentOf(url: string): Promise<Record<string, string[]>> {
  return withClient(url, 'test', async (client) => {
    const content: Record<string, string[]> = {};
    for (const { name, columns } of await listTables(client)) {
      const list = columns.map((column) => client.escapeIdentifier(column)).join(', ');
      const { rows: found } = await client.query<{ row: string }>(
        `SELECT (SELECT r FROM (SELECT ${list}) r)::text AS "row" FROM ${client.escapeIdentifier(name)} ORDER BY 1`,
      );
      content[name] = found.map(({ row }) => row);
    }
    return content;
  });
}

const appUrl = (to: MigrateOptions) => {
  const url = new URL(to.databaseUrl);
  url.username = to.appRole.name;
  url.password = to.appRole.password;
  return url.href;
};
const nameOf = (to: MigrateOptions) => new URL(to.databaseUrl).pathname.slice(1);
const databasesOf = async (to: MigrateOptions) =>
  (
    await rows(
      source.database.ownerUrl,
      `SELECT datname FROM pg_database WHERE datname LIKE '${nameOf(to)}%' ORDER BY 1`,
    )
  ).map(({ datname }) => datname);

/** An installation with one organization and one secret. */
async function inUse(): Promise<MigrateOptions & { orgId: string; ref: string; keys: string }> {
  const to = await blankDatabases();
  await migrate(to);
  const orgId = newId();
  await rows(
    to.databaseUrl,
    `INSERT INTO "Organization" ("id", "slug", "name") VALUES ('${orgId}', 'before', 'Before')`,
  );
  const keys = randomBytes(32).toString('base64');
  const secrets = createSecrets({ url: to.secretsUrl, key: keys });
  const ref = await secrets.put(orgId, { a: 'before' });
  await secrets.close();
  return { ...to, orgId, ref, keys };
}

describe('a restore on a new server', () => {
  it('brings back every row, except what was in progress, and all that guards it', async () => {
    const to = await blankDatabases();
    await restore(to);
    const [before, after] = [await contentOf(source.database.ownerUrl), await contentOf(to.databaseUrl)];
    const changed = [
      'Run',
      'LastRun',
      // With the run that the restore ended.
      'RunUsage',
      'TraceEvent',
      'ToolCall',
      'Delivery',
      'Incident',
      'IncidentTelling',
      // What processes have of the calls of a server: theirs ended with them.
      'CallShare',
      '_prisma_migrations',
    ];
    const same = Object.keys(before).filter((table) => !changed.includes(table));
    for (const table of same) expect(after[table], table).toEqual(before[table]);
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    for (const table of ['Run', 'TraceEvent', 'ToolCall']) {
      const ofEnded = (all: typeof before) => all[table]?.filter((row) => row.includes(ended));
      expect(ofEnded(after), table).toEqual(ofEnded(before));
    }
    expect(await databasesOf(to)).toEqual([nameOf(to), `${nameOf(to)}_secrets`]);
    expect(await migrate(to)).toEqual({ applied: [] });

    const secrets = createSecrets({ url: to.secretsUrl, key: key() });
    const [server] = await rows(to.databaseUrl, 'SELECT "orgId", "secretRef" FROM "Server"');
    expect(await secrets.get(String(server?.orgId), String(server?.secretRef))).toEqual({
      headers: { Authorization: 'Bearer of-the-shop' },
    });
    await secrets.close();

    await expect(rows(appUrl(to), `UPDATE "Run" SET "model" = 'x' WHERE "id" = '${ended}'`)).rejects.toThrow(
      'is refused',
    );
    await expect(rows(appUrl(to), `DELETE FROM "AuditEvent"`)).rejects.toThrow();
    await expect(rows(to.databaseUrl, `INSERT INTO "Member" VALUES ('${newId()}', 'nobody', 'owner')`)).rejects.toThrow(
      'foreign key',
    );
    const disabled = await rows(to.databaseUrl, `SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'`);
    expect(disabled).toEqual([]);
    const next = `SELECT nextval('"MonitorSchedule_number"')::int AS "value"`;
    const [here, there] = [await rows(to.databaseUrl, next), await rows(source.database.ownerUrl, next)];
    expect(here).toEqual(there);
  });

  it('ends the run and the alert that were in progress, and sends no reminder at once', async () => {
    const to = await blankDatabases();
    await restore(to);
    expect(
      await rows(to.databaseUrl, `SELECT "status", "errorKind", "errorMessage" FROM "Run" WHERE "id" = '${open}'`),
    ).toEqual([
      { status: 'error', errorKind: 'abandoned', errorMessage: expect.stringContaining('Armature was restored') },
    ]);
    expect(
      await rows(
        to.databaseUrl,
        `SELECT "outcome" FROM "ToolCall" WHERE "runId" = '${open}' AND "outcome" = 'started'`,
      ),
    ).toEqual([]);
    expect(await rows(to.databaseUrl, 'SELECT "id", "state" FROM "Delivery" ORDER BY "createdAt", "id"')).toEqual([
      { id: sent, state: 'delivered' },
      { id: pending, state: 'unknown' },
    ]);
    expect(await rows(to.databaseUrl, 'SELECT "dueAt" > now() AS "later" FROM "IncidentTelling"')).toEqual([
      { later: true },
    ]);
    expect(
      await rows(to.databaseUrl, `SELECT "subjectKind", "closeReason" FROM "Incident" ORDER BY "subjectKind"`),
    ).toEqual([
      { subjectKind: 'installation', closeReason: 'recovered' },
      { subjectKind: 'monitor', closeReason: null },
    ]);
  });

  it('works for an owner that is no superuser', async () => {
    const to = await blankDatabases();
    const owner = `${nameOf(to)}_owner`;
    await asSuperuser(async (query) => {
      await query(`CREATE ROLE ${owner} LOGIN CREATEDB CREATEROLE PASSWORD 'of the owner'`);
      await query(`ALTER DATABASE ${nameOf(to)} OWNER TO ${owner}`);
    });
    const url = new URL(to.databaseUrl);
    url.username = owner;
    url.password = 'of the owner';
    // A role can be given ownership by its member only: the secrets' owner is the same here.
    const secretsUrl = new URL(url);
    secretsUrl.pathname = `/${nameOf(to)}_secrets`;
    const as = { ...to, databaseUrl: url.href, secretsUrl: secretsUrl.href };
    try {
      await asSuperuser(async (query) => void (await query(`ALTER DATABASE ${nameOf(to)} OWNER TO armature`)));
      await expect(restore(as)).rejects.toThrow('belongs to the role "armature"');
      await asSuperuser(async (query) => void (await query(`ALTER DATABASE ${nameOf(to)} OWNER TO ${owner}`)));
      await restore(as);
      expect(await rows(url.href, 'SELECT count(*)::int AS "count" FROM "Organization"')).toEqual([{ count: 1 }]);
    } finally {
      await dropBlankDatabases(`DROP ROLE ${owner}`);
    }
  });

  it('migrates an older backup', async () => {
    const old = await blankDatabases();
    const secretsUrl = source.database.secretsUrl;
    const names = (await readMigrations()).migrationDirectories.map(({ path }) => path);
    await withEngine(old.databaseUrl, (engine) => engine.apply(new Set(names.slice(0, 2))));
    await rows(
      old.databaseUrl,
      `INSERT INTO "Organization" ("id", "slug", "name") VALUES ('${newId()}', 'old', 'Old')`,
    );
    await migrateSecrets(secretsUrl);
    const { migrations } = await createBackup({
      databases: { url: old.databaseUrl, secretsUrl },
      keyring: createKeyring({ key: key() }),
      folder: join(home, 'older'),
    });
    expect(migrations).toHaveLength(2);
    const to = await blankDatabases();
    await restore(to, { name: 'older' });
    expect(await rows(to.databaseUrl, 'SELECT "name" FROM "Organization"')).toEqual([{ name: 'Old' }]);
    expect(await migrate(to)).toEqual({ applied: [] });
  });
});

describe('a restore over an existing installation', () => {
  const stateOf = async (to: MigrateOptions) => ({
    organizations: await rows(to.databaseUrl, 'SELECT "name" FROM "Organization"'),
    secrets: (await rows(to.secretsUrl, 'SELECT ref FROM secret ORDER BY created_at')).map(({ ref }) => ref),
    databases: await databasesOf(to),
  });

  it('asks for --overwrite, and then leaves nothing of what was there', async () => {
    const to = await inUse();
    const before = await stateOf(to);
    await expect(restore(to)).rejects.toThrow('add --overwrite');
    expect(await stateOf(to)).toEqual(before);
    await restore(to, { overwrite: true });
    const after = await stateOf(to);
    expect(after.organizations).not.toContainEqual({ name: 'Before' });
    expect(after.secrets).not.toContain(to.ref);
    expect(after.databases).toEqual(before.databases);
  });

  it('changes nothing for a wrong key, a damaged backup, or while somebody is connected', async () => {
    const to = await inUse();
    const before = await stateOf(to);
    await expect(restore(to, { overwrite: true, keys: to.keys })).rejects.toThrow("can't be opened");
    await expect(restore(to, { overwrite: true, keys: null })).rejects.toThrow('no key is configured');
    await backUp('damaged');
    await truncate(join(home, 'damaged', 'armature.User.copy.gz'), 20);
    await expect(restore(to, { name: 'damaged', overwrite: true })).rejects.toThrow('is damaged');
    for (const url of [to.databaseUrl, to.secretsUrl])
      await withClient(url, 'of an api', async () => {
        await expect(restore(to, { overwrite: true })).rejects.toThrow(
          /in use: 1 of armature of an api.*Stop api, worker/,
        );
      });
    expect(await stateOf(to)).toEqual(before);
  });

  it.each<[string, (to: MigrateOptions) => Promise<boolean>]>([
    ['the new database is being filled', async (to) => (await databasesOf(to)).includes(`${nameOf(to)}_restoring`)],
    ['secrets have been added', async (to) => (await rows(to.secretsUrl, 'SELECT FROM secret')).length > 1],
    [
      'the databases have changed places',
      async (to) => (await databasesOf(to)).includes(`${nameOf(to)}_before_restore`),
    ],
  ])('killed when %s leaves the old or the new state, and can be repeated', async (_, isTime) => {
    const to = await inUse();
    const child = spawn(process.execPath, ['scripts/operation/restore.ts', join(home, 'backup'), '--overwrite'], {
      env: {
        NODE_ENV: 'test',
        PATH: process.env.PATH,
        DATABASE_URL: appUrl(to),
        ARMATURE_MIGRATE_URL: to.databaseUrl,
        SECRETS_DATABASE_URL: to.secretsUrl,
        ARMATURE_SECRETS_KEY: key(),
      },
      stdio: 'ignore',
    });
    const exit = waitForExit(child);
    await until('it is time', async () => child.exitCode !== null || (await isTime(to)), { everyMs: 10 });
    child.kill('SIGKILL');
    await exit;
    const { organizations, secrets } = await stateOf(to);
    const isOld = organizations.some(({ name }) => name === 'Before');
    expect(organizations).toHaveLength(1);
    const [server] = await rows(to.databaseUrl, 'SELECT "secretRef" FROM "Server"');
    expect(secrets).toContain(isOld ? to.ref : server?.secretRef);
    await until('its connections have ended', () => restore(to, { overwrite: true }).then(() => true));
    const after = await stateOf(to);
    expect(after.organizations).not.toContainEqual({ name: 'Before' });
    expect(after.secrets).toHaveLength(1);
    expect(after.databases).toEqual([nameOf(to), `${nameOf(to)}_secrets`]);
  });
});
