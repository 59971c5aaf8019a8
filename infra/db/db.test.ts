import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../tests/support/setup/database.ts';
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
    expect(await db.$queryRaw`SELECT "createdAt" FROM "Organization" WHERE "id" = ${id}::uuid`).toEqual([
      { createdAt },
    ]);
  } finally {
    await Promise.all([db.close(), owner.end()]);
  }
});
