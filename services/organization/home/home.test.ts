import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedRuns } from '../../../bench/mcp/seed-runs.ts';
import { seedServer } from '../../../bench/seed-monitors.ts';
import { latencyBuckets, toBucket } from '../../../domain/monitor/latency.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { getHome, type Home } from './get.ts';

const now = new Date('2026-11-20T10:30:00.000Z');
const day = (back: number) => new Date(Date.UTC(2026, 10, 20 - back));
let made: TestDeps;
let org: TestOrg;
let monitorIds: string[];
const home = (range: '24h' | '7d' | '30d' = '7d'): Promise<Home> =>
  getHome({ ...org.ctx, deps: { ...made.deps, now: () => now } }, { range });
const latencyOf = (counts: { [ms: number]: number }) =>
  latencyBuckets.map((_, bucket) =>
    Object.entries(counts).reduce((sum, [ms, count]) => sum + (toBucket(Number(ms)) === bucket ? count : 0), 0),
  );

beforeAll(async () => {
  made = await testDeps();
  org = await testOrg(made.deps);
  await seedRuns(made.database.ownerUrl, org.orgId, 3_000, { until: now });
  ({ monitorIds } = await seedServer(made.deps.db, {
    orgId: org.orgId,
    url: 'http://127.0.0.1:9/mcp',
    monitors: 20,
    schedule: false,
  }));
  const other = await testOrg(made.deps);
  await seedServer(made.deps.db, { orgId: other.orgId, url: 'http://127.0.0.1:9/mcp', monitors: 1, schedule: false });
  await made.deps.db.monitorHealth.createMany({
    data: monitorIds.map((monitorId, index) => ({
      orgId: org.orgId,
      monitorId,
      outcome: index === 7 ? 'fail' : index === 3 ? 'error' : index === 5 ? 'degraded' : 'pass',
      checkedAt: now,
      since: day(index),
    })),
  });
});
afterAll(async () => {
  await made?.close();
});

