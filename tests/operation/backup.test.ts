import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeyring } from '../../infra/secrets/index.ts';
import { createBackup } from '../../scripts/operation/backup.ts';
import { parseLine, withClient } from '../../scripts/operation/copy.ts';
import { readManifest, writeManifest } from '../../scripts/operation/manifest.ts';
import { verifyBackup } from '../../scripts/operation/verify.ts';
import { newId } from '../../services/context/ids.ts';
import { archiveWebhook } from '../../services/destination/webhook/archive.ts';
import { createWebhook } from '../../services/destination/webhook/create.ts';
import { makeMonitors, makeServer } from '../support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';

let test: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps);
});
afterAll(() => test.close());

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'armature-backup-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const keyring = () => createKeyring({ key: test.database.secretsKey });
const databases = () => ({ url: test.database.ownerUrl, secretsUrl: test.database.secretsUrl });
const backUp = (name = 'backup') =>
  createBackup({ databases: databases(), keyring: keyring(), folder: join(home, name) });
const verify = (name = 'backup', keys = keyring()) => verifyBackup(join(home, name), keys);
const read = async (file: string, name = 'backup') =>
  gunzipSync(await readFile(join(home, name, file)))
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map(parseLine);

describe('a backup', () => {
  it('contains every row of both databases, and no session', async () => {
    const { deps, database } = test;
    const { serverId, authProfileId } = await makeServer(deps, { orgId: org.orgId, url: 'http://127.0.0.1/mcp' });
    const awkward = 'tab\there, line\nbreak, back\\slash, \\N, ünïcödé';
    const [monitorId = ''] = await makeMonitors(deps, { orgId: org.orgId, serverId, authProfileId }, [
      { tool: 'ping', name: awkward },
    ]);
    const checks = [0, 1, 2].map((hours) => new Date(Date.now() - hours * 3_600_000));
    await deps.db.check.createMany({
      data: checks.map((scheduledAt) => ({
        orgId: org.orgId,
        monitorId,
        scheduledAt,
        key: '',
        startedAt: scheduledAt,
        outcome: 'pass',
        latencyMs: 1,
      })),
    });
    await deps.db.session.create({
      data: { id: newId(), userId: org.userId, token: newId(), expiresAt: new Date(), updatedAt: new Date() },
    });
    await database.secrets.put(org.orgId, { headers: { Authorization: 'Bearer of-the-shop' } });

    const manifest = await backUp();
    expect(await verify()).toEqual(manifest);
    expect(manifest).toMatchObject({ postgresMajor: 18, secrets: { keyIds: [keyring().currentId], unreadable: 0 } });
    const rows = Object.fromEntries(manifest.tables.map((table) => [table.name, table.rows]));
    expect(rows).toMatchObject({ Organization: 1, User: 4, Check: 3, secret: 1, Run: 0 });
    expect(rows).not.toHaveProperty('Session');
    expect(rows).not.toHaveProperty('_prisma_migrations');
    const nameAt = manifest.tables.find(({ name }) => name === 'Monitor')?.columns.indexOf('name') ?? -1;
    expect((await read('armature.Monitor.copy.gz')).map((line) => line[nameAt])).toEqual([awkward]);
    for (const file of await readdir(join(home, 'backup')))
      expect((await readFile(join(home, 'backup', file))).includes(test.database.secretsKey)).toBe(false);
  });

  it('is readable by its owner alone', async () => {
    await backUp();
    expect((await stat(join(home, 'backup'))).mode & 0o777).toBe(0o700);
    for (const file of await readdir(join(home, 'backup')))
      expect((await stat(join(home, 'backup', file))).mode & 0o777, file).toBe(0o600);
  });

  it('can be made by the role of the processes', async () => {
    const manifest = await createBackup({
      databases: { url: test.database.url, secretsUrl: test.database.secretsUrl },
      keyring: keyring(),
      folder: join(home, 'backup'),
    });
    expect(manifest.tables.find(({ name }) => name === 'User')?.rows).toBe(4);
  });

  it('has the secret of each row, while others are stored and removed', async () => {
    let isOver = false;
    const churn = async () => {
      while (!isOver) {
        const { webhook } = await createWebhook(org.ctx, { name: newId(), url: 'http://127.0.0.1:1/hook' });
        await archiveWebhook(org.ctx, { webhookId: webhook.id });
      }
    };
    const churning = [churn(), churn(), churn()];
    try {
      for (let round = 0; round < 8; round++) {
        const { tables } = await backUp(`round-${round}`);
        const columns = tables.find(({ name }) => name === 'Webhook')?.columns ?? [];
        const [refAt, archivedAt] = [columns.indexOf('secretRef'), columns.indexOf('archivedAt')];
        const stored = new Set((await read('armature_secrets.secret.copy.gz', `round-${round}`)).map(([, ref]) => ref));
        const live = (await read('armature.Webhook.copy.gz', `round-${round}`)).filter(
          (row) => row[archivedAt] === null,
        );
        expect(live.filter((row) => !stored.has(row[refAt] ?? ''))).toEqual([]);
      }
    } finally {
      isOver = true;
      await Promise.all(churning);
    }
  });

  it('leaves nothing behind when it fails', async () => {
    const broken = { ...databases(), secretsUrl: databases().url };
    await expect(
      createBackup({ databases: broken, keyring: keyring(), folder: join(home, 'backup') }),
    ).rejects.toThrow();
    expect(await readdir(home)).toEqual([]);
  });

  it('does not replace another', async () => {
    await backUp();
    await expect(backUp()).rejects.toThrow('exists already');
  });

  it('says when a writer of secrets does not end', async () => {
    await withClient(databases().secretsUrl, 'writer', async (writer) => {
      await writer.query('BEGIN; LOCK TABLE secret IN ROW EXCLUSIVE MODE');
      await expect(backUp()).rejects.toThrow('could not be locked within ten seconds');
    });
  });
});

