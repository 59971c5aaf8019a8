import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { terminalStatuses } from '../../domain/run/run.ts';
import type { Db } from '../../infra/db/index.ts';
import { newId } from '../../services/context/ids.ts';
import { type FreshDatabase, freshDatabase } from '../support/setup/database.ts';

/**
 * A role with every privilege on the tables that can be granted, but not their owner: only the triggers stop it.
 */
const privileged = { name: 'armature_privileged', password: 'of-the-tests-alone' };

/** SQLSTATEs of refusals: by a trigger (restrict_violation) or by a missing privilege (insufficient_privilege). */
const byTrigger = '23001';
const byPrivilege = '42501';
const byForeignKey = '23503';

const evidence = ['TraceEvent', 'ToolCall', 'CriterionResult'] as const;

let database: FreshDatabase;
let owner: Client;
const clients: Client[] = [];

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  return client;
}
const asApp = () => connect(database.url);
const asPrivileged = () => {
  const url = new URL(database.url);
  url.username = privileged.name;
  url.password = privileged.password;
  return connect(url.href);
};

beforeAll(async () => {
  database = await freshDatabase();
  owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query<{ name: string }>('SELECT current_database() AS name');
  await owner.query(`CREATE ROLE ${privileged.name} LOGIN PASSWORD '${privileged.password}'`);
  await owner.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${rows[0]?.name} TO ${privileged.name}`);
  await owner.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${privileged.name}`);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});
afterAll(async () => {
  await owner.query(`DROP OWNED BY ${privileged.name}`);
  await owner.query(`DROP ROLE ${privileged.name}`);
  await owner.end();
  await database.drop();
});

