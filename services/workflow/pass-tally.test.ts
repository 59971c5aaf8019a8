import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SeededRuns, seedRuns } from '../../bench/mcp/seed-runs.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { findWorkflowRows } from './reading/rows.ts';

let made: TestDeps;
let org: TestOrg;
let owner: Client;
let seeded: SeededRuns;
const until = new Date('2026-11-20T10:30:00.000Z');
const dayMs = 24 * 3_600_000;

beforeAll(async () => {
  made = await testDeps();
  org = await testOrg(made.deps);
  // A run a minute of some workflow: about twenty days.
  seeded = await seedRuns(made.database.ownerUrl, org.orgId, 30_000, { until });
  owner = new Client({ connectionString: made.database.ownerUrl });
  await owner.connect();
  // So that every run more or less makes another rate.
  await owner.query(
    `UPDATE "Run" SET "status" = 'fail', "errorKind" = NULL WHERE (extract(epoch FROM "createdAt")::int8 / 60) % 7 = 0`,
  );
}, 120_000);
afterAll(async () => {
  await owner?.end();
  await made?.close();
});

/** The rates that lists show, and the same counted run by run. */
async function rates(now: Date): Promise<{ shown: [string, number | null][]; counted: [string, number | null][] }> {
  const { db } = made.deps;
  const rows = await findWorkflowRows(db, { orgId: org.orgId, limit: 100, now });
  const since = new Date(now.getTime() - (now.getTime() % dayMs) - 6 * dayMs);
  const counted = rows.map(async ({ id }): Promise<[string, number | null]> => {
    const of = { orgId: org.orgId, workflowId: id, createdAt: { gte: since } };
    const graded = await db.run.count({ where: { ...of, status: { in: ['pass', 'partial', 'fail'] } } });
    return [id, graded === 0 ? null : (await db.run.count({ where: { ...of, status: 'pass' } })) / graded];
  });
  return { shown: rows.map(({ id, passRate7d }) => [id, passRate7d]), counted: await Promise.all(counted) };
}

it.each([
  '2026-11-20T10:30:00.000Z',
  '2026-11-20T12:00:00.000Z',
  '2026-11-19T23:59:59.999Z',
  '2026-11-25T05:59:00.001Z',
])('is what a count gives of the seven days that end with the day of %s', async (now) => {
  const { shown, counted } = await rates(new Date(now));
  expect(shown).toEqual(counted);
  expect(new Set(shown.map(([, rate]) => rate)).size).toBeGreaterThan(1);
});

it('follows runs that end, are made, corrected and erased', async () => {
  const { db } = made.deps;
  const { workflowId } = seeded;
  const row = { ...(await runOf()), createdAt: new Date(until.getTime() - dayMs) };
  const tally = async () => {
    const { _sum } = await db.passTally.aggregate({ where: { workflowId }, _sum: { pass: true, graded: true } });
    return [_sum.pass ?? 0, _sum.graded ?? 0];
  };
  const [pass = 0, graded = 0] = await tally();
  const ids = Array.from({ length: 4 }, () => newId());
  await db.run.createMany({ data: ids.map((id) => ({ ...row, id, status: 'running' })) });
  expect(await tally()).toEqual([pass, graded]);
  const end = (id: string | undefined, status: string, error: object = {}) =>
    db.run.updateMany({ where: { id: id ?? '' }, data: { status, finishedAt: until, ...error } });
  // At once, as workers do: each counts.
  await Promise.all([
    end(ids[0], 'pass'),
    end(ids[1], 'fail'),
    end(ids[2], 'partial'),
    end(ids[3], 'error', { errorKind: 'unreachable' }),
  ]);
  expect(await tally()).toEqual([pass + 1, graded + 3]);
  await owner.query(`UPDATE "Run" SET "status" = 'pass' WHERE "id" = $1`, [ids[1]]);
  expect(await tally()).toEqual([pass + 2, graded + 3]);
  await owner.query('DELETE FROM "Run" WHERE "id" = ANY($1)', [ids]);
  expect(await tally()).toEqual([pass, graded]);
  const { shown, counted } = await rates(until);
  expect(shown).toEqual(counted);
});

