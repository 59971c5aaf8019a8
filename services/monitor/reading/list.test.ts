import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latencyBuckets, toBucket } from '../../../domain/monitor/latency.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { getMonitor } from './get.ts';
import { listMonitors } from './list.ts';
import { listChecks } from './list-checks.ts';

const count = 1000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
let test: TestDeps;
let org: TestOrg;
const serverIds = [newId(), newId()] as const;
const ids = Array.from({ length: count }, () => newId());
const id = (index: number): string => ids[index] ?? '';
/** 20 minutes past an hour, so that what is going on is in the hour's bucket. */
const now = new Date(Math.floor(Date.now() / hourMs) * hourMs + 20 * 60_000);

beforeAll(async () => {
  test = await testDeps({ now: () => now });
  org = await testOrg(test.deps);
  const { db } = test.deps;
  const { orgId } = org;
  const histogram = (ms: number, checks: number) => {
    const counts = latencyBuckets.map(() => 0);
    counts[toBucket(ms)] = checks;
    return counts;
  };
  for (const [index, serverId] of serverIds.entries()) {
    await db.server.create({
      data: {
        id: serverId,
        orgId,
        name: `Server ${index}`,
        transport: 'streamable_http',
        url: 'https://a.example/mcp',
      },
    });
    await db.authProfile.create({
      data: {
        id: newId(),
        orgId,
        serverId,
        name: 'Default',
        kind: 'bearer',
        secretRef: await test.deps.secrets.put(orgId, { value: 'hush-hush' }),
        isDefault: true,
      },
    });
  }
  const profiles = await db.authProfile.findMany({ where: { orgId } });
  const profileOf = (serverId: string) => profiles.find((profile) => profile.serverId === serverId)?.id ?? '';
  const outcomes = ['pass', 'degraded', 'fail', 'error'] as const;
  await db.monitor.createMany({
    data: ids.map((monitorId, index) => {
      const serverId = serverIds[index % 2 === 0 ? 0 : 1];
      return {
        id: monitorId,
        orgId,
        serverId,
        authProfileId: profileOf(serverId),
        name: `Monitor ${index}`,
        tool: index % 10 === 0 ? 'special_tool' : 'tool',
        arguments: { index, password: 'hush-hush' },
        argumentsKey: String(index),
        intervalSeconds: 60,
        state: index < 5 ? 'paused' : 'active',
        createdAt: new Date(now.getTime() - 60 * dayMs - index * 1000),
      };
    }),
  });
  await db.monitorHealth.createMany({
    data: ids.slice(0, count - 3).map((monitorId, index) => ({
      orgId,
      monitorId,
      outcome: outcomes[index % 4] ?? 'pass',
      errorKind: index % 4 === 3 ? 'timeout' : null,
      latencyMs: 10,
      checkedAt: now,
      since: now,
    })),
  });
  const hour = Math.floor(now.getTime() / hourMs) * hourMs;
  // Older hours are worse, so that it shows which are taken.
  await db.$executeRaw`
    INSERT INTO "CheckHour" ("orgId", "monitorId", "hour", "pass", "degraded", "fail", "error", "notReached", "inMaintenance", "latency")
    SELECT ${orgId}::uuid, m."id", ${new Date(hour).toISOString()}::timestamptz - back * interval '1 hour',
      CASE WHEN back < 24 THEN 56 ELSE 0 END, CASE WHEN back < 24 THEN 2 ELSE 0 END, CASE WHEN back < 24 THEN 1 ELSE 30 END,
      CASE WHEN back < 24 THEN 1 ELSE 30 END, 5, 7,
      CASE WHEN back < 24 THEN ${histogram(20, 60)}::int[] ELSE ${histogram(900, 60)}::int[] END
    FROM "Monitor" m, generate_series(0, 47) AS back WHERE m."orgId" = ${orgId}::uuid`;
  const today = Math.floor(now.getTime() / dayMs) * dayMs;
  await db.checkDay.createMany({
    data: Array.from({ length: 40 }, (_, back) => ({
      orgId,
      monitorId: id(0),
      day: new Date(today - back * dayMs),
      pass: back < 30 ? 90 : 0,
      fail: back < 30 ? 10 : 100,
      latency: histogram(50, 100),
    })),
  });
  await db.check.createMany({
    data: Array.from({ length: 100 }, (_, minute) => ({
      orgId,
      monitorId: id(0),
      scheduledAt: new Date(today + minute * 60_000),
      outcome: minute % 10 === 0 ? 'error' : 'pass',
      errorKind: minute % 10 === 0 ? 'timeout' : null,
      latencyMs: 5,
    })),
  });
  await db.maintenanceWindow.create({
    data: {
      id: newId(),
      orgId,
      serverId: serverIds[1],
      startsAt: new Date(now.getTime() - hourMs),
      endsAt: new Date(now.getTime() + hourMs),
      createdBy: 'system:test',
    },
  });
  await db.incident.create({
    data: {
      id: newId(),
      orgId,
      subjectKind: 'monitor',
      subjectKey: id(6),
      serverId: serverIds[0],
      monitorId: id(6),
      level: 'bad',
      summary: 'It broke.',
      cause: { outcome: 'fail' },
      openedAt: now,
      lastFailedAt: now,
    },
  });
}, 120_000);
afterAll(() => test.close());

