import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCheckPartitions } from '../../../infra/db/queries/check.ts';
import { makeMonitors, makeServer } from '../../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { sweepOrganizations } from './sweep.ts';

let made: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  made = await testDeps({
    env: { ARMATURE_CHECK_RETENTION_DAYS: '30', ARMATURE_ROLL_UP_RETENTION_MONTHS: '13' },
  });
  org = await testOrg(made.deps);
});
afterAll(() => made?.close());

const dayMs = 86_400_000;
const dayName = (time: Date) => `Check_${time.toISOString().slice(0, 10).replaceAll('-', '')}`;
const partitions = async () => {
  const rows = await made.deps.db.$queryRaw<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = '"Check"'::regclass ORDER BY 1`;
  return rows.map(({ name }) => name);
};

it('makes the days to come and drops those of checks that are too old', async () => {
  const { deps } = made;
  const today = new Date();
  const ago = (days: number) => new Date(today.getTime() - days * dayMs);
  await createCheckPartitions(deps.db, { from: ago(34), until: ago(28) });
  await sweepOrganizations(deps, { after: null });
  const names = await partitions();
  expect(names).not.toContain(dayName(ago(31)));
  expect(names).not.toContain(dayName(ago(34)));
  expect(names).toContain(dayName(ago(30)));
  for (let ahead = 0; ahead <= 7; ahead++) expect(names).toContain(dayName(ago(-ahead)));

  const inTenDays = { ...deps, now: () => ago(-10) };
  await sweepOrganizations(inTenDays, { after: null });
  expect(await partitions()).toContain(dayName(ago(-17)));
});

it('deletes roll-ups that are too old, and no others', async () => {
  const { deps } = made;
  const { orgId } = org;
  const server = await makeServer(deps, { orgId, url: 'http://127.0.0.1:1/mcp' });
  const [monitorId = ''] = await makeMonitors(deps, { orgId, ...server }, [{ tool: 'ok' }]);
  const at = new Date('2027-03-15T04:00:00.000Z');
  const [tooOld, kept] = [new Date('2026-02-14T00:00:00.000Z'), new Date('2026-02-16T00:00:00.000Z')];
  for (const time of [tooOld, kept]) {
    await deps.db.checkDay.create({ data: { orgId, monitorId, day: time, pass: 1 } });
    await deps.db.checkHour.create({ data: { orgId, monitorId, hour: time, pass: 1 } });
  }
  // More than one statement deletes.
  await deps.db.$executeRaw`
    INSERT INTO "CheckHour" ("orgId", "monitorId", "hour", "pass")
    SELECT ${orgId}::uuid, ${monitorId}::uuid, '2024-01-01T00:00:00Z'::timestamptz + number * interval '1 hour', 1
    FROM generate_series(1, 6000) AS number`;
  await sweepOrganizations({ ...deps, now: () => at }, { after: null });
  expect((await deps.db.checkDay.findMany({ where: { monitorId } })).map(({ day }) => day)).toEqual([kept]);
  expect((await deps.db.checkHour.findMany({ where: { monitorId } })).map(({ hour }) => hour)).toEqual([kept]);
});