describe('Home', () => {
  it('counts pass rates as counting run by run does', async () => {
    const { figures } = await home('24h');
    const count = (status: string[], from: Date, to: Date) =>
      made.deps.db.run.count({
        where: { orgId: org.orgId, status: { in: status }, createdAt: { gte: from, lt: to } },
      });
    const rate = async (from: Date, to: Date) => {
      const graded = await count(['pass', 'partial', 'fail'], from, to);
      return graded === 0 ? null : (await count(['pass'], from, to)) / graded;
    };
    expect(figures.passRate.value).toBe(await rate(day(0), day(-1)));
    expect(figures.passRate.previous).toBe(await rate(day(1), day(0)));
    expect(figures.passRate.days).toHaveLength(14);
    expect(figures.passRate.days.at(-1)).toEqual({ day: day(0).toISOString(), value: figures.passRate.value });
    expect(figures.passRate.days[0]).toEqual({ day: day(13).toISOString(), value: null });
  });

  it('sums checks over all monitors, and takes the percentile of all their latencies', async () => {
    const [first = '', second = ''] = monitorIds;
    await made.deps.db.checkDay.createMany({
      data: [
        { monitorId: first, day: day(0), pass: 90, fail: 10, latency: latencyOf({ 20: 90 }), minMs: 20, maxMs: 20 },
        {
          monitorId: second,
          day: day(0),
          degraded: 9,
          error: 1,
          latency: latencyOf({ 900: 9 }),
          minMs: 900,
          maxMs: 900,
        },
        { monitorId: first, day: day(8), pass: 1, inMaintenance: 5, notReached: 3 },
      ].map((row) => ({ orgId: org.orgId, ...row })),
    });
    const { figures } = await home();
    expect(figures.uptime.value).toBe(99 / 110);
    expect(figures.uptime.previous).toBe(1);
    expect(figures.p95LatencyMs.value).toBe(900);
    expect(figures.p95LatencyMs.previous).toBeNull();
    expect((await home('30d')).figures.uptime.value).toBe(100 / 111);
  });

  it('sums what runs cost, by the day on which they ended', async () => {
    const { db } = made.deps;
    const before = (await home()).figures.cost;
    const run = await db.run.findFirstOrThrow({ where: { orgId: org.orgId }, omit: { metadata: true } });
    for (const [days, cost] of [
      [0, 0.25],
      [0, null],
      [8, 1.5],
    ] as const)
      await db.run.create({
        data: {
          ...run,
          id: newId(),
          status: 'error',
          errorKind: 'unreachable',
          errorMessage: 'Down.',
          cost,
          createdAt: day(300),
          finishedAt: day(days),
        },
      });
    const { figures } = await home();
    expect(figures.cost).toMatchObject({ value: (before.value ?? 0) + 0.25, previous: 1.5 });
    expect(figures.cost.days.at(-1)?.value).toBeCloseTo((before.days.at(-1)?.value ?? 0) + 0.25, 6);
    expect(figures.cost.days.at(-9)?.value).toBe(1.5);
  });

  it('puts what fails first', async () => {
    const { monitors, workflows, failing } = await home();
    expect(monitors.hasMore).toBe(true);
    expect(monitors.monitors).toHaveLength(12);
    expect(monitors.monitors.slice(0, 3).map(({ outcome }) => outcome)).toEqual(['fail', 'error', 'degraded']);
    const lastOf = ({ runs }: (typeof workflows.workflows)[number]) => runs.at(-1)?.status;
    expect(workflows.workflows.map(lastOf)).toEqual(
      workflows.workflows.map(lastOf).toSorted((a, b) => rank(a) - rank(b)),
    );
    expect(workflows.workflows.every(({ runs }) => runs.length <= 30)).toBe(true);
    const last = await made.deps.db.lastRun.findMany({
      where: { orgId: org.orgId, status: { in: ['fail', 'error', 'partial'] } },
    });
    expect(failing.map(({ runId }) => runId).sort()).toEqual(last.map(({ runId }) => runId).sort());
    expect(failing.length).toBeGreaterThan(0);
  });

  it('has the hours of a monitor, empty ones too', async () => {
    const monitorId = monitorIds[7] ?? '';
    await made.deps.db.checkHour.create({
      data: {
        orgId: org.orgId,
        monitorId,
        hour: new Date('2026-11-20T09:00:00Z'),
        pass: 50,
        degraded: 3,
        fail: 6,
        error: 1,
      },
    });
    const { monitors } = await home();
    const [worst] = monitors.monitors;
    expect(worst?.id).toBe(monitorId);
    expect(worst?.hours).toHaveLength(24);
    expect(worst?.hours.at(-2)).toEqual({ at: '2026-11-20T09:00:00.000Z', up: 53, degraded: 3, down: 7 });
    expect(worst?.hours.at(-1)).toEqual({ at: '2026-11-20T10:00:00.000Z', up: 0, degraded: 0, down: 0 });
  });

  it('lists the next runs of schedules, soonest first', async () => {
    const owner = new Client({ connectionString: made.database.ownerUrl });
    await owner.connect();
    try {
      const { rows } = await owner.query<{ id: string }>(
        `SELECT "id" FROM "Workflow" WHERE "orgId" = $1 ORDER BY "id" LIMIT 3`,
        [org.orgId],
      );
      await owner.query('ALTER TABLE "WorkflowVersion" DISABLE TRIGGER USER');
      await owner.query(
        `UPDATE "WorkflowVersion" SET "definition" = "definition" || '{"schedule": null}' WHERE "orgId" = $1`,
        [org.orgId],
      );
      for (const [index, cron] of ['0 * * * *', '*/15 * * * *', '0 9 * * *'].entries())
        await owner.query(
          `UPDATE "WorkflowVersion" v SET "definition" = v."definition" || jsonb_build_object('schedule', $2::text, 'timezone', 'UTC')
           FROM "Workflow" w WHERE w."id" = $1 AND v."id" = w."activeVersionId"`,
          [rows[index]?.id, cron],
        );
      await owner.query('ALTER TABLE "WorkflowVersion" ENABLE TRIGGER USER');
      const { nextRuns } = await home();
      const times = new Map(nextRuns.map(({ workflowId, at }) => [workflowId, at]));
      expect(rows.map(({ id }) => times.get(id))).toEqual([
        '2026-11-20T11:00:00.000Z',
        '2026-11-20T10:45:00.000Z',
        '2026-11-21T09:00:00.000Z',
      ]);
      expect(nextRuns.map(({ workflowId }) => workflowId)).toEqual([rows[1]?.id, rows[0]?.id, rows[2]?.id]);
    } finally {
      await owner.end();
    }
  });

  it('knows which first steps are taken', async () => {
    expect((await home()).setUp).toEqual({
      server: true,
      monitor: true,
      workflow: true,
      passed: true,
      colleague: true,
      alert: false,
      apiKey: false,
    });
    const empty = await testOrg(made.deps);
    const { setUp, figures, workflows, monitors } = await getHome(empty.ctx, {});
    expect(setUp).toMatchObject({ server: false, monitor: false, workflow: false, passed: false, alert: false });
    expect(figures.uptime.value).toBeNull();
    expect([workflows.workflows, monitors.monitors]).toEqual([[], []]);
  });
});

const rank = (status: string | undefined): number =>
  ['fail', 'error', 'partial'].includes(status ?? '') ? ['fail', 'error', 'partial'].indexOf(status ?? '') : 3;