/** SQL statements that `work` sends. */
async function statements(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const { db } = test.deps;
  const counted = db.$extends({
    query: {
      $allOperations: ({ operation, model, args, query }) => {
        seen.push(`${model ?? ''} ${operation}`);
        return query(args);
      },
    },
  });
  const before = org.ctx.deps;
  // The extended client answers like the plain one; its type differs in what is not used here.
  org.ctx.deps = { ...before, db: Object.assign(counted, { close: db.close }) as unknown as typeof db };
  try {
    await work();
  } finally {
    org.ctx.deps = before;
  }
  return seen;
}

describe('the list of 1,000 monitors', () => {
  it('comes in pages, each by four statements, with totals of all', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    const sent = await statements(async () => {
      const page = await listMonitors(org.ctx, { limit: 200 });
      expect(page.monitors).toHaveLength(200);
      expect(page.totals).toEqual({
        all: 1000,
        pass: 248,
        degraded: 248,
        fail: 248,
        error: 248,
        unchecked: 3,
        paused: 5,
      });
    });
    expect(sent).toHaveLength(4);
    do {
      const page = await listMonitors(org.ctx, { limit: 200, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.monitors.map((row) => row.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });

  it('shows health, uptime of a day, incident and maintenance of each', async () => {
    const { monitors } = await listMonitors(org.ctx, { limit: 10 });
    const shown = monitors.find((row) => row.id === id(6));
    expect(shown).toMatchObject({
      name: 'Monitor 6',
      serverName: 'Server 0',
      argumentsHint: '{"index":6,"password":"[redacted]"}',
      state: 'active',
      health: { outcome: 'fail', errorKind: null },
      openIncidentId: expect.any(String),
      inMaintenance: false,
    });
    expect(shown?.uptime.counts).toEqual({
      pass: 24 * 56,
      degraded: 48,
      fail: 24,
      error: 24,
      notReached: 120,
      inMaintenance: 168,
    });
    expect(shown?.uptime.uptime).toBeCloseTo(58 / 60);
    expect(shown?.uptime.strictUptime).toBeCloseTo(56 / 60);
    expect(monitors[1]).toMatchObject({ inMaintenance: true, openIncidentId: null });
  });

  it.each([
    [{ search: 'special_' }, 100],
    [{ search: 'Monitor 99' }, 11],
    [{ search: '%' }, 0],
    [{ outcome: 'failing' as const, serverId: serverIds[0] }, 248],
    [{ outcome: 'unchecked' as const }, 3],
    [{ state: 'paused' as const }, 5],
    [{ state: 'archived' as const }, 0],
    [{ outcome: 'error' as const, state: 'paused' as const }, 1],
  ])('finds %j', async (filter, found) => {
    let total = 0;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof listMonitors>> = await listMonitors(org.ctx, {
        ...filter,
        limit: 200,
        ...(cursor !== undefined && { cursor }),
      });
      total += page.monitors.length;
      cursor = page.nextCursor;
    }
    expect(total).toBe(found);
  });

  it('shows nothing to another workspace', async () => {
    const other = await testOrg(test.deps);
    expect(await listMonitors(other.ctx, {})).toMatchObject({ monitors: [], totals: { all: 0 } });
    await expect(getMonitor(other.ctx, { monitorId: id(0) })).rejects.toMatchObject({ code: 'monitor_not_found' });
    await expect(listChecks(other.ctx, { monitorId: id(0) })).rejects.toMatchObject({ code: 'monitor_not_found' });
  });
});

describe('the page of a monitor', () => {
  it('takes 24 hours from the hours', async () => {
    const page = await getMonitor(org.ctx, { monitorId: id(1) });
    expect(page.points).toHaveLength(24);
    expect(page.bucketSeconds).toBe(3600);
    expect(page.points.at(-1)?.at).toBe(new Date(Math.floor(now.getTime() / hourMs) * hourMs).toISOString());
    expect(page.uptime.uptime).toBeCloseTo(58 / 60);
    expect(page.uptime.strictUptime).toBeCloseTo(56 / 60);
    expect(page.latency.p50).toBeGreaterThan(10);
    expect(page.latency.p99).toBeLessThan(40);
    expect(page.inMaintenance).toBe(true);
  });

  it('takes 7 days from the hours, with gaps where nothing was checked', async () => {
    const page = await getMonitor(org.ctx, { monitorId: id(1), range: '7d' });
    expect(page.points).toHaveLength(168);
    expect(page.points[0]).toMatchObject({ uptime: null, p50: null, counts: { pass: 0 } });
    expect(page.uptime.uptime).toBeCloseTo(58 / 120);
    expect(page.latency.p99).toBeGreaterThan(500);
  });

  it('takes 30 days from the days', async () => {
    const page = await getMonitor(org.ctx, { monitorId: id(0), range: '30d' });
    expect(page.points).toHaveLength(30);
    expect(page.bucketSeconds).toBe(86_400);
    expect(page.uptime).toMatchObject({ uptime: 0.9, strictUptime: 0.9, counts: { pass: 2700, fail: 300 } });
    expect(page.checks).toHaveLength(50);
    expect(page.checks[0]?.at).toBe(new Date(Math.floor(now.getTime() / dayMs) * dayMs + 99 * 60_000).toISOString());
  });

  it('lists the checks of one day by pages and by outcome', async () => {
    const first = await listChecks(org.ctx, { monitorId: id(0), limit: 60 });
    const second = await listChecks(org.ctx, { monitorId: id(0), limit: 60, cursor: first.nextCursor ?? '' });
    const all = [...first.checks, ...second.checks].map(({ at }) => at);
    expect(all).toEqual([...all].sort().reverse());
    expect([new Set(all).size, second.nextCursor]).toEqual([100, null]);
    expect((await listChecks(org.ctx, { monitorId: id(0), outcome: 'failing' })).checks).toHaveLength(10);
    expect(first.laterDay).toBe(null);
    const before = await listChecks(org.ctx, { monitorId: id(0), day: first.earlierDay ?? '' });
    expect(before).toMatchObject({ checks: [], laterDay: first.day });
  });

  it.each([[-31], [1]])('refuses a day that is %i days away', async (days) => {
    const day = new Date(now.getTime() + days * dayMs).toISOString().slice(0, 10);
    await expect(listChecks(org.ctx, { monitorId: id(0), day })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'day' }] },
    });
  });

  it('refuses a cursor of another list', async () => {
    await expect(listChecks(org.ctx, { monitorId: id(0), cursor: 'x' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });
});

describe('the plans', () => {
  const explain = async (sql: string): Promise<string> => {
    const { db } = test.deps;
    // Otherwise few rows are read whole, depending on what the statistics know of them.
    const [, rows] = await db.$transaction([
      db.$executeRaw`SET LOCAL enable_seqscan = off`,
      db.$queryRawUnsafe<{ 'QUERY PLAN': string }[]>(`EXPLAIN ${sql}`),
    ]);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };

  it('read the checks of a day from its partition alone, by its key', async () => {
    const day = Math.floor(now.getTime() / dayMs) * dayMs;
    const plan = await explain(`SELECT * FROM "Check" WHERE "orgId" = '${org.orgId}' AND "monitorId" = '${id(0)}'
      AND "scheduledAt" >= '${new Date(day).toISOString()}' AND "scheduledAt" < '${new Date(day + dayMs).toISOString()}'
      ORDER BY "scheduledAt" DESC, "key" DESC LIMIT 50`);
    expect(plan.match(/Check_\d{8}/g)?.filter((name, i, all) => all.indexOf(name) === i)).toHaveLength(1);
    expect(plan).not.toContain('Seq Scan');
  });
});
