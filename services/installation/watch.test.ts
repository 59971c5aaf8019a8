import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TaskQueue, taskQueues } from '../../domain/run/ids.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { listIncidents } from '../incident/list.ts';
import { watchInstallation } from './watch.ts';

let test: TestDeps;
let org: TestOrg;
let clock = new Date('2026-11-21T09:00:30Z');
let unhosted: readonly TaskQueue[] = [];
const pass = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * 60_000);
};

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
  const { config, temporal } = test.deps;
  test.deps.config = { ...config, providers: [providerNamed('acme')] };
  // Whether a worker polls is Temporal's to say (proved where workers are); here it is what each case needs.
  test.deps.temporal = { ...temporal, listUnhostedQueues: async () => [...unhosted] };
});
afterAll(async () => {
  await test?.close();
});
beforeEach(async () => {
  unhosted = [];
  pass(24 * 60);
  await test.deps.db.alertRule.updateMany({ data: { state: 'paused' } });
  org = await testOrg(test.deps);
});

const providerNamed = (name: string) => ({
  name,
  baseUrl: 'https://models.example.com/v1',
  apiKey: 'key',
  models: [{ id: 'large' }],
});

const watch = (state = 'watching') =>
  test.deps.db.alertRule.create({
    data: {
      id: newId(),
      orgId: org.orgId,
      name: 'Armature itself',
      targetKind: 'installation',
      destination: { kind: 'email', address: 'ada@example.com' },
      conditions: {},
      state,
      createdBy: 'system:built-in',
    },
  });
const look = async () => {
  pass(1);
  await watchInstallation(test.deps);
};
const open = async () =>
  (await listIncidents(org.ctx, { state: 'open' })).incidents.map(
    ({ subject, summary }) => `${subject.name}: ${summary}`,
  );
const told = async () =>
  (await test.deps.db.delivery.findMany({ where: { orgId: org.orgId }, orderBy: { createdAt: 'asc' } })).map(
    ({ kind, state }) => `${kind} ${state}`,
  );

describe('the watch over Armature itself', () => {
  it('does nothing while no rule is on', async () => {
    await watch('paused');
    unhosted = taskQueues;
    await look();
    expect(await open()).toEqual([]);
  });

  it('tells that no worker polls without one, once however often it is seen, and that one is back', async () => {
    await watch();
    await look();
    expect(await open()).toEqual([]);
    unhosted = taskQueues;
    await look();
    // Another process in the same minute, and the next minute.
    await watchInstallation(test.deps);
    await look();
    expect(await open()).toEqual([
      'Workers: No worker is running, so nothing is tested and no alerts are delivered. Start one (npm run worker), or read its log.',
    ]);
    expect(await told()).toEqual(['opened outbox']);
    unhosted = [];
    await look();
    expect(await open()).toEqual([]);
    expect(await told()).toEqual(['opened outbox', 'recovered pending']);
  });

  it('names the queues that no worker polls', async () => {
    await watch();
    unhosted = ['checks'];
    await look();
    expect(await open()).toEqual([
      'Workers: No worker hosts the queue checks, so no monitors are checked. Start a worker whose ARMATURE_QUEUES is empty or contains checks, or read its log.',
    ]);
  });

  it('finds monitors and workflows that are late', async () => {
    await watch();
    const { db } = test.deps;
    const { orgId } = org;
    const [serverId, profileId, monitorId, workflowId, versionId] = [newId(), newId(), newId(), newId(), newId()];
    const long = new Date(clock.getTime() - 3_600_000);
    await db.server.create({
      data: { id: serverId, orgId, name: 'Shop', transport: 'streamable_http', url: 'https://shop.example.com/mcp' },
    });
    await db.authProfile.create({
      data: { id: profileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
    });
    await db.monitor.create({
      data: {
        id: monitorId,
        orgId,
        serverId,
        authProfileId: profileId,
        name: 'Order',
        tool: 'get_order',
        arguments: {},
        argumentsKey: 'none',
        intervalSeconds: 60,
        updatedAt: long,
      },
    });
    await db.monitorSchedule.create({ data: { orgId, serverId, intervalSeconds: 60, offsetSeconds: 0 } });
    await db.monitorHealth.create({
      data: { orgId, monitorId, outcome: 'pass', checkedAt: clock, since: clock },
    });
    await db.workflow.create({
      data: { id: workflowId, orgId, serverId, name: 'Orders', activeVersionId: versionId, updatedAt: clock },
    });
    await db.workflowVersion.create({
      data: {
        id: versionId,
        orgId,
        workflowId,
        number: 1,
        createdBy: 'member:ada',
        definition: { testerModels: ['builtin/scripted'], schedule: '*/15 * * * *', timezone: 'UTC' },
      },
    });
    await look();
    expect(await open()).toEqual([]);
    pass(8);
    await look();
    expect(await open()).toEqual(['Schedules: Schedules are late: 1 monitor has missed two checks.']);
    pass(40);
    await look();
    expect(await open()).toEqual([
      'Schedules: Schedules are late: 1 monitor has missed two checks, 1 workflow has missed two runs.',
    ]);
    await db.monitorHealth.updateMany({ where: { orgId }, data: { checkedAt: clock } });
    await db.workflow.updateMany({ where: { orgId }, data: { updatedAt: clock } });
    await look();
    expect(await open()).toEqual([]);
    // What is late right after a time without a worker is a consequence of that.
    unhosted = taskQueues;
    pass(60);
    await look();
    unhosted = [];
    await look();
    expect(await open()).toEqual([]);
    pass(6);
    await look();
    expect(await open()).toEqual(['Schedules: Schedules are late: 1 monitor has missed two checks.']);
  });

  it('finds a provider that refuses its key, until a run is graded again', async () => {
    await watch();
    const { db } = test.deps;
    const { orgId } = org;
    const [serverId, workflowId, versionId] = [newId(), newId(), newId()];
    await db.server.create({
      data: { id: serverId, orgId, name: 'Shop', transport: 'streamable_http', url: 'https://shop.example.com/mcp' },
    });
    await db.workflow.create({ data: { id: workflowId, orgId, serverId, name: 'Orders', activeVersionId: versionId } });
    await db.workflowVersion.create({
      data: { id: versionId, orgId, workflowId, number: 1, createdBy: 'member:ada', definition: {} },
    });
    const run = (more: object) =>
      db.run.create({
        data: {
          id: newId(),
          orgId,
          workflowId,
          versionId,
          serverId,
          model: 'acme/large',
          trigger: 'scheduled',
          actorKind: 'system',
          actorId: 'schedule',
          createdAt: clock,
          finishedAt: clock,
          status: 'pass',
          ...more,
        },
      });
    await run({
      status: 'error',
      errorKind: 'model',
      errorMessage: 'acme refused its API key (401). Set a valid key for this provider.',
    });
    await look();
    expect(await open()).toEqual([
      'Model provider acme: The model provider acme refuses its API key, so runs end in errors. Set a valid key.',
    ]);
    await run({});
    await look();
    expect(await open()).toEqual([]);
  });
});