/** The SQLSTATE that a statement is refused with; `done` when it isn't. */
async function outcome(client: Client, sql: string, values: unknown[] = []): Promise<string> {
  try {
    await client.query(sql, values);
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

type World = Awaited<ReturnType<typeof makeWorld>>;

/**
 * An organization with a server, a workflow of one version, a run that goes on and has evidence, and an audit event.
 */
async function makeWorld(db: Db) {
  const [orgId, serverId, workflowId, versionId, userId] = [newId(), newId(), newId(), newId(), newId()];
  const now = new Date('2026-11-21T08:00:00.000Z');
  await db.organization.create({ data: { id: orgId, slug: orgId, name: 'An organization' } });
  await db.user.create({ data: { id: userId, name: 'A member', email: `${userId}@example.com`, updatedAt: now } });
  await db.member.create({ data: { orgId, userId, role: 'owner' } });
  await db.server.create({
    data: { id: serverId, orgId, name: 'shop', transport: 'http', url: 'https://shop.example' },
  });
  await db.catalogSnapshot.create({ data: { orgId, serverId, hash: 'h', toolHashes: ['t'] } });
  await db.snapshotTool.create({ data: { orgId, hash: 't', tool: { name: 'search' } } });
  await db.offeredTools.create({ data: { orgId, hash: 'o', names: ['search'] } });
  const workflow = { id: workflowId, orgId, serverId, name: 'Buy', activeVersionId: versionId, updatedAt: now };
  await db.workflow.create({ data: workflow });
  await db.workflowVersion.create({
    data: { id: versionId, orgId, workflowId, number: 1, definition: { name: 'Buy' }, createdBy: userId },
  });
  await db.auditEvent.create({
    data: { id: newId(), orgId, actorKind: 'member', actorId: userId, action: 'workflow.create', subject: workflowId },
  });
  const runId = await makeRun(db, { orgId, serverId, workflowId, versionId });
  return { orgId, serverId, workflowId, versionId, userId, runId };
}

type RunOf = { orgId: string; serverId: string; workflowId: string; versionId: string };

async function makeRun(db: Db, { orgId, serverId, workflowId, versionId }: RunOf): Promise<string> {
  const runId = newId();
  const at = new Date('2026-11-21T08:00:00.000Z');
  await db.run.create({
    data: {
      id: runId,
      orgId,
      serverId,
      workflowId,
      versionId,
      model: 'builtin/scripted',
      trigger: 'manual',
      status: 'running',
      actorKind: 'system',
      actorId: 't',
    },
  });
  await db.traceEvent.create({ data: { orgId, runId, seq: 0, type: 'final_answer', at, data: { content: 'Done.' } } });
  await db.toolCall.create({
    data: { orgId, runId, index: 0, turn: 1, tool: 'search', arguments: {}, outcome: 'ok', startedAt: at },
  });
  await db.criterionResult.create({
    data: {
      ...{ orgId, runId, criterionId: newId(), position: 0, text: 'It answers.', isRequired: true },
      ...{ verdict: 'pass', rationale: 'It did.', evidence: ['event-0'], gradedBy: 'assertion' },
    },
  });
  return runId;
}

const finish = (db: Db, runId: string, status: string) =>
  db.run.update({
    where: { id: runId },
    data: { status, finishedAt: new Date(), ...(status === 'error' && { errorKind: 'model' }) },
  });

/** Adds one more row of evidence to a run. */
const insertOf = (table: (typeof evidence)[number]): string =>
  ({
    TraceEvent: `INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data") VALUES ($1, $2, 99, 'limit', now(), '{}')`,
    ToolCall: `INSERT INTO "ToolCall" ("orgId", "runId", "index", "turn", "tool", "arguments", "outcome", "startedAt")
      VALUES ($1, $2, 99, 1, 'late', '{}', 'ok', now())`,
    CriterionResult: `INSERT INTO "CriterionResult" ("orgId", "runId", "criterionId", "position", "text", "isRequired", "verdict",
      "rationale", "gradedBy") VALUES ($1, $2, gen_random_uuid(), 9, 'late', true, 'pass', '', 'judge')`,
  })[table];

/** All rows that must not change, as one string. */
async function picture(orgId: string): Promise<string> {
  const tables = [
    'Run',
    ...evidence,
    'AuditEvent',
    'WorkflowVersion',
    'CatalogSnapshot',
    'SnapshotTool',
    'OfferedTools',
    'Server',
    'Workflow',
  ];
  const parts = [];
  for (const table of tables) {
    const sql = `SELECT json_agg(t ORDER BY t::text) AS rows FROM "${table}" t WHERE "orgId" = $1`;
    parts.push([table, (await owner.query(sql, [orgId])).rows]);
  }
  return JSON.stringify(parts);
}

describe('a run that ended', () => {
  let world: World;
  let before: string;
  beforeAll(async () => {
    world = await makeWorld(database.db);
    await finish(database.db, world.runId, 'pass');
  });
  beforeEach(async () => {
    before = await picture(world.orgId);
  });
  afterEach(async () => {
    expect(await picture(world.orgId)).toBe(before);
  });

  it.each([
    ['UPDATE', `UPDATE "Run" SET "finalAnswer" = 'other' WHERE "id" = $1`, byTrigger],
    [
      'UPDATE that opens it again',
      `UPDATE "Run" SET "status" = 'running', "finishedAt" = NULL WHERE "id" = $1`,
      byTrigger,
    ],
    ['UPDATE that changes nothing', `UPDATE "Run" SET "status" = "status" WHERE "id" = $1`, byTrigger],
    ['DELETE', `DELETE FROM "Run" WHERE "id" = $1`, byPrivilege],
  ])('refuses %s', async (_, sql, privilege) => {
    expect(await outcome(await asApp(), sql, [world.runId])).toBe(privilege);
    expect(await outcome(await asPrivileged(), sql, [world.runId])).toBe(byTrigger);
  });

  it('refuses TRUNCATE', async () => {
    expect(await outcome(await asApp(), 'TRUNCATE "Run" CASCADE')).toBe(byPrivilege);
    expect(await outcome(await asPrivileged(), 'TRUNCATE "Run" CASCADE')).toBe(byTrigger);
  });

  describe.each(evidence)('its rows of %s', (table) => {
    it.each([
      ['UPDATE', `UPDATE "${table}" SET "runId" = "runId" WHERE "runId" = $1`, byTrigger],
      ['DELETE', `DELETE FROM "${table}" WHERE "runId" = $1`, byPrivilege],
    ])('refuse %s', async (_, sql, privilege) => {
      expect(await outcome(await asApp(), sql, [world.runId])).toBe(privilege);
      expect(await outcome(await asPrivileged(), sql, [world.runId])).toBe(byTrigger);
    });

    it('refuse TRUNCATE', async () => {
      expect(await outcome(await asApp(), `TRUNCATE "${table}"`)).toBe(byPrivilege);
      expect(await outcome(await asPrivileged(), `TRUNCATE "${table}"`)).toBe(byTrigger);
    });

    it('refuse a late INSERT', async () => {
      const values = [world.orgId, world.runId];
      expect(await outcome(await asApp(), insertOf(table), values)).toBe(byTrigger);
      expect(await outcome(await asPrivileged(), insertOf(table), values)).toBe(byTrigger);
    });

    it('refuse what would be moved to it from a run that goes on', async () => {
      const other = await makeRun(database.db, world);
      before = await picture(world.orgId);
      const sql = `UPDATE "${table}" SET "runId" = $1 WHERE "runId" = $2`;
      expect(await outcome(await asApp(), sql, [world.runId, other])).toBe(byTrigger);
      expect(await outcome(await asPrivileged(), sql, [other, world.runId])).toBe(byTrigger);
    });
  });

  it.each(terminalStatuses)('holds when it ended with %s', async (status) => {
    const run = await makeRun(database.db, world);
    await finish(database.db, run, status);
    before = await picture(world.orgId);
    const app = await asApp();
    expect(await outcome(app, `UPDATE "Run" SET "flagged" = true WHERE "id" = $1`, [run])).toBe(byTrigger);
    for (const table of evidence) expect(await outcome(app, insertOf(table), [world.orgId, run])).toBe(byTrigger);
  });

  it('is not reached through the keys that it refers to', async () => {
    const app = await asApp();
    const values = [newId(), world.orgId];
    expect(await outcome(app, `UPDATE "Server" SET "id" = $1 WHERE "orgId" = $2`, values)).toBe(byTrigger);
    expect(await outcome(app, `UPDATE "Server" SET "orgId" = $1 WHERE "orgId" = $2`, values)).toBe(byTrigger);
    expect(await outcome(app, `UPDATE "Workflow" SET "id" = $1 WHERE "orgId" = $2`, values)).toBe(byTrigger);
    expect(await outcome(app, `UPDATE "Organization" SET "id" = $1 WHERE "id" = $2`, values)).toBe(byTrigger);
    // ON DELETE RESTRICT has a code of its own from Postgres 18 on.
    const restricted = /^(23503|23001)$/;
    expect(await outcome(app, `DELETE FROM "Server" WHERE "orgId" = $1`, [world.orgId])).toMatch(restricted);
    expect(await outcome(app, `DELETE FROM "Organization" WHERE "id" = $1`, [world.orgId])).toMatch(restricted);
  });

  it('is not reached by its own new key while it goes on', async () => {
    const run = await makeRun(database.db, world);
    before = await picture(world.orgId);
    expect(await outcome(await asApp(), `UPDATE "Run" SET "id" = $1 WHERE "id" = $2`, [newId(), run])).toBe(byTrigger);
  });

  it('is not reached past the guards', async () => {
    const privilegedClient = await asPrivileged();
    // A temporary table of the same name would come first in the search path.
    await privilegedClient.query(`CREATE TEMPORARY TABLE "Run" ("id" uuid, "orgId" uuid, "status" text)`);
    await privilegedClient.query(`INSERT INTO pg_temp."Run" VALUES ($2, $1, 'running')`, [world.orgId, world.runId]);
    expect(await outcome(privilegedClient, insertOf('TraceEvent'), [world.orgId, world.runId])).toBe(byTrigger);

    const app = await asApp();
    expect(await outcome(app, 'ALTER TABLE "Run" DISABLE TRIGGER ALL')).toBe(byPrivilege);
    expect(await outcome(app, 'DROP TRIGGER "Run_guard" ON "Run"')).toBe(byPrivilege);
    expect(await outcome(app, `SET session_replication_role = replica`)).toBe(byPrivilege);
    expect(await outcome(app, 'CREATE TEMPORARY TABLE "Run" ("id" uuid)')).toBe(byPrivilege);
    expect(await outcome(app, 'CREATE TABLE public.mine ("id" uuid)')).toBe(byPrivilege);
  });

  it('leaves the owner free, for retention and erasure', async () => {
    await owner.query('BEGIN');
    await owner.query(`DELETE FROM "TraceEvent" WHERE "runId" = $1`, [world.runId]);
    expect((await owner.query(`SELECT 1 FROM "TraceEvent" WHERE "runId" = $1`, [world.runId])).rowCount).toBe(0);
    await owner.query('ROLLBACK');
  });
});

describe('evidence that races with the end of its run', () => {
  /** Waits until that connection waits for a lock. */
  async function waiting(client: Client): Promise<void> {
    const pid = pidOf.get(client);
    await expect
      .poll(async () => {
        const { rows } = await owner.query('SELECT wait_event_type AS type FROM pg_stat_activity WHERE pid = $1', [
          pid,
        ]);
        return rows[0]?.type;
      })
      .toBe('Lock');
  }
  const pidOf = new Map<Client, unknown>();
  async function app(): Promise<Client> {
    const client = await asApp();
    pidOf.set(client, (await client.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid);
    return client;
  }
  const end = `UPDATE "Run" SET "status" = 'pass', "finishedAt" = now() WHERE "id" = $1`;

  it.each(evidence)('a row of %s that comes while the end is being written waits and is refused', async (table) => {
    const { orgId, runId } = await makeWorld(database.db);
    const [ending, late] = [await app(), await app()];
    await ending.query('BEGIN');
    await ending.query(end, [runId]);
    const insert = outcome(late, insertOf(table), [orgId, runId]);
    await waiting(late);
    await ending.query('COMMIT');
    expect(await insert).toBe(byTrigger);
    expect((await owner.query(`SELECT 1 FROM "${table}" WHERE "runId" = $1`, [runId])).rowCount).toBe(1);
  });

  it.each(evidence)('an end that comes while a row of %s is being written waits for it', async (table) => {
    const { orgId, runId } = await makeWorld(database.db);
    const [ending, writing] = [await app(), await app()];
    await writing.query('BEGIN');
    await writing.query(insertOf(table), [orgId, runId]);
    const ended = outcome(ending, end, [runId]);
    await waiting(ending);
    await writing.query('COMMIT');
    expect(await ended).toBe('done');
    expect((await owner.query(`SELECT 1 FROM "${table}" WHERE "runId" = $1`, [runId])).rowCount).toBe(2);
  });
});

describe('what only grows', () => {
  it.each([
    ['AuditEvent', `UPDATE "AuditEvent" SET "intent" = 'other' WHERE "orgId" = $1`, byPrivilege],
    ['AuditEvent', `DELETE FROM "AuditEvent" WHERE "orgId" = $1`, byPrivilege],
    ['WorkflowVersion', `UPDATE "WorkflowVersion" SET "definition" = '{}' WHERE "orgId" = $1`, byPrivilege],
    ['WorkflowVersion', `DELETE FROM "WorkflowVersion" WHERE "orgId" = $1`, byPrivilege],
    ['CatalogSnapshot', `UPDATE "CatalogSnapshot" SET "toolHashes" = '{}' WHERE "orgId" = $1`, byTrigger],
    ['CatalogSnapshot', `DELETE FROM "CatalogSnapshot" WHERE "orgId" = $1`, byPrivilege],
    ['SnapshotTool', `UPDATE "SnapshotTool" SET "tool" = '[1]' WHERE "orgId" = $1`, byPrivilege],
    ['SnapshotTool', `DELETE FROM "SnapshotTool" WHERE "orgId" = $1`, byPrivilege],
    ['OfferedTools', `UPDATE "OfferedTools" SET "names" = '{}' WHERE "orgId" = $1`, byPrivilege],
    ['OfferedTools', `DELETE FROM "OfferedTools" WHERE "orgId" = $1`, byPrivilege],
  ])('%s refuses: %s', async (_, sql, privilege) => {
    const { orgId } = await makeWorld(database.db);
    const before = await picture(orgId);
    expect(await outcome(await asApp(), sql, [orgId])).toBe(privilege);
    expect(await outcome(await asPrivileged(), sql, [orgId])).toBe(byTrigger);
    expect(await picture(orgId)).toBe(before);
  });

  it.each(['AuditEvent', 'WorkflowVersion', 'CatalogSnapshot', 'SnapshotTool', 'OfferedTools'])(
    '%s refuses TRUNCATE',
    async (table) => {
      expect(await outcome(await asApp(), `TRUNCATE "${table}" CASCADE`)).toBe(byPrivilege);
      expect(await outcome(await asPrivileged(), `TRUNCATE "${table}" CASCADE`)).toBe(byTrigger);
    },
  );

  it('stores the same catalog twice without a complaint', async () => {
    const { orgId, serverId } = await makeWorld(database.db);
    const where = { orgId_serverId_hash: { orgId, serverId, hash: 'h' } };
    const data = { orgId, serverId, hash: 'h', toolHashes: ['t'] };
    await database.db.catalogSnapshot.upsert({ where, create: data, update: data });
    expect(await database.db.catalogSnapshot.count({ where: { orgId } })).toBe(1);
  });
});

describe('a row that points into another organization', () => {
  const rows: [table: string, sql: string][] = [
    [
      'AuthProfile',
      `INSERT INTO "AuthProfile" ("id", "orgId", "serverId", "name", "kind") VALUES ($1, $2, $3, 'p', 'none')`,
    ],
    [
      'CatalogTool',
      `INSERT INTO "CatalogTool" ("orgId", "serverId", "name", "inputSchema", "firstSeenAt", "lastSeenAt")
       VALUES ($2, $3, $1::text, '{}', now(), now())`,
    ],
    [
      'ToolChange',
      `INSERT INTO "ToolChange" ("id", "orgId", "serverId", "tool", "kind", "breaking", "diff", "source", "seenAt")
       VALUES ($1, $2, $3, 't', 'added', false, '[]', 'sync', now())`,
    ],
    [
      'ServerProbe',
      `INSERT INTO "ServerProbe" ("id", "orgId", "serverId", "at", "kind", "ok", "latencyMs")
       VALUES ($1, $2, $3, now(), 'probe', true, 1)`,
    ],
    [
      'Workflow',
      `INSERT INTO "Workflow" ("id", "orgId", "serverId", "name", "activeVersionId", "updatedAt")
       VALUES ($1, $2, $3, 'w', $1, now())`,
    ],
    [
      'WorkflowVersion',
      `INSERT INTO "WorkflowVersion" ("id", "orgId", "workflowId", "number", "definition", "createdBy")
       VALUES ($1, $2, $4, 2, '{}', 'u')`,
    ],
    [
      'SkippedRun',
      `INSERT INTO "SkippedRun" ("orgId", "workflowId", "model", "scheduledAt", "reason") VALUES ($2, $4, $1::text, now(), 'r')`,
    ],
    ...evidence.map((table): [string, string] => [
      table,
      insertOf(table).replace('$1, $2', '$2, $6').replace('gen_random_uuid()', '$1'),
    ]),
  ];

  it.each(rows)('is refused in %s', async (_, sql) => {
    const [mine, theirs] = [await makeWorld(database.db), await makeWorld(database.db)];
    const statement = (orgId: string): [string, unknown[]] => {
      const all = [newId(), orgId, theirs.serverId, theirs.workflowId, theirs.versionId, theirs.runId];
      const numbers = [...new Set([...sql.matchAll(/\$(\d)/g)].map((match) => Number(match[1])))].sort();
      // Postgres wants every parameter that is passed to be used.
      const text = numbers.reduce((acc, number, index) => acc.replaceAll(`$${number}`, `$${index + 1}`), sql);
      return [text, numbers.map((number) => all[number - 1])];
    };
    const app = await asApp();
    expect(await outcome(app, ...statement(mine.orgId))).toBe(byForeignKey);
    expect(await outcome(app, ...statement(theirs.orgId))).toBe('done');
  });

  it.each(['workflowId', 'versionId', 'serverId'] as const)('is refused in Run by its %s', async (field) => {
    const [mine, theirs] = [await makeWorld(database.db), await makeWorld(database.db)];
    const { orgId, serverId, workflowId, versionId } = mine;
    const run = { orgId, serverId, workflowId, versionId };
    await expect(makeRun(database.db, { ...run, [field]: theirs[field] })).rejects.toMatchObject({ code: 'P2003' });
    await expect(makeRun(database.db, run)).resolves.toBeTypeOf('string');
  });

  it('is refused by every foreign key between tables of an organization', async () => {
    const { rows: keys } = await owner.query<{ name: string; columns: string[] }>(`
      SELECT c.conname AS name,
        (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) AS columns
      FROM pg_constraint c
      WHERE c.contype = 'f' AND (
        SELECT count(*) FROM pg_attribute a WHERE a.attname = 'orgId' AND a.attrelid IN (c.conrelid, c.confrelid)
      ) = 2`);
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter(({ columns }) => !columns.includes('orgId'))).toEqual([]);
  });
});

describe('incidents and deliveries', () => {
  it.each(['Incident', 'Delivery'])('%s refuses DELETE by the processes', async (table) => {
    expect(await outcome(await asApp(), `DELETE FROM "${table}"`)).toBe(byPrivilege);
  });
});
