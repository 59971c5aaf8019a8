import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../tests/setup/database.ts';

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
