import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckOutcome } from '../../domain/monitor/monitor.ts';
import { alertConditions } from '../../domain/notification/rule.ts';
import { makeMonitors } from '../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { type Scripted, startScripted } from '../../tests/support/targets/scripted.ts';
import { newId } from '../context/ids.ts';
import { readPublicStatus } from '../status-page/read-public.ts';
import { saveStatusPage } from '../status-page/save.ts';
import { createCheckRecorder } from './recorder.ts';
import type { CheckRow } from './result.ts';
import { runChecks } from './run-batch.ts';
import { storeChecks } from './store.ts';

let test: TestDeps;
let org: TestOrg;
let serverId: string;
let monitors: string[];
let clock = new Date();
const passMinutes = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * 60_000);
};

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
});
afterAll(() => test?.close());
beforeEach(async () => {
  clock = new Date();
  org = await testOrg(test.deps);
  serverId = newId();
  const { orgId } = org;
  const { db } = test.deps;
  await db.server.create({
    data: { id: serverId, orgId, name: 'Shop', transport: 'streamable_http', url: 'http://127.0.0.1:1/mcp' },
  });
  const authProfileId = newId();
  await db.authProfile.create({
    data: { id: authProfileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
  });
  monitors = await makeMonitors(test.deps, { orgId, serverId, authProfileId }, [{ tool: 'a' }, { tool: 'b' }]);
  await db.alertRule.create({
    data: {
      id: newId(),
      orgId,
      name: 'Rule',
      targetKind: 'all_monitors',
      destination: { kind: 'email', address: 'ada@example.com' },
      conditions: alertConditions.parse({}),
      createdBy: 'member:ada',
    },
  });
});

/** Checks of the monitors in their order; `error` is a time-out. */
async function store(
  outcomes: CheckOutcome[],
  { at = clock, key = '', maintenance = false }: { at?: Date; key?: string; maintenance?: boolean } = {},
) {
  const checks = outcomes.map((outcome, index) => ({
    monitorId: monitors[index] ?? '',
    name: `Monitor ${index}`,
    startedAt: at,
    latencyMs: outcome === 'error' ? null : 20 + index,
    outcome,
    errorKind: outcome === 'error' ? ('timeout' as const) : null,
    excerpt: outcome === 'pass' ? null : 'It broke.',
    resultBytes: null,
    degradedBy: outcome === 'degraded' ? ['It was slow.'] : [],
    attempts: 1,
    maintenance,
    serverFailure: outcome === 'error' ? 'timed out' : null,
    authProfileId: serverId,
    refusal: null,
  }));
  return storeChecks(test.deps, { orgId: org.orgId, serverId, scheduledAt: at, key, checks });
}
const openIncidents = async () =>
  (
    await test.deps.db.incident.findMany({
      where: { orgId: org.orgId, closedAt: null },
      orderBy: { subjectKind: 'asc' },
    })
  ).map(({ subjectKind }) => subjectKind);
const health = (index = 0) => test.deps.db.monitorHealth.findFirst({ where: { monitorId: monitors[index] ?? '' } });
const states = async () => {
  const organization = await test.deps.db.organization.findUniqueOrThrow({ where: { id: org.orgId } });
  const { servers } = await readPublicStatus(org.ctx, { slug: organization.slug });
  return servers.flatMap((server) => server.monitors.map(({ state }) => state));
};
const publish = () =>
  saveStatusPage(org.ctx, { enabled: true, title: 'Status', description: '', serverIds: [serverId] });

describe('a monitor that has never passed', () => {
  it('shows its failure, opens no incident, and is not on the status page', async () => {
    await publish();
    await store(['error', 'error']);
    passMinutes(1);
    expect(await store(['error', 'fail'])).toMatchObject({ written: 2, deliveries: [] });
    expect(await openIncidents()).toEqual([]);
    expect(await health()).toMatchObject({ outcome: 'error', consecutiveFailures: 2 });
    expect(await states()).toEqual([]);
    passMinutes(1);
    await store(['pass', 'fail']);
    expect(await states()).toEqual(['operational']);
    passMinutes(1);
    await store(['fail', 'fail']);
    expect(await openIncidents()).toEqual(['monitor']);
    expect(await states()).toEqual(['failing']);
  });

  it('counts as a check of its server, beside one that has passed', async () => {
    await store(['pass', 'fail']);
    passMinutes(1);
    await store(['error', 'error']);
    expect(await openIncidents()).toEqual(['monitor', 'server']);
  });
});

describe('a check of a monitor that is not active', () => {
  it.each(['paused', 'archived'])('is listed and changes nothing else: %s', async (state) => {
    await store(['pass', 'pass']);
    const before = await health();
    await test.deps.db.monitor.updateMany({
      where: { id: monitors[0] ?? '' },
      data: { state, archivedAt: state === 'archived' ? clock : null },
    });
    for (const key of ['', 'asked']) {
      passMinutes(1);
      expect(await store(['fail', 'pass'], { key })).toMatchObject({ written: 2, deliveries: [] });
    }
    expect(await openIncidents()).toEqual([]);
    expect(await health()).toEqual(before);
    const where = { monitorId: monitors[0] ?? '' };
    expect(await test.deps.db.checkDay.findMany({ where, select: { pass: true, fail: true } })).toEqual([
      { pass: 1, fail: 0 },
    ]);
    expect(await test.deps.db.check.count({ where })).toBe(3);
  });
});

it('opens no incident in maintenance, and closes one that is over', async () => {
  await store(['pass', 'pass']);
  passMinutes(1);
  await store(['fail', 'pass']);
  for (const [outcomes, open] of [
    [['error', 'error'], ['monitor']],
    [['pass', 'fail'], []],
    [['error', 'error'], []],
  ] as const) {
    passMinutes(1);
    await store([...outcomes], { maintenance: true });
    expect(await openIncidents()).toEqual(open);
  }
  passMinutes(1);
  await store(['pass', 'fail']);
  expect(await openIncidents()).toEqual(['monitor']);
});

describe('a clock that ran ahead', () => {
  const hours = (count: number) => new Date(clock.getTime() + count * 3_600_000);

  it.each(['pass', 'fail'] as const)('and left a %s in the future blinds nobody', async (outcome) => {
    await publish();
    await store(['pass', 'pass']);
    // The clock of the worker is three hours ahead, and then right again.
    const right = clock;
    clock = hours(3);
    await store([outcome, 'pass']);
    clock = right;
    for (const seen of ['fail', 'fail', 'fail', 'pass'] as const) {
      passMinutes(1);
      await store([seen, 'pass']);
      expect(await health()).toMatchObject({ outcome: seen, checkedAt: clock });
      expect(await openIncidents()).toEqual(seen === 'fail' ? ['monitor'] : []);
      expect((await states()).sort()).toEqual(
        [...(seen === 'fail' ? ['failing'] : ['operational']), 'operational'].sort(),
      );
    }
    const kinds = (await test.deps.db.delivery.findMany({ where: { orgId: org.orgId } })).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['opened', 'recovered']);
    const [incident] = await test.deps.db.incident.findMany({ where: { orgId: org.orgId } });
    expect(incident?.openedAt.getTime()).toBeLessThanOrEqual(incident?.closedAt?.getTime() ?? 0);
  });

  it('leaves the time of a batch that is due in the future at now', async () => {
    const batch = { serverId, intervalSeconds: 60, scheduledAt: hours(3).toISOString() };
    const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
    expect(await runChecks(org.asSystem(), { ...batch, attempt })).toMatchObject({ checks: 2 });
    expect(await health()).toMatchObject({ checkedAt: clock });
  });
});

