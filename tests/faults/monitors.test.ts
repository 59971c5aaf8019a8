import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { bumpSchedulesIn, syncMonitorSchedules } from '../../services/monitor/schedule/sync.ts';
import { makeMonitors, makeServer } from '../support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';
import { startFaulty } from '../support/targets/faulty.ts';
import { type Running, run, until } from './process.ts';

let made: TestDeps;
let org: TestOrg;
let target: Awaited<ReturnType<typeof startFaulty>>;
const workers: Running[] = [];
beforeAll(async () => {
  made = await testDeps({ env: { ARMATURE_HEARTBEAT_SECONDS: '3' } });
  org = await testOrg(made.deps);
  target = await startFaulty();
  await made.deps.temporal.ensureSearchAttributes();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end()));
  await target?.close();
  await made?.close();
});

const startWorker = (): Running => {
  const worker = run('worker', 'worker/main.ts', { ...process.env, ...made.env, ARMATURE_LOG_LEVEL: 'warn' });
  workers.push(worker);
  return worker;
};

describe('kill -9 of the worker in the middle of a batch', { timeout: 120_000 }, () => {
  it('loses no check of the tick and doubles none', async () => {
    const { deps } = made;
    const { orgId } = org;
    const server = await makeServer(deps, { orgId, url: target.url });
    const ids = await makeMonitors(deps, { orgId, ...server }, [
      ...Array.from({ length: 30 }, (_, index) => ({ tool: `fine.${index}` })),
      ...Array.from({ length: 40 }, (_, index) => ({ tool: `slow.${700 + index}` })),
    ]);
    const of = { orgId, serverId: server.serverId, intervals: [60] };
    await deps.db.$transaction((tx) => bumpSchedulesIn(tx, of));
    expect(await syncMonitorSchedules(deps, of)).toEqual([]);
    const worker = startWorker();
    const names = temporalNames(deps.config.installation);
    const schedule = deps.temporal.client.schedule.getHandle(names.monitorSchedule(server.serverId, 60));
    // One tick alone: another that fell into the test would have called what it had not written yet.
    await schedule.pause('one tick');
    await schedule.trigger();

    const written = () => deps.db.check.findMany({ where: { monitorId: { in: ids } } });
    const before = await until(
      'a part of the batch is written',
      async () => {
        const rows = await written();
        return rows.length > 0 && rows;
      },
      { context: worker.log },
    );
    worker.kill('SIGKILL');
    await worker.ended;
    const scheduledAt = before[0]?.scheduledAt;
    expect(before.length).toBeLessThan(70);

    const next = startWorker();
    const rows = await until(
      'every monitor has its check of that tick',
      async () => {
        const found = (await written()).filter((row) => row.scheduledAt.getTime() === scheduledAt?.getTime());
        return found.length >= 70 && found;
      },
      { seconds: 60, context: next.log },
    );
    expect(rows).toHaveLength(70);
    expect(new Set(rows.map(({ monitorId }) => monitorId)).size).toBe(70);
    expect(rows.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);

    const tick = { in: ids };
    const checks = await deps.db.check.groupBy({
      by: ['monitorId'],
      where: { monitorId: tick },
      _count: { _all: true },
    });
    const hours = await deps.db.checkHour.groupBy({
      by: ['monitorId'],
      where: { monitorId: tick },
      _sum: { pass: true },
    });
    const days = await deps.db.checkDay.groupBy({
      by: ['monitorId'],
      where: { monitorId: tick },
      _sum: { pass: true },
    });
    const counted = (rolled: typeof hours) => new Map(rolled.map(({ monitorId, _sum }) => [monitorId, _sum.pass]));
    const expected = new Map(checks.map(({ monitorId, _count }) => [monitorId, _count._all]));
    expect(new Map([...counted(hours)].sort())).toEqual(new Map([...expected].sort()));
    expect(new Map([...counted(days)].sort())).toEqual(new Map([...expected].sort()));
    // Nothing that was written before was called again.
    for (const { monitorId } of before) {
      const monitor = await deps.db.monitor.findUniqueOrThrow({ where: { id: monitorId } });
      if (expected.get(monitorId) === 1) expect(target.calls.get(monitor.tool)).toBe(1);
    }
  });
});
