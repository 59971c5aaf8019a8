import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeMonitors, makeServer } from '../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { type Scripted, startScripted } from '../../tests/support/targets/scripted.ts';
import { bumpSchedulesIn } from '../monitor/schedule/sync.ts';
import { runChecks } from './run-batch.ts';

const minuteMs = 60_000;
const offsetSeconds = 7;
/** Of the batch that is carried out, and now. */
const due = new Date(Math.floor(Date.now() / minuteMs - 1) * minuteMs + offsetSeconds * 1000);
const ago = (minutes: number) => new Date(due.getTime() - minutes * minuteMs);

let time: Date;
let test: TestDeps;
let org: TestOrg;
let target: Scripted;
let server: { serverId: string; authProfileId: string };
let monitors: string[];
beforeAll(async () => {
  test = await testDeps({ now: () => time });
  target = await startScripted();
});
afterAll(async () => {
  await target?.close();
  await test?.close();
});
beforeEach(async () => {
  time = due;
  org = await testOrg(test.deps);
  const { orgId } = org;
  server = await makeServer(test.deps, { orgId, url: target.url });
  monitors = await makeMonitors(test.deps, { orgId, ...server }, [{ tool: 'a' }, { tool: 'b' }]);
  await test.deps.db.monitor.updateMany({ where: { orgId }, data: { updatedAt: ago(3000) } });
});

const schedule = (more: { recordedUntil?: Date; pausedByOperator?: boolean }) =>
  test.deps.db.monitorSchedule.create({
    data: { orgId: org.orgId, serverId: server.serverId, intervalSeconds: 60, offsetSeconds, ...more },
  });

const attempt = () => ({ signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false });
const carryOut = (at = due) =>
  runChecks(org.asSystem(), {
    serverId: server.serverId,
    intervalSeconds: 60,
    scheduledAt: at.toISOString(),
    attempt: attempt(),
  });

/** Of one monitor: how many minutes before the batch each check was due, with what it says. */
async function recorded(monitorId = monitors[0], at = due) {
  const rows = await test.deps.db.check.findMany({
    where: { orgId: org.orgId, monitorId: monitorId ?? '' },
    orderBy: { scheduledAt: 'asc' },
  });
  return rows.map(({ scheduledAt, outcome, errorKind }) => [
    (at.getTime() - scheduledAt.getTime()) / minuteMs,
    errorKind ?? outcome,
  ]);
}

describe('nominal times without a batch', () => {
  it('are recorded as not reached by the next batch, once', async () => {
    // Between two nominal times, as after a batch that somebody triggered.
    await schedule({ recordedUntil: new Date(ago(3).getTime() - 1000) });
    await carryOut();
    const expected = [
      [3, 'not_reached'],
      [2, 'not_reached'],
      [1, 'not_reached'],
      [0, 'pass'],
    ];
    expect(await recorded()).toEqual(expected);
    expect(await recorded(monitors[1])).toEqual(expected);
    await carryOut();
    expect(await recorded()).toEqual(expected);
    const { deps } = test;
    const where = { orgId: org.orgId };
    expect(await deps.db.monitorSchedule.findFirst({ where })).toMatchObject({ recordedUntil: due });
    expect(await deps.db.incident.count({ where })).toBe(0);
    const days = await deps.db.checkDay.aggregate({ where, _sum: { pass: true, error: true, notReached: true } });
    expect(days._sum).toEqual({ pass: 2, error: 0, notReached: 6 });
  });

  it('include what a batch left that never ended', async () => {
    await schedule({ recordedUntil: ago(2) });
    await test.deps.db.check.create({
      data: { orgId: org.orgId, monitorId: monitors[0] ?? '', scheduledAt: ago(1), outcome: 'pass' },
    });
    await carryOut();
    expect(await recorded(monitors[0])).toEqual([
      [1, 'pass'],
      [0, 'pass'],
    ]);
    expect(await recorded(monitors[1])).toEqual([
      [1, 'not_reached'],
      [0, 'pass'],
    ]);
  });

  it('are recorded a part at a time, and of the last day only', async () => {
    await schedule({ recordedUntil: ago(2000) });
    await carryOut();
    expect(await recorded()).toHaveLength(60 + 1);
    expect((await recorded())[0]).toEqual([1439, 'not_reached']);
    await carryOut(new Date(due.getTime() + 1));
    expect(await recorded()).toHaveLength(120 + 2);
  });

  it('include those before the first batch, since the Schedule was created', async () => {
    const { orgId } = org;
    const { serverId } = server;
    const { db } = test.deps;
    const rowOf = () => db.monitorSchedule.findFirstOrThrow({ where: { orgId, serverId } });
    await bumpSchedulesIn(db, { orgId, serverId, intervals: [60] });
    const { recordedUntil, offsetSeconds } = await rowOf();
    const offsetMs = offsetSeconds * 1000;
    const first = Math.floor((recordedUntil.getTime() - offsetMs) / minuteMs + 1) * minuteMs + offsetMs;
    // A later change of the monitors leaves it to the first batch to record what was due before.
    await bumpSchedulesIn(db, { orgId, serverId, intervals: [60] });
    expect(await rowOf()).toMatchObject({ recordedUntil, revision: 2 });
    time = new Date(first + 2 * minuteMs);
    await carryOut(time);
    for (const monitorId of monitors)
      expect(await recorded(monitorId, time)).toEqual([
        [2, 'not_reached'],
        [1, 'not_reached'],
        [0, 'pass'],
      ]);
  });

  it('are none before a monitor was changed', async () => {
    await schedule({ recordedUntil: ago(4) });
    const where = { orgId: org.orgId, id: monitors[0] ?? '' };
    await test.deps.db.monitor.updateMany({ where, data: { updatedAt: ago(2) } });
    await carryOut();
    expect(await recorded(monitors[0])).toEqual([
      [1, 'not_reached'],
      [0, 'pass'],
    ]);
    expect(await recorded(monitors[1])).toHaveLength(4);
  });

  it.each([
    ['before the Schedule was created', {}],
    ['while an operator pauses it', { recordedUntil: ago(9), pausedByOperator: true }],
    ['after a time of a clock that ran ahead', { recordedUntil: new Date(due.getTime() + 3_600_000) }],
  ])('are none %s', async (_, row) => {
    await schedule(row);
    await carryOut();
    expect(await recorded()).toEqual([[0, 'pass']]);
  });
});
