import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alertMessage } from '../../domain/notification/message.ts';
import { alertConditions } from '../../domain/notification/rule.ts';
import { makeMonitors } from '../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { storeChecks } from '../check/store.ts';
import { newId } from '../context/ids.ts';
import { sweepIncidents } from './recording/sweep.ts';

let test: TestDeps;
let org: TestOrg;
let servers: { id: string; monitors: string[] }[];
let clock = new Date();
const passSeconds = (seconds: number) => {
  clock = new Date(clock.getTime() + seconds * 1000);
};
const count = 7;

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
});
afterAll(() => test?.close());
beforeEach(async () => {
  clock = new Date();
  org = await testOrg(test.deps);
  const { orgId } = org;
  const { db } = test.deps;
  servers = [];
  for (let index = 0; index < count; index++) {
    const [id, authProfileId] = [newId(), newId()];
    await db.server.create({
      data: { id, orgId, name: `Server ${index}`, transport: 'streamable_http', url: 'http://127.0.0.1:1/mcp' },
    });
    await db.authProfile.create({
      data: { id: authProfileId, orgId, serverId: id, name: 'Default', kind: 'none', isDefault: true },
    });
    // A batch of one check has no incident of its server.
    const tools = index === 0 ? ['a'] : ['a', 'b'];
    const monitors = await makeMonitors(
      test.deps,
      { orgId, serverId: id, authProfileId },
      tools.map((tool) => ({ tool })),
    );
    servers.push({ id, monitors });
  }
  await addRule('All', 'all_monitors');
  await addRule('Second', 'monitor', servers[1]?.monitors[0]);
  for (const { id } of servers) await batch(id, 'pass');
  passSeconds(60);
});

const addRule = (name: string, targetKind: string, targetId: string | null = null) =>
  test.deps.db.alertRule.create({
    data: {
      id: newId(),
      orgId: org.orgId,
      name,
      targetKind,
      targetId,
      destination: { kind: 'email', address: 'ada@example.com' },
      conditions: alertConditions.parse({}),
      createdBy: 'member:ada',
    },
  });

/** A batch of checks of one server, all with the same end. */
async function batch(serverId: string, outcome: 'pass' | 'down') {
  const server = servers.find(({ id }) => id === serverId);
  await storeChecks(test.deps, {
    orgId: org.orgId,
    serverId,
    scheduledAt: clock,
    key: '',
    checks: (server?.monitors ?? []).map((monitorId, index) => ({
      monitorId,
      name: `Monitor ${index}`,
      startedAt: clock,
      latencyMs: outcome === 'pass' ? 5 : null,
      outcome: outcome === 'pass' ? ('pass' as const) : ('error' as const),
      errorKind: outcome === 'pass' ? null : ('unreachable' as const),
      serverFailure: outcome === 'pass' ? null : 'connection refused',
      authProfileId: newId(),
      refusal: null,
      excerpt: outcome === 'pass' ? null : 'The connection was refused.',
      resultBytes: null,
      degradedBy: [],
      attempts: 1,
      maintenance: false,
    })),
  });
}
/** One minute, in which each server is checked in its turn. @param down the first ones, or by number */
async function minute(isDown: (index: number) => boolean) {
  for (const [index, { id }] of servers.entries()) {
    await batch(id, isDown(index) ? 'down' : 'pass');
    passSeconds(60 / count);
  }
  await sweepIncidents(test.deps);
}
const told = async () => {
  const rows = await test.deps.db.delivery.findMany({
    where: { orgId: org.orgId },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    include: { rule: true },
  });
  return rows.map(({ rule, kind, message }) => `${rule.name}: ${kind}: ${alertMessage.parse(message).title}`);
};

describe('most servers that fail at the same time', () => {
  it('are told in one message by each rule, with their names, and in one when they are back', async () => {
    for (let minutes = 0; minutes < 4; minutes++) await minute((index) => index < 5);
    expect((await told()).sort()).toEqual([
      'All: opened: Outage of 5 of 7 servers: they do not answer',
      'Second: opened: Outage of 5 of 7 servers: they do not answer',
    ]);
    const row = await test.deps.db.delivery.findFirstOrThrow({ where: { orgId: org.orgId } });
    const { lines } = alertMessage.parse(row.message);
    expect(lines[0]).toContain('Armature itself');
    expect(lines[1]).toBe('Server 0, Server 1, Server 2, Server 3, Server 4');
    await minute(() => false);
    await minute(() => false);
    expect((await told()).slice(2).sort()).toEqual([
      'All: recovered: Outage of 5 of 7 servers is over',
      'Second: recovered: Outage of 5 of 7 servers is over',
    ]);
    for (let minutes = 0; minutes < 15; minutes++) await minute(() => false);
    expect(await told()).toHaveLength(4);
    expect(await test.deps.db.incident.count({ where: { orgId: org.orgId, closedAt: null } })).toBe(0);
  });

  it('notify on their own when they still fail ten minutes after the others are back', async () => {
    for (let minutes = 0; minutes < 4; minutes++) await minute((index) => index < 5);
    const before = (await told()).length;
    for (let minutes = 0; minutes < 9; minutes++) await minute((index) => index < 2);
    expect((await told()).slice(before).filter((line) => line.includes('opened'))).toEqual([]);
    for (let minutes = 0; minutes < 4; minutes++) await minute((index) => index < 2);
    expect((await told()).filter((line) => /opened: (Server|Monitor)/.test(line)).sort()).toEqual(
      [
        'All: opened: Monitor Monitor 0 fails',
        'All: opened: Server Server 1 does not answer: connection refused',
        'Second: opened: Server Server 1 does not answer: connection refused',
      ].map((line) => line.replace('Monitor Monitor 0', 'Monitor a')),
    );
  });
});

describe('one server that fails', () => {
  it('is told once the others have answered since', async () => {
    await minute((index) => index === 1);
    await minute((index) => index === 1);
    expect((await told()).sort()).toEqual([
      'All: opened: Server Server 1 does not answer: connection refused',
      'Second: opened: Server Server 1 does not answer: connection refused',
    ]);
  });

  it('is told after two and a half minutes at the latest', async () => {
    await batch(servers[1]?.id ?? '', 'down');
    for (let seconds = 0; seconds < 120; seconds += 60) {
      passSeconds(60);
      await sweepIncidents(test.deps);
      expect(await told()).toEqual([]);
    }
    passSeconds(60);
    await sweepIncidents(test.deps);
    expect(await told()).toHaveLength(2);
  });
});
