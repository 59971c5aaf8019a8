import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeMonitors, makeServer } from '../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { createMaintenance } from '../maintenance/create.ts';
import { getIncident } from './get.ts';
import { listIncidents } from './list.ts';
import { getIncidentTimeline } from './timeline.ts';

const now = new Date('2026-11-21T12:30:00Z');
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

let test: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  test = await testDeps({ now: () => now });
  org = await testOrg(test.deps, { role: 'editor' });
});
afterAll(async () => {
  await test?.close();
});

it('shows the checks of a monitor joined, with the last passes before, and maintenance', async () => {
  const { db } = test.deps;
  const { orgId } = org;
  const server = await makeServer(test.deps, { orgId, url: 'https://shop.example.com/mcp' });
  const [monitorId = ''] = await makeMonitors(test.deps, { orgId, ...server }, [{ tool: 'get_order' }]);
  await db.$executeRaw`SELECT armature_make_check_partitions(${now}::date, ${now}::date)`;
  const outcomes = ['error', 'pass', 'pass', 'fail', 'fail', 'fail', 'error'];
  await db.check.createMany({
    data: outcomes.map((outcome, index) => ({
      orgId,
      monitorId,
      scheduledAt: at(index - 10),
      outcome,
      errorKind: outcome === 'error' ? 'timeout' : null,
    })),
  });
  const subject = { orgId, serverId: server.serverId, monitorId, subjectKind: 'monitor', subjectKey: monitorId };
  const incident = (openedAt: Date, more: object) => ({
    ...subject,
    id: newId(),
    level: 'bad',
    summary: 'get_order fails',
    cause: { outcome: 'fail' },
    openedAt,
    lastFailedAt: at(-4),
    ...more,
  });
  const open = incident(at(-7), {});
  const earlier = incident(at(-400), { closedAt: at(-380), closeReason: 'recovered' });
  await db.incident.createMany({ data: [open, earlier] });
  const window = { startsAt: at(-30).toISOString(), endsAt: at(60).toISOString(), reason: 'Deploy' };
  await createMaintenance(org.ctx, { serverId: null, ...window });

  const { entries } = await getIncidentTimeline(org.as('viewer'), { incidentId: open.id });
  const minute = (time: string) => Math.round((Date.parse(time) - now.getTime()) / 60_000);
  expect(
    entries.map((entry) =>
      entry.type === 'checks'
        ? [entry.outcome, entry.errorKind, entry.count, minute(entry.at), minute(entry.until)]
        : [entry.type, minute(entry.at)],
    ),
  ).toEqual([
    ['maintenance', -30],
    ['pass', null, 2, -9, -8],
    ['opened', -7],
    ['fail', null, 3, -7, -5],
    ['error', 'timeout', 1, -4, -4],
  ]);
  expect(entries[0]).toMatchObject({ reason: 'Deploy', allServers: true, until: window.endsAt });
  expect((await getIncident(org.ctx, { incidentId: open.id })).similar.map(({ id }) => id)).toEqual([earlier.id]);
  expect((await getIncident(org.ctx, { incidentId: earlier.id })).similar).toEqual([]);
  const recent = await listIncidents(org.ctx, { openedAfter: at(-60).toISOString(), limit: 1 });
  expect(recent).toMatchObject({ incidents: [{ id: open.id }], nextCursor: null });
});