describe('verify', () => {
  beforeEach(async () => {
    if (
      (await withClient(databases().secretsUrl, 'test', (client) => client.query('SELECT 1 FROM secret'))).rowCount ===
      0
    )
      await test.database.secrets.put(org.orgId, { a: 'secret' });
    await backUp();
  });

  it.each(['armature.User.copy.gz', 'armature_secrets.secret.copy.gz', 'manifest.json', 'SHA256SUMS'])(
    'refuses a backup whose %s was changed by one byte, cut short or lost',
    async (file) => {
      const path = join(home, 'backup', file);
      const whole = await readFile(path);
      for (const at of [0, Math.floor(whole.length / 2), whole.length - 2]) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 1;
        await writeFile(path, changed);
        await expect(verify(), `byte ${at}`).rejects.toThrow();
      }
      await writeFile(path, whole);
      await truncate(path, whole.length - 10);
      await expect(verify()).rejects.toThrow();
      await rm(path);
      await expect(verify()).rejects.toThrow(file);
      await writeFile(path, whole);
      await verify();
    },
  );

  it('names the key that is needed, and the one that is configured', async () => {
    const other = createKeyring({ key: randomBytes(32).toString('base64') });
    await expect(verify('backup', other)).rejects.toThrow(
      new RegExp(`encrypted with the key ${keyring().currentId}, and the configured one is ${other.currentId}`),
    );
    await expect(verifyBackup(join(home, 'backup'), null)).rejects.toThrow('no key is configured');
    const both = createKeyring({ key: randomBytes(32).toString('base64'), previousKeys: [test.database.secretsKey] });
    await verify('backup', both);
  });

  it('refuses one of a newer version, or of another form of a migration', async () => {
    const { manifest, sums } = await readManifest(join(home, 'backup'));
    const change = async (changes: Partial<typeof manifest>) => {
      for (const file of ['manifest.json', 'SHA256SUMS']) await rm(join(home, 'backup', file));
      sums.delete('manifest.json');
      await writeManifest(join(home, 'backup'), { ...manifest, ...changes }, sums);
    };
    const last = { name: '29991231000000_later', sha256: '' };
    await change({ version: '9.0.0', migrations: [...manifest.migrations, last] });
    await expect(verify()).rejects.toThrow('newer version of Armature (9.0.0');
    await change({ format: 2 });
    await expect(verify()).rejects.toThrow('newer version');
    await change({ migrations: manifest.migrations.map(({ name }) => ({ name, sha256: 'other' })) });
    await expect(verify()).rejects.toThrow('is another one than that of this version');
    const table = manifest.tables.find(({ name }) => name === 'User');
    await change({ tables: manifest.tables.map((each) => (each === table ? { ...each, rows: each.rows + 1 } : each)) });
    await expect(verify()).rejects.toThrow('rows instead of');
  });

  it('says that a folder is no backup', async () => {
    await expect(verifyBackup(home, keyring())).rejects.toThrow('is not a backup');
  });
});
