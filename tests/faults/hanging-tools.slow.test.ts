import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncMonitorSchedules } from '../../services/monitor/schedule/sync.ts';
import { makeMonitors, makeServer } from '../support/monitors.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { startFaulty } from '../support/targets/faulty.ts';
import { until } from './process.ts';

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

const count = 50;
const ticks = 2;

describe(`${count} hanging tools beside ${count} healthy ones on a one-minute schedule`, () => {
  it('keep no healthy one from its check in every minute, and have one recorded each themselves', async () => {
    const { deps, org } = scenario;
    const { orgId } = org;
    const server = await makeServer(deps, { orgId, url: target.url });
    const of = { orgId, serverId: server.serverId };
    // By turns, so that nothing in their order helps.
    const ids = await makeMonitors(
      deps,
      { orgId, ...server },
      Array.from({ length: 2 * count }, (_, index) => ({
        tool: index % 2 ? `fine.${index}` : `hang.${index}`,
        timeoutSeconds: 30,
      })),
    );
    const healthy = new Set(ids.filter((_, index) => index % 2));
    const offsetSeconds = (new Date().getUTCSeconds() + 5) % 60;
    await deps.db.monitorSchedule.create({ data: { ...of, intervalSeconds: 60, offsetSeconds } });
    await syncMonitorSchedules(deps, { ...of, intervals: [60] });

    const checks = () => deps.db.check.findMany({ where: { monitorId: { in: ids } } });
    const times = async () => {
      const complete = new Map<number, number>();
      for (const { scheduledAt } of await checks())
        complete.set(scheduledAt.getTime(), (complete.get(scheduledAt.getTime()) ?? 0) + 1);
      return [...complete].flatMap(([time, found]) => (found === 2 * count ? [time] : [])).sort();
    };
    const found = await until(
      `${ticks} ticks are complete`,
      async () => {
        const complete = await times();
        return complete.length >= ticks && complete;
      },
      { seconds: 60 * ticks + 30, everyMs: 1000 },
    );
    for (const [index, time] of found.entries()) if (index) expect(time - (found[index - 1] ?? 0)).toBe(60_000);
    const rows = (await checks()).filter(({ scheduledAt }) => found.includes(scheduledAt.getTime()));
    expect(rows).toHaveLength(found.length * 2 * count);
    const late = rows
      .filter(({ monitorId, outcome }) => healthy.has(monitorId) && outcome !== 'pass')
      .map(({ monitorId, outcome, excerpt }) => ({ monitorId, outcome, excerpt }));
    expect(late).toEqual([]);

    const hanging = rows.filter(({ monitorId }) => !healthy.has(monitorId));
    expect(new Set(hanging.map(({ errorKind }) => errorKind))).toEqual(new Set(['timeout', 'not_reached']));
    for (const { errorKind, excerpt, startedAt } of hanging) {
      if (errorKind === 'timeout') expect(excerpt).toMatch(/did not answer .* within 30 s/);
      else if (startedAt) expect(excerpt).toMatch(/^No answer within [\d.]+ s, then the batch ended/);
    }
    // What is known to hang waits behind what is not: others come to their end in the next minute.
    const ended = found.map(
      (time) =>
        new Set(
          hanging
            .filter(({ errorKind, scheduledAt }) => errorKind === 'timeout' && scheduledAt.getTime() === time)
            .map(({ monitorId }) => monitorId),
        ),
    );
    for (const each of ended) expect(each.size).toBeGreaterThan(0);
    expect([...(ended[0] ?? [])].filter((id) => ended[1]?.has(id))).toEqual([]);
    // Four calls at once; the server may still see those that were canceled when the next four begin.
    expect(target.open.most).toBeLessThanOrEqual(8);
  }, 240_000);
});