describe('a batch whose server refuses the auth profile', () => {
  const refused = new Set<string>();
  let guarded: Scripted;
  beforeAll(async () => {
    guarded = await startScripted({
      'tools/call': ({ params }, response) => {
        if (!refused.has(String(params?.name))) return { result: { content: [{ type: 'text', text: 'done' }] } };
        response.writeHead(401, { 'content-type': 'text/plain' }).end('The token has expired.');
        return undefined;
      },
    });
  });
  afterAll(() => guarded.close());
  beforeEach(() => test.deps.db.server.updateMany({ where: { id: serverId }, data: { url: guarded.url } }));

  const run = async (...tools: string[]) => {
    refused.clear();
    for (const tool of tools) refused.add(tool);
    passMinutes(1);
    const batch = { serverId, intervalSeconds: 60, scheduledAt: clock.toISOString() };
    const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
    await runChecks(org.asSystem(), { ...batch, attempt });
    return openIncidents();
  };

  it('opens one incident of the profile when all checks get the same answer, until one gets through', async () => {
    expect(await run()).toEqual([]);
    expect(await run('a')).toEqual(['monitor']);
    expect(await run('a', 'b')).toEqual(['auth_profile', 'monitor', 'monitor']);
    const where = { orgId: org.orgId, subjectKind: 'auth_profile' };
    const { summary } = await test.deps.db.incident.findFirstOrThrow({ where });
    expect(summary).toMatch(
      /^Every check with this auth profile is refused \(HTTP 401 Unauthorized\): .*The token has expired\./,
    );
    expect(await run('b')).toEqual(['monitor']);
    const kinds = await test.deps.db.delivery.findMany({ where: { orgId: org.orgId }, include: { incident: true } });
    expect(kinds.map(({ kind, incident }) => `${kind} ${incident?.subjectKind}`).sort()).toEqual([
      'opened auth_profile',
      'opened monitor',
      'opened monitor',
      'recovered auth_profile',
      'recovered monitor',
    ]);
  });

  it('is not refused when an earlier check of the batch got through, which another attempt has written', async () => {
    await store(['pass', 'pass']);
    const profileId = newId();
    const of = { orgId: org.orgId, serverId, scheduledAt: clock, key: '', answered: true };
    const add = (notRefused: string[], rows: CheckRow[]) => {
      passMinutes(1);
      const batch = { ...of, scheduledAt: clock, notRefused: new Set(notRefused) };
      const recorder = createCheckRecorder(test.deps, batch, (error) => expect.fail(String(error)));
      for (const row of rows) recorder.add(row);
      return recorder.finish();
    };
    const row = (index: number, refusal: string | null): CheckRow => ({
      monitorId: monitors[index] ?? '',
      name: 'Monitor',
      authProfileId: profileId,
      startedAt: clock,
      latencyMs: 5,
      outcome: refusal === null ? 'pass' : 'error',
      errorKind: refusal === null ? null : 'auth',
      serverFailure: null,
      refusal,
      excerpt: null,
      resultBytes: null,
      degradedBy: [],
      attempts: 1,
      maintenance: false,
    });
    const refusal = 'HTTP 403 Forbidden';
    expect(await add([profileId], [row(0, refusal), row(1, refusal)])).toMatchObject({ checks: 2 });
    expect(await openIncidents()).toEqual(['monitor', 'monitor']);
    expect(await add([], [row(0, refusal), row(1, null)])).toMatchObject({ checks: 2 });
    expect(await openIncidents()).toEqual(['monitor']);
    expect(await add([], [row(0, refusal), row(1, refusal)])).toMatchObject({ checks: 2 });
    expect(await openIncidents()).toEqual(['auth_profile', 'monitor', 'monitor']);
  });
});

it('keeps the smallest and the largest latency of an hour and a day', async () => {
  await store(['pass', 'pass']);
  passMinutes(1);
  await store(['error', 'degraded']);
  const select = { monitorId: true, minMs: true, maxMs: true };
  const where = { orgId: org.orgId };
  const expected = [
    { monitorId: monitors[0], minMs: 20, maxMs: 20 },
    { monitorId: monitors[1], minMs: 21, maxMs: 21 },
  ];
  const days = await test.deps.db.checkDay.findMany({ where, select, distinct: ['monitorId'] });
  expect(days).toEqual(expect.arrayContaining(expected));
});
