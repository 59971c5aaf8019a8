import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../../prisma/generated/client.ts';
import { type FreshDatabase, freshDatabase } from '../../tests/support/setup/database.ts';
import { heapUsed } from '../../tests/support/setup/heap.ts';
import { createDb } from './index.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

it('reads and writes as a role that owns nothing', async () => {
  const { db } = database;
  await db.organization.create({ data: { id: '01990000-0000-7000-8000-000000000001', slug: 'acme', name: 'Acme' } });
  expect(await db.organization.findMany({ select: { slug: true } })).toEqual([{ slug: 'acme' }]);
  const [who] = await db.$queryRaw<{ user: string }[]>`SELECT current_user AS "user"`;
  expect(who).toEqual({ user: 'armature_app' });
});

it('rolls a transaction back as a whole', async () => {
  const { db } = database;
  const data = { id: '01990000-0000-7000-8000-000000000002', slug: 'gone', name: 'Gone' };
  await expect(
    db.$transaction(async (tx) => {
      await tx.organization.create({ data });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await db.organization.count({ where: { slug: 'gone' } })).toBe(0);
});

it('reads and writes times right where Postgres itself lives in another zone', async () => {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(`ALTER DATABASE "${new URL(database.url).pathname.slice(1)}" SET TimeZone = 'Asia/Kolkata'`);
  const db = createDb({ url: database.url });
  try {
    const id = '01990000-0000-7000-8000-000000000003';
    const createdAt = new Date('2026-03-29T00:30:00.050Z');
    await db.organization.create({ data: { id, slug: 'far', name: 'Far', createdAt } });
    const { rows } = await owner.query<{ createdAt: Date }>('SELECT "createdAt" FROM "Organization" WHERE "id" = $1', [
      id,
    ]);
    expect(rows).toEqual([{ createdAt }]);
    expect(await db.organization.findUnique({ where: { id }, select: { createdAt: true } })).toEqual({ createdAt });
    expect(await db.read(Prisma.sql`SELECT "createdAt" FROM "Organization" WHERE "id" = ${id}::uuid`)).toEqual([
      { createdAt: createdAt.toISOString() },
    ]);
  } finally {
    await Promise.all([db.close(), owner.end()]);
  }
});

describe('reads', () => {
  it('give numbers as numbers, and are planned once for all values', async () => {
    const found = await database.db.read(Prisma.sql`
      SELECT 0.000123::numeric(12, 6) AS "numeric", 1.5::float8 AS "float", 7::int4 AS "int", NULL::numeric AS "none",
        current_setting('plan_cache_mode') AS "planned"`);
    expect(found).toEqual([{ numeric: 0.000123, float: 1.5, int: 7, none: null, planned: 'force_generic_plan' }]);
  });

  it('leave nothing behind that only a full collection takes away', async () => {
    const rows = Prisma.sql`SELECT repeat(n::text, 20) AS "text" FROM generate_series(${100_000}::int4, 100050) AS n`;
    await readMany(rows, 200);
    const before = heapUsed();
    await readMany(rows, 2000);
    const young = heapUsed('minor');
    // Two thousand times 51 texts of 120 characters are 12 MB and more.
    expect(young - before).toBeLessThan(6_000_000);
  });

  async function readMany(statement: Prisma.Sql, times: number): Promise<void> {
    for (let read = 0; read < times; read += 8)
      await Promise.all(Array.from({ length: 8 }, () => database.db.read(statement)));
  }

  const twice = (n: number) => Prisma.sql`SELECT ${n}::int4 * 2 AS "twice", pg_backend_pid() AS "pid"`;

  it('at once get each its own answer, over a few connections, and one that fails disturbs no other', async () => {
    const db = createDb({ url: database.url, max: 4 });
    try {
      const wrong = db.read(Prisma.sql`SELECT 1 / ${0}::int4`);
      const [failed, ...rows] = await Promise.all([
        wrong.then(() => 'no', String),
        ...Array.from({ length: 40 }, (_, n) => db.read<{ twice: number; pid: number }>(twice(n))),
      ]);
      expect(failed).toContain('division by zero');
      expect(rows.map(([row]) => row?.twice)).toEqual(Array.from({ length: 40 }, (_, n) => n * 2));
      expect(new Set(rows.map(([row]) => row?.pid)).size).toBe(2);
    } finally {
      await db.close();
    }
  });

  it('go on over another connection when theirs was ended', async () => {
    const owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
    const db = createDb({ url: database.url, max: 2 });
    try {
      const [before] = await db.read<{ pid: number }>(twice(1));
      const slow = db.read(Prisma.sql`SELECT pg_sleep(${60}::int4)`);
      // With Postgres's own words, or those of a socket that is gone: whichever comes first.
      const ended = expect(slow).rejects.toThrow();
      await owner.query('SELECT pg_terminate_backend($1)', [before?.pid]);
      await ended;
      const [after] = await db.read<{ twice: number; pid: number }>(twice(2));
      expect(after?.twice).toBe(4);
      expect(after?.pid).not.toBe(before?.pid);
    } finally {
      await Promise.all([db.close(), owner.end()]);
    }
  });
});
