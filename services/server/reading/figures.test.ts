import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedServer } from '../../../bench/seed-monitors.ts';
import { latencyBuckets, toBucket } from '../../../domain/monitor/latency.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { listCoverage } from '../../coverage/list.ts';
import { getServerFigures } from './figures.ts';

const now = new Date('2026-11-20T10:30:00.000Z');
let made: TestDeps;
let org: TestOrg;
let serverId: string;
let monitors: { id: string; tool: string }[];
const figures = (range: '24h' | '7d' | '30d') =>
  getServerFigures({ ...org.ctx, deps: { ...made.deps, now: () => now } }, { serverId, range });
const latency = (ms: number, count: number) => latencyBuckets.map((_, bucket) => (bucket === toBucket(ms) ? count : 0));

beforeAll(async () => {
  made = await testDeps();
  org = await testOrg(made.deps);
  const { db } = made.deps;
  ({ serverId } = await seedServer(db, {
    orgId: org.orgId,
    url: 'http://127.0.0.1:9/mcp',
    monitors: 4,
    schedule: false,
  }));
  const other = await seedServer(db, { orgId: org.orgId, url: 'http://127.0.0.1:8/mcp', monitors: 1, schedule: false });
  monitors = await db.monitor.findMany({ where: { orgId: org.orgId, serverId }, orderBy: { id: 'asc' } });
  const [stock, search, , stockToo] = monitors.map(({ id }) => id);
  const row = (monitorId: string | undefined, at: string, counts: object) => ({
    orgId: org.orgId,
    monitorId: monitorId ?? '',
    at: new Date(at),
    ...counts,
  });
  const rows = [
    row(stock, '2026-11-20T10:00:00Z', { pass: 9, fail: 1, latency: latency(20, 10), minMs: 20, maxMs: 20 }),
    row(stockToo, '2026-11-20T10:00:00Z', { pass: 10, latency: latency(500, 10), minMs: 500, maxMs: 500 }),
    row(search, '2026-11-19T12:00:00Z', { error: 2, notReached: 5 }),
    row(other.monitorIds[0], '2026-11-20T10:00:00Z', { error: 60 }),
  ];
  await db.checkHour.createMany({ data: rows.map(({ at, ...rest }) => ({ ...rest, hour: at })) });
  await db.checkDay.createMany({
    data: rows.map(({ at, ...rest }) => ({ ...rest, day: new Date(at.toISOString().slice(0, 10)) })),
  });
  await db.toolChange.createMany({
    data: ['2026-11-01T00:00:00Z', '2026-11-10T00:00:00Z'].map((seenAt) => ({
      id: newId(),
      orgId: org.orgId,
      serverId,
      tool: 'list_orders',
      kind: 'description_changed',
      breaking: false,
      diff: {},
      source: 'sync',
      seenAt,
    })),
  });
});
afterAll(async () => {
  await made?.close();
});

it('sums the monitors of the server by hour and by day', async () => {
  const day = await figures('24h');
  expect(day.points).toHaveLength(24);
  expect(day.points.at(-1)).toEqual({
    at: '2026-11-20T10:00:00.000Z',
    uptime: 19 / 20,
    p50: 20,
    p95: 500,
    checks: 20,
    failedChecks: 1,
  });
  expect(day.points.find(({ at }) => at === '2026-11-19T12:00:00.000Z')).toMatchObject({
    uptime: 0,
    p95: null,
    checks: 2,
    failedChecks: 2,
  });
  const week = await figures('7d');
  expect(week.points).toHaveLength(7);
  expect(week.points.at(-1)).toMatchObject({ at: '2026-11-20T00:00:00.000Z', checks: 20 });
  expect(week.points[0]).toEqual({
    at: '2026-11-14T00:00:00.000Z',
    uptime: null,
    p50: null,
    p95: null,
    checks: 0,
    failedChecks: 0,
  });
});

it('sums them by tool, with the latest change', async () => {
  const { tools } = await figures('24h');
  const none = { calls: 0, failedCalls: 0 };
  expect(tools).toEqual([
    { tool: 'check_stock', checks: 20, failedChecks: 1, p95: 500, changedAt: null, ...none },
    { tool: 'list_orders', checks: 0, failedChecks: 0, p95: null, changedAt: '2026-11-10T00:00:00.000Z', ...none },
    { tool: 'search_products', checks: 2, failedChecks: 2, p95: null, changedAt: null, ...none },
  ]);
});

it('lists the coverage of all servers', async () => {
  const { servers } = await listCoverage(org.ctx, {});
  expect(servers.map(({ toolCount, percent }) => [toolCount, percent])).toEqual([
    [0, null],
    [0, null],
  ]);
});
