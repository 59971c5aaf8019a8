import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMonitors, makeServer } from '../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { readiness } from './readiness.ts';
import { showStandstill } from './standstill.ts';

let test: TestDeps;
let org: TestOrg;
let monitorId: string;
let server: { serverId: string; authProfileId: string };
const start = Date.parse('2026-11-21T09:00:30Z');
let clock = new Date(start);

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
  test.deps.temporal = { ...test.deps.temporal, listUnhostedQueues: async () => [] };
  org = await testOrg(test.deps);
  server = await makeServer(test.deps, { orgId: org.orgId, url: 'http://127.0.0.1:9/mcp' });
});
afterAll(() => test?.close());

const atMinute = (minute: number) => new Date(start + minute * 60_000);
const parts = async (minute: number, by = org) => {
  clock = atMinute(minute);
  return (await showStandstill(by.ctx, {})).map(({ part }) => part);
};
const checked = (minute: number) => {
  const checkedAt = atMinute(minute);
  const health = { orgId: org.orgId, monitorId, outcome: 'pass', checkedAt, since: checkedAt };
  return test.deps.db.monitorHealth.upsert({
    where: { orgId_monitorId: { orgId: org.orgId, monitorId } },
    create: health,
    update: health,
  });
};

describe('checks stand still', () => {
  beforeAll(async () => {
    const [id = ''] = await makeMonitors(test.deps, { orgId: org.orgId, ...server }, [{ tool: 'get_order' }]);
    monitorId = id;
    await test.deps.db.monitorSchedule.create({
      data: { orgId: org.orgId, serverId: server.serverId, intervalSeconds: 60, offsetSeconds: 10 },
    });
    await test.deps.db.monitor.update({ where: { id: monitorId }, data: { updatedAt: atMinute(0) } });
  });

  it('five minutes after a due time that nobody used', async () => {
    expect(await parts(4)).toEqual([]);
    expect(await parts(7)).toEqual(['checks']);
    await checked(6);
    expect(await parts(7)).toEqual([]);
    expect(await parts(10)).toEqual([]);
    expect(await parts(13)).toEqual(['checks']);
  });

  it('in the words of /readyz too, without the names of anything', async () => {
    clock = atMinute(13);
    const state = await readiness({ deps: test.deps, actor: { kind: 'visitor', id: 'probe' }, requestId: newId() }, {});
    expect(state).toMatchObject({
      ready: true,
      missing: [],
      warnings: [
        { part: 'checks', message: expect.stringContaining('although 1 monitor was due. Make sure that a worker') },
      ],
    });
  });

  it('for nobody else', async () => {
    expect(await parts(13, await testOrg(test.deps))).toEqual([]);
  });

  it('not where the latest check is from a clock that ran ahead', async () => {
    await checked(60 * 24);
    expect(await parts(13)).toEqual(['checks']);
    await checked(12);
    expect(await parts(13)).toEqual([]);
  });

  it('not while the monitor or its Schedule is paused', async () => {
    const { db } = test.deps;
    expect(await parts(30)).toEqual(['checks']);
    await db.monitorSchedule.updateMany({ where: { orgId: org.orgId }, data: { pausedByOperator: true } });
    expect(await parts(30)).toEqual([]);
    await db.monitorSchedule.updateMany({ where: { orgId: org.orgId }, data: { pausedByOperator: false } });
    await db.monitor.update({ where: { id: monitorId }, data: { state: 'paused' } });
    expect(await parts(30)).toEqual([]);
  });
});

describe('deliveries stand still', () => {
  it('when the first of an incident was not tried for five minutes', async () => {
    const { db } = test.deps;
    const { orgId } = org;
    const ruleId = newId();
    await db.alertRule.create({
      data: {
        id: ruleId,
        orgId,
        name: 'All monitors',
        targetKind: 'installation',
        destination: { kind: 'email', address: 'ada@example.com' },
        conditions: {},
        state: 'paused',
        createdBy: 'system:built-in',
      },
    });
    const id = newId();
    await db.delivery.create({
      data: { id, orgId, ruleId, kind: 'test', ordinal: 1, destination: {}, message: {}, createdAt: atMinute(0) },
    });
    expect(await parts(4)).toEqual([]);
    expect(await parts(6)).toEqual(['deliveries']);
    await db.delivery.update({ where: { id }, data: { attempts: 1 } });
    expect(await parts(6)).toEqual([]);
  });
});
