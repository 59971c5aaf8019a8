import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readMigrations, withEngine } from '../../prisma/engine.ts';
import { migrate } from '../../prisma/migrate.ts';
import { withClient } from '../../scripts/operation/copy.ts';
import { examine } from '../../scripts/operation/doctor.ts';
import type { Finding } from '../../scripts/operation/examine/finding.ts';
import { describeSkew } from '../../scripts/operation/examine/temporal.ts';
import { findFreePort } from '../../scripts/port.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { blankDatabases, dropBlankDatabases } from '../support/setup/blank-databases.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario?.close());
afterEach(() => dropBlankDatabases());

async function findings(changes: Record<string, string> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  await examine({ NODE_ENV: 'test', ...scenario.env, ...changes }, (more) => found.push(...more));
  return found;
}
const problems = async (changes?: Record<string, string>) =>
  (await findings(changes)).filter(({ level }) => level === 'problem');

async function listOwnSchedules(): Promise<string[]> {
  const { temporal, config } = scenario.deps;
  const own: string[] = [];
  for await (const { scheduleId } of temporal.client.schedule.list())
    if (scheduleId.startsWith(`${config.installation}doctor/`)) own.push(scheduleId);
  return own;
}

describe('doctor', () => {
  it('finds nothing wrong where everything works', async () => {
    const found = await findings();
    expect(found.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(found.map(({ text }) => text).join('\n')).toMatch(
      /Postgres 18.*clock.*Temporal 1\..*answers.*Workers host every queue/s,
    );
    // A deleted Schedule stays listed for a moment.
    await expect.poll(listOwnSchedules).toEqual([]);
  });

  it('says each problem of the configuration', async () => {
    expect(await problems({ ARMATURE_SECRETS_KEY: 'short', PORT: 'http' })).toEqual([
      expect.objectContaining({ text: expect.stringContaining('ARMATURE_SECRETS_KEY: must be 32 bytes') }),
      expect.objectContaining({ text: expect.stringContaining('PORT: ') }),
    ]);
    expect(await problems({ SECRETS_DATABASE_URL: '' })).toEqual([
      expect.objectContaining({ text: expect.stringContaining('SECRETS_DATABASE_URL is not') }),
    ]);
  });

  it('tells a server that is down from one that is no Temporal', async () => {
    const port = await findFreePort();
    expect(await problems({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` })).toEqual([
      expect.objectContaining({ text: `Temporal can't be reached at 127.0.0.1:${port}: nothing listens there` }),
    ]);
    expect(await problems({ TEMPORAL_ADDRESS: 'temporal.invalid:7233' })).toEqual([
      expect.objectContaining({
        text: expect.stringMatching(/the name of the host (is unknown|could not be looked up)/),
      }),
    ]);
    const other = createServer((socket) => {
      // Doctor closes the connection.
      socket.on('error', () => {}).end('220 smtp.example.com\r\n');
    }).listen(port, '127.0.0.1');
    try {
      expect(await problems({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` })).toEqual([
        {
          level: 'problem',
          text: `Temporal can't be reached at 127.0.0.1:${port}: something else than Temporal answers`,
          todo: expect.stringContaining('Correct TEMPORAL_ADDRESS'),
        },
      ]);
    } finally {
      other.close();
    }
    expect(await problems({ TEMPORAL_TLS: 'true' })).toEqual([
      expect.objectContaining({ text: expect.stringContaining('no TLS is spoken there, but TLS is configured') }),
    ]);
    expect(await problems({ TEMPORAL_NAMESPACE: 'nowhere' })).toEqual([
      expect.objectContaining({ text: expect.stringContaining('namespace "nowhere"') }),
    ]);
  });

  it('misses the worker of another installation', async () => {
    expect(await problems({ ARMATURE_INSTALLATION: `of-nobody-${randomBytes(4).toString('hex')}` })).toEqual([
      expect.objectContaining({ text: expect.stringContaining('No worker is running') }),
    ]);
  });

  it('says why a database can not be used', async () => {
    const wrong = new URL(scenario.database.url);
    wrong.password = 'wrong';
    const missing = new URL(scenario.database.secretsUrl);
    missing.pathname = '/missing';
    const texts = (await problems({ DATABASE_URL: wrong.href, SECRETS_DATABASE_URL: missing.href })).map(
      ({ text }) => text,
    );
    expect(texts[0]).toMatch(/can't be used: the password is wrong/);
    expect(texts[1]).toBe(`The database "missing" can't be used: the database is missing`);
  });

  it('compares the schema with the version, in both directions', async () => {
    const to = await blankDatabases();
    const names = (await readMigrations()).migrationDirectories.map(({ path }) => path);
    await withEngine(to.databaseUrl, (engine) => engine.apply(new Set(names.slice(0, 2))));
    expect(await problems({ DATABASE_URL: to.databaseUrl, ARMATURE_MIGRATE_URL: to.databaseUrl })).toContainEqual(
      expect.objectContaining({
        text: expect.stringContaining(`older than this version: ${names.slice(2).join(', ')}`),
      }),
    );
    await migrate(to);
    await withClient(to.databaseUrl, 'test', (client) =>
      client.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at) VALUES ('x', 'x', '2999_later', now(), now())`,
      ),
    );
    const url = new URL(to.databaseUrl);
    url.username = to.appRole.name;
    url.password = to.appRole.password;
    expect(await findings({ DATABASE_URL: url.href })).toContainEqual(
      expect.objectContaining({ level: 'warning', text: 'The schema is newer than this version: 2999_later' }),
    );
    expect(await problems({ DATABASE_URL: to.databaseUrl })).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('owns tables or is a superuser') }),
    );
  });

  it('names the servers whose secrets can not be opened, and ends with 1', async () => {
    const { deps, org, serverId, env } = scenario;
    const secretRef = await deps.secrets.put(org.orgId, { headers: {} });
    await deps.db.server.update({ where: { id: serverId }, data: { secretRef } });
    const wrong = { ...env, ARMATURE_SECRETS_KEY: randomBytes(32).toString('base64') };
    const command = promisify(execFile)(process.execPath, ['scripts/operation/doctor.ts'], {
      env: { NODE_ENV: 'test', PATH: process.env.PATH, ...wrong },
    });
    await expect(command).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        new RegExp(
          `PROBLEM +The MCP server "Shop" \\(${serverId}\\) can't be used.*→ Enter its credentials again`,
          's',
        ),
      ),
      stderr: expect.stringContaining('Problems: 2'),
    });
    expect(await problems()).toEqual([]);
  });

  it('names the servers whose secrets are gone', async () => {
    const { deps, serverId, org } = scenario;
    const secretRef = await deps.secrets.put(org.orgId, { headers: {} });
    await deps.db.server.update({ where: { id: serverId }, data: { secretRef } });
    await deps.secrets.destroy(org.orgId, secretRef);
    const [first, second] = await problems();
    expect(first?.text).toMatch(/^1 secrets are missing/);
    expect(second?.text).toContain(`The MCP server "Shop" (${serverId}) can't be used`);
    await deps.db.server.update({ where: { id: serverId }, data: { secretRef: null } });
    expect(await problems()).toEqual([]);
  });

  it('warns of settings that somebody may not have meant', async () => {
    const found = await findings({
      ARMATURE_URL: 'http://armature.example.com',
      ARMATURE_ALLOWED_TARGETS: '0.0.0.0/0',
      ARMATURE_OPEN_SIGNUP: 'true',
    });
    const warnings = found.filter(({ level }) => level === 'warning').map(({ text }) => text);
    expect(warnings).toHaveLength(4);
    for (const name of ['ARMATURE_URL', 'ARMATURE_ALLOWED_TARGETS', 'ARMATURE_OPEN_SIGNUP', 'Neither e-mail nor Slack'])
      expect(warnings.join('\n')).toContain(name);
  });
});

it.each([
  [0, 'ok'],
  [-1_900, 'ok'],
  [3_000, 'warning'],
  [-59_000, 'warning'],
  [61_000, 'problem'],
  [-3_600_000, 'problem'],
])('a clock that is off by %i ms is %s', (offset, level) => {
  const found = describeSkew('Postgres', 1_000_000 + offset, 1_000_000, 1_000_000);
  expect(found.level).toBe(level);
});
