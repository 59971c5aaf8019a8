import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { nextFireTimes } from '../../domain/schedule/schedule.ts';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { createTemporal } from '../../infra/temporal/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { archiveServer } from '../server/archive.ts';
import { connectServer } from '../server/connect.ts';
import { getServer } from '../server/reading/get.ts';
import { archiveWorkflow } from './archive.ts';
import { createWorkflow } from './create.ts';
import { pauseWorkflow } from './pause.ts';
import { getWorkflow } from './reading/get.ts';
import { resumeWorkflow } from './resume.ts';
import { saveWorkflow } from './save.ts';
import { syncSchedule } from './sync-schedule.ts';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
let serverId: string;

beforeAll(async () => {
  test = await testDeps({ env: { ARMATURE_HEARTBEAT_SECONDS: '9' } });
  org = await testOrg(test.deps, { role: 'admin' });
  shop = await startShopServer();
  serverId = await connect();
});
afterAll(async () => {
  await shop.close();
  await test.close();
});

async function connect(): Promise<string> {
  const auth = { kind: 'none' as const };
  const made = await connectServer(org.ctx, { name: 'Shop', transport: 'streamable_http', url: shop.url, auth });
  return made.serverId ?? '';
}

const cron = '30 9 * * 1-5';
const create = (more: { schedule?: string | null; serverId?: string } = {}, deps: Deps = test.deps) =>
  createWorkflow(
    { ...org.ctx, deps },
    {
      definition: {
        // Another name each time: one that is taken is a warning.
        name: `Order a mug ${newId()}`,
        serverId,
        testerModels: ['builtin/scripted'],
        judgeModel: 'builtin/assertions',
        prompt: 'call list_orders {"reference": "none"}',
        criteria: [{ text: 'no tool call fails' }],
        schedule: cron,
        timezone: 'Europe/Berlin',
        ...more,
      },
    },
  );
const handleOf = (workflowId: string) =>
  test.deps.temporal.client.schedule.getHandle(
    temporalNames(test.deps.config.installation).workflowSchedule(workflowId),
  );
/** As it stands in Temporal, held against the row; null when there is none. */
const check = async (workflowId: string, more: { cron?: string; name?: string } = {}) =>
  test.deps.temporal.checkSchedule({
    workflowId,
    orgId: org.orgId,
    serverId,
    name: 'Order a mug',
    cron,
    timezone: 'Europe/Berlin',
    heartbeatSeconds: 9,
    ...more,
  });
const rowOf = (id: string) => test.deps.db.workflow.findFirstOrThrow({ where: { id } });