/** What all runs of the first workflow share. */
async function runOf() {
  const { workflowId, serverId } = seeded;
  const version = await made.deps.db.workflowVersion.findFirstOrThrow({ where: { workflowId } });
  return {
    orgId: org.orgId,
    workflowId,
    serverId,
    versionId: version.id,
    model: 'builtin/scripted',
    trigger: 'manual',
    actorKind: 'system',
    actorId: 'test',
  };
}

/** The last run of each workflow as lists show it, and as the runs themselves have it. */
async function lastRuns() {
  const { db } = made.deps;
  const rows = await findWorkflowRows(db, { orgId: org.orgId, limit: 100, now: until });
  const newest = rows.map(async ({ id }) => {
    const run = await db.run.findFirst({
      where: { workflowId: id },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      select: { id: true, status: true, errorKind: true, flagged: true, createdAt: true },
    });
    if (!run) return null;
    const { errorKind, ...shown } = run;
    const status = errorKind === 'canceled' ? errorKind : run.status;
    return { ...shown, status, createdAt: run.createdAt.toISOString() };
  });
  return { shown: rows.map(({ lastRun }) => lastRun), newest: await Promise.all(newest) };
}

it('the last run is the newest of a workflow, however its runs are made, end and are erased', async () => {
  const { db } = made.deps;
  const expectNewest = async () => {
    const { shown, newest } = await lastRuns();
    expect(shown).toEqual(newest);
    return shown.find((run) => run !== null && mine.includes(run.id));
  };
  const mine: string[] = [];
  expect(await expectNewest()).toBeUndefined();
  const row = await runOf();
  const make = (times: Date[]) => {
    const rows = times.map((createdAt) => ({ ...row, id: newId(), status: 'pending', createdAt }));
    mine.push(...rows.map(({ id }) => id));
    return db.run.createMany({ data: rows });
  };
  const at = (minutes: number) => new Date(until.getTime() + minutes * 60_000);
  // Older ones change nothing; of those made in one statement, and in several at once, the newest stays.
  await make([at(-60)]);
  expect(await expectNewest()).toBeUndefined();
  await Promise.all([make([at(5), at(1)]), make([at(2), at(9)]), make([at(3)])]);
  expect((await expectNewest())?.createdAt).toBe(at(9).toISOString());
  await make([at(9)]);
  const last = await expectNewest();
  await db.run.updateMany({ where: { id: { in: mine } }, data: { status: 'running' } });
  expect((await expectNewest())?.status).toBe('running');
  await db.run.updateMany({
    where: { id: last?.id ?? '' },
    data: { status: 'fail', flagged: true, finishedAt: until },
  });
  expect(await expectNewest()).toMatchObject({ id: last?.id, status: 'fail', flagged: true });
  await db.run.updateMany({
    where: { id: { in: mine.filter((id) => id !== last?.id) } },
    data: { status: 'error', errorKind: 'canceled', finishedAt: until },
  });
  for (const gone of [[last?.id], mine]) {
    await owner.query('DELETE FROM "Run" WHERE "id" = ANY($1)', [gone]);
    const next = await expectNewest();
    // The next one was canceled, which lists don't show as an error.
    if (gone !== mine) expect(next?.status).toBe('canceled');
  }
  expect(await expectNewest()).toBeUndefined();
});

it('can be written by nobody', async () => {
  const { db } = made.deps;
  const where = { workflowId: seeded.workflowId };
  await expect(db.passTally.updateMany({ where, data: { pass: 0 } })).rejects.toThrow(/permission denied/);
  await expect(db.passTally.deleteMany({ where })).rejects.toThrow(/permission denied/);
  await expect(db.lastRun.updateMany({ where, data: { status: 'pass' } })).rejects.toThrow(/permission denied/);
  await expect(db.lastRun.deleteMany({ where })).rejects.toThrow(/permission denied/);
});
