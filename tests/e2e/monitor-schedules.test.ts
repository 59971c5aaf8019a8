import { ScheduleNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { newId } from '../../services/context/ids.ts';
import { reconcileAll } from '../../services/installation/reconcile/reconcile.ts';
import { bumpSchedulesIn, syncMonitorSchedules } from '../../services/monitor/schedule/sync.ts';
import { until } from '../faults/process.ts';
import { makeMonitors, makeServer } from '../support/monitors.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { startFaulty } from '../support/targets/faulty.ts';

let scenario: Scenario;
let target: Awaited<ReturnType<typeof startFaulty>>;
beforeAll(async () => {
  scenario = await startScenario();
  target = await startFaulty();
});
afterAll(async () => {
  await target?.close();
  await scenario?.close();
});

const handle = (serverId: string, intervalSeconds = 60) =>
  scenario.deps.temporal.client.schedule.getHandle(
    temporalNames(scenario.deps.config.installation).monitorSchedule(serverId, intervalSeconds),
  );
const exists = async (serverId: string, intervalSeconds = 60): Promise<boolean> => {
  try {
    await handle(serverId, intervalSeconds).describe();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
};
const rowOf = (serverId: string, intervalSeconds = 60) =>
  scenario.deps.db.monitorSchedule.findFirstOrThrow({ where: { serverId, intervalSeconds } });

/** A server with monitors, and its Schedules as the use cases that save monitors leave them. */
async function monitored({ intervalSeconds = 60, follow = true, tool = 'ok' } = {}) {
  const { deps, org } = scenario;
  const server = await makeServer(deps, { orgId: org.orgId, url: target.url });
  const ids = await makeMonitors(deps, { orgId: org.orgId, ...server, intervalSeconds }, [{ tool }]);
  const of = { orgId: org.orgId, serverId: server.serverId, intervals: [intervalSeconds] };
  const changed = async () => {
    await deps.db.$transaction((tx) => bumpSchedulesIn(tx, of));
    return follow ? syncMonitorSchedules(deps, of) : [];
  };
  await changed();
  const setState = async (state: 'active' | 'paused') => {
    await deps.db.monitor.updateMany({ where: { id: { in: ids } }, data: { state } });
    return changed();
  };
  return { ...server, ids, changed, setState };
}
const reconciledUntil = (what: string, holds: () => Promise<boolean>) =>
  until(what, async () => {
    await reconcileAll(scenario.deps, { after: null });
    return holds();
  });

describe('the Schedule of a server and interval', () => {
  it('appears with its first active monitor, vanishes with the last, and comes back at the same offset', async () => {
    const { serverId, setState } = await monitored();
    const { offsetSeconds, syncedRevision, revision } = await rowOf(serverId);
    expect(syncedRevision).toBe(revision);
    const { spec, policies, info } = await handle(serverId).describe();
    expect(spec.intervals).toMatchObject([{ every: 60_000, offset: offsetSeconds * 1000 }]);
    expect(policies.overlap).toBe('SKIP');
    expect(info.nextActionTimes[0]?.getUTCSeconds()).toBe(offsetSeconds);

    await setState('paused');
    expect(await exists(serverId)).toBe(false);
    await setState('active');
    expect(await exists(serverId)).toBe(true);
    expect((await rowOf(serverId)).offsetSeconds).toBe(offsetSeconds);
  });

  it('is spread over the interval, whatever the number of servers', async () => {
    const offsets: number[] = [];
    for (let count = 0; count < 12; count++) {
      const { serverId } = await monitored({ follow: false, intervalSeconds: 3600 });
      offsets.push((await rowOf(serverId, 3600)).offsetSeconds);
      await scenario.deps.db.monitor.updateMany({ where: { serverId }, data: { state: 'paused' } });
    }
    const sorted = [...offsets].sort((a, b) => a - b);
    const gaps = sorted.map((offset, index) => ((sorted[index + 1] ?? (sorted[0] ?? 0) + 3600) - offset + 3600) % 3600);
    // Of 12 in an hour: 300 s each if they were even; at random a gap of 900 s would be no surprise.
    expect(Math.max(...gaps)).toBeLessThan(600);
    expect(Math.min(...gaps)).toBeGreaterThan(100);
  });

  it('starts the checks at its times, with what is active then', async () => {
    const { serverId, authProfileId, ids } = await monitored({ tool: 'ok.now' });
    await makeMonitors(scenario.deps, { orgId: scenario.org.orgId, serverId, authProfileId }, [
      { tool: 'paused', state: 'paused' },
    ]);
    await handle(serverId).trigger();
    const check = await until(
      'a check',
      async () => (await scenario.deps.db.check.findFirst({ where: { monitorId: ids[0] ?? '' } })) ?? undefined,
    );
    expect(check).toMatchObject({ outcome: 'pass', key: '' });
    expect(await scenario.deps.db.check.count({ where: { monitor: { serverId } } })).toBe(1);
  });

  it('starts a check that is asked for, once for each key', async () => {
    const { ids } = await monitored({ tool: 'ok.asked', intervalSeconds: 3600 });
    const [monitorId = ''] = ids;
    const asked = { orgId: scenario.org.orgId, monitorId, heartbeatSeconds: 4 };
    await Promise.all(['a', 'a', 'b'].map((key) => scenario.deps.temporal.startCheckNow({ ...asked, key })));
    const keys = () =>
      scenario.deps.db.check.findMany({ where: { monitorId, NOT: { key: '' } }, orderBy: { key: 'asc' } });
    await until('both checks', async () => (await keys()).length === 2);
    await scenario.deps.temporal.startCheckNow({ ...asked, key: 'a' });
    expect((await keys()).map(({ key, outcome }) => [key, outcome])).toEqual([
      ['a', 'pass'],
      ['b', 'pass'],
    ]);
    expect(target.calls.get('ok.asked')).toBe(2);
  });
});

describe('reconcile, of Schedules of monitors', () => {
  it('creates one that is lost, and follows a change that Temporal did not hear', async () => {
    const lost = await monitored();
    await handle(lost.serverId).delete();
    const unheard = await monitored({ follow: false });
    await reconciledUntil('both are there', async () => (await exists(lost.serverId)) && exists(unheard.serverId));
    const { revision, syncedRevision } = await rowOf(unheard.serverId);
    expect(syncedRevision).toBe(revision);
  });

  it('deletes one that is left over, or whose monitors are all paused', async () => {
    const { deps, org } = scenario;
    const left = newId();
    const spec = { orgId: org.orgId, serverId: left, serverName: 'Nobody', intervalSeconds: 300, offsetSeconds: 7 };
    await deps.temporal.syncMonitorSchedule({ ...spec, heartbeatSeconds: 4 }, false);
    const paused = await monitored();
    await deps.db.monitor.updateMany({ where: { serverId: paused.serverId }, data: { state: 'paused' } });
    await reconciledUntil('both are gone', async () => !(await exists(left, 300)) && !(await exists(paused.serverId)));
  });

  it('keeps the pause of an operator while all its monitors are paused', async () => {
    const { serverId, setState } = await monitored();
    await handle(serverId).pause('maintenance until Monday');
    await setState('paused');
    expect(await exists(serverId)).toBe(false);
    await setState('active');
    expect((await handle(serverId).describe()).state.paused).toBe(true);
    expect((await rowOf(serverId)).pausedByOperator).toBe(true);
  });

  it('repairs one that somebody changed', async () => {
    const { serverId } = await monitored();
    const { offsetSeconds } = await rowOf(serverId);
    await handle(serverId).update((before) => ({ ...before, spec: { intervals: [{ every: '7 minutes' }] } }));
    await reconciledUntil('its times are back', async () => {
      const [interval] = (await handle(serverId).describe()).spec.intervals ?? [];
      return interval?.every === 60_000 && interval.offset === offsetSeconds * 1000;
    });
    await handle(serverId).update((before) => ({ ...before, action: { ...before.action, args: [{}] } }));
    await reconciledUntil('what it starts is back', async () => {
      const { action } = await handle(serverId).describe();
      return JSON.stringify(action.args).includes(serverId);
    });
  });

  it('leaves one paused that an operator paused, and the row says so', async () => {
    const { serverId, changed } = await monitored();
    await handle(serverId).pause('maintenance until Monday');
    await reconciledUntil('the row says so', async () => (await rowOf(serverId)).pausedByOperator);
    await changed();
    const { state } = await handle(serverId).describe();
    expect(state).toMatchObject({ paused: true, note: 'maintenance until Monday' });
    const pausedUntil = new Date();
    await handle(serverId).unpause();
    await reconciledUntil('the row says that it goes on', async () => !(await rowOf(serverId)).pausedByOperator);
    // Nothing was missed before.
    expect((await rowOf(serverId)).recordedUntil.getTime()).toBeGreaterThanOrEqual(pausedUntil.getTime());
  });
});