describe("a workflow's Schedule", () => {
  it('follows its creation, its saves, its pauses and its archiving', async () => {
    const { workflow, version, warnings } = await create();
    const { id: workflowId } = workflow;
    expect(warnings).toEqual([]);
    expect(await check(workflowId)).toMatchObject({ changed: false, pausedByOperator: false });

    const saved = await saveWorkflow(org.ctx, {
      workflowId,
      baseVersionId: version.id,
      changes: { schedule: '0 7 * * *' },
    });
    expect(await check(workflowId)).toMatchObject({ changed: true });
    expect(await check(workflowId, { cron: '0 7 * * *' })).toMatchObject({ changed: false });

    await pauseWorkflow(org.ctx, { workflowId });
    expect(await check(workflowId)).toBeNull();
    await resumeWorkflow(org.ctx, { workflowId });
    expect(await check(workflowId, { cron: '0 7 * * *' })).toMatchObject({ changed: false });

    const manual = { workflowId, baseVersionId: saved.version.id, changes: { schedule: null } };
    const last = await saveWorkflow(org.ctx, manual);
    expect(await check(workflowId)).toBeNull();
    await saveWorkflow(org.ctx, { workflowId, baseVersionId: last.version.id, changes: { schedule: cron } });
    expect(await check(workflowId)).toMatchObject({ changed: false });
    await archiveWorkflow(org.ctx, { workflowId });
    expect(await check(workflowId)).toBeNull();
    const row = await rowOf(workflowId);
    expect(row.scheduleSyncedRevision).toBe(row.scheduleRevision);
  });

  it('has the next fire times and the label of its time zone', async () => {
    const { workflow } = await create();
    const got = await getWorkflow(org.ctx, { workflowId: workflow.id });
    expect(got.scheduleLabel).toContain('(Europe/Berlin)');
    expect(got.nextFireTimes).toEqual(
      nextFireTimes(cron, 'Europe/Berlin', new Date(), 5).map((time) => time.toISOString()),
    );
    await pauseWorkflow(org.ctx, { workflowId: workflow.id });
    expect((await getWorkflow(org.ctx, { workflowId: workflow.id })).nextFireTimes).toEqual([]);
  });

  it('that an operator paused stays paused, and the workflow says so', async () => {
    const { workflow, version } = await create();
    const { id: workflowId } = workflow;
    await handleOf(workflowId).pause('maintenance');
    await saveWorkflow(org.ctx, { workflowId, baseVersionId: version.id, changes: { name: 'Renamed' } });
    expect(await check(workflowId)).toMatchObject({ changed: false, pausedByOperator: true });
    const got = await getWorkflow(org.ctx, { workflowId });
    expect(got).toMatchObject({ workflow: { schedulePausedByOperator: true, state: 'active' }, nextFireTimes: [] });
    await pauseWorkflow(org.ctx, { workflowId });
    expect(await check(workflowId)).toBeNull();
    await resumeWorkflow(org.ctx, { workflowId });
    expect(await check(workflowId, { name: 'Renamed' })).toMatchObject({ changed: false, pausedByOperator: true });
    expect((await rowOf(workflowId)).schedulePausedByOperator).toBe(true);
    await handleOf(workflowId).unpause();
    await syncSchedule(test.deps, { orgId: org.orgId, workflowId });
    expect((await rowOf(workflowId)).schedulePausedByOperator).toBe(false);
  });

  it('is a warning while Temporal is away, and is repaired by a later sync', async () => {
    const temporal = createTemporal({ address: '127.0.0.1:1', namespace: 'default', installation: '' });
    try {
      const { workflow, warnings } = await create({}, { ...test.deps, temporal });
      const { id: workflowId } = workflow;
      expect(warnings).toMatchObject([{ code: 'schedule_not_synced' }]);
      expect(workflow.scheduleSynced).toBe(false);
      expect(await rowOf(workflowId)).toMatchObject({ scheduleRevision: 1, scheduleSyncedRevision: 0 });
      expect(await check(workflowId)).toBeNull();
      const { updatedAt } = await rowOf(workflowId);
      await syncSchedule(test.deps, { orgId: org.orgId, workflowId });
      expect(await check(workflowId)).toMatchObject({ changed: false });
      expect(await rowOf(workflowId)).toMatchObject({ scheduleSyncedRevision: 1, updatedAt });
    } finally {
      await temporal.close();
    }
  });

  it('is not marked as synced for a newer save, which it then follows', async () => {
    const { workflow, version } = await create();
    const { id: workflowId } = workflow;
    const written: string[] = [];
    const syncOld: Deps['temporal']['syncSchedule'] = async (spec, pausedBefore) => {
      written.push(spec.cron);
      // A save comes in between the reading of the row and the writing of the Schedule.
      if (written.length === 1)
        await saveWorkflow(org.ctx, { workflowId, baseVersionId: version.id, changes: { schedule: '0 8 * * *' } });
      return test.deps.temporal.syncSchedule(spec, pausedBefore);
    };
    const deps = { ...test.deps, temporal: { ...test.deps.temporal, syncSchedule: syncOld } };
    await syncSchedule(deps, { orgId: org.orgId, workflowId });
    expect(written).toEqual([cron, '0 8 * * *']);
    expect(await check(workflowId, { cron: '0 8 * * *' })).toMatchObject({ changed: false });
    const row = await rowOf(workflowId);
    expect(row.scheduleSyncedRevision).toBe(row.scheduleRevision);
  });

  it('stops with the server that is deleted', async () => {
    const doomed = await connect();
    const [one, two] = [await create({ serverId: doomed }), await create({ serverId: doomed, schedule: null })];
    const { archivedWorkflows, warnings } = await archiveServer(org.ctx, { serverId: doomed });
    expect([...archivedWorkflows].sort()).toEqual([one.workflow.id, two.workflow.id].sort());
    expect(warnings).toEqual([]);
    expect(await check(one.workflow.id)).toBeNull();
    const { workflows } = await getServer(org.ctx, { serverId: doomed });
    expect(workflows.map(({ state }) => state)).toEqual(['archived', 'archived']);
    const late = await create({ serverId: doomed });
    expect(late.warnings).toMatchObject([{ code: 'mcp_server_archived' }]);
  });
});
