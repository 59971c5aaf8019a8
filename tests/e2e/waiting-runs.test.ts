import { afterAll, beforeAll, expect, it } from 'vitest';
import { admitRun, findAdmissible } from '../../infra/db/queries/run-admission.ts';
import { newId } from '../../services/context/ids.ts';
import { reconcileRuns } from '../../services/installation/reconcile/runs.ts';
import { cancelRun } from '../../services/run/dispatch/cancel.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { until } from '../faults/process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';

let scenario: Scenario;
let workflowId: string;

beforeAll(async () => {
  scenario = await startScenario({ env: { ARMATURE_MAX_CONCURRENT_RUNS: '2' } });
  workflowId = await scenario.workflow();
});
afterAll(() => scenario?.close());

const read = async (runId: string) => {
  const { run, waiting } = await getRun(scenario.ctx, { runId });
  return { status: run.status, waiting };
};
const waits = (runId: string) =>
  until(`run ${runId} waits`, async () => ((await read(runId)).waiting ? true : undefined), { seconds: 60 });
const runs = (runId: string) =>
  until(`run ${runId} runs`, async () => ((await read(runId)).status === 'running' ? true : undefined), {
    seconds: 60,
  });

it('wait for others of their workspace, and begin in the order in which they came', async () => {
  scenario.shop.control.set({ hold: ['search_products'] });
  const ids: string[] = [];
  for (let number = 0; number < 5; number++) {
    const id = await scenario.dispatch(workflowId);
    ids.push(id);
    await (number < 2 ? runs(id) : waits(id));
  }
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = ids;
  expect(await read(third)).toEqual({
    status: 'pending',
    waiting: { since: expect.any(String), maxConcurrentRuns: 2 },
  });

  // One that is canceled while it waits ends, and gives its turn to the next.
  await cancelRun(scenario.ctx, { runId: third });
  expect((await scenario.finished(third)).run).toMatchObject({ error: { kind: 'canceled' }, startedAt: null });
  await cancelRun(scenario.ctx, { runId: first });
  await scenario.finished(first);
  await runs(fourth);
  expect(await read(fifth)).toMatchObject({ status: 'pending' });
  expect(await scenario.deps.db.run.count({ where: { orgId: scenario.org.orgId, status: 'running' } })).toBe(2);

  scenario.shop.control.set({ hold: [] });
  for (const id of [second, fourth, fifth]) expect((await scenario.finished(id)).run.status).toBe('pass');
});

it('begin by reconcile when the process that ended a run died before it woke them', async () => {
  scenario.shop.control.set({ hold: ['search_products'] });
  const first = await scenario.dispatch(workflowId);
  await runs(first);
  const [second, third] = [await scenario.dispatch(workflowId), await scenario.dispatch(workflowId)];
  const waiting = await until(
    'one waits',
    async () => {
      const found = await Promise.all([second, third].map(async (id) => ({ id, ...(await read(id)) })));
      return found.find((run) => run.waiting)?.id;
    },
    { seconds: 60 },
  );
  // The row ends, and nobody says so.
  await scenario.deps.db.run.updateMany({
    where: { orgId: scenario.org.orgId, id: first },
    data: { status: 'error', errorKind: 'abandoned', finishedAt: new Date() },
  });
  expect((await read(waiting)).status).toBe('pending');
  await reconcileRuns(scenario.deps, { onProgress: () => {} });
  await runs(waiting);
  scenario.shop.control.set({ hold: [] });
  expect((await scenario.finished(waiting)).run.status).toBe('pass');
});

it('are admitted one after the other, however many ask at the same time', async () => {
  const { db } = scenario.deps;
  const { orgId } = scenario.org;
  const { activeVersionId } = await db.workflow.findUniqueOrThrow({ where: { orgId_id: { orgId, id: workflowId } } });
  const ids = Array.from({ length: 20 }, () => newId());
  await db.run.createMany({
    data: ids.map((id) => ({
      id,
      orgId,
      workflowId,
      versionId: activeVersionId,
      serverId: scenario.serverId,
      model: 'builtin/scripted',
      trigger: 'manual',
      actorKind: 'system',
      actorId: 'test',
    })),
  });
  const ask = (runId: string) =>
    db.$transaction((tx) => admitRun(tx, { orgId, runId, most: 3, now: new Date() }), {
      timeout: 60_000,
      maxWait: 60_000,
    });
  const admitted = async (runIds: readonly string[]) => {
    const answers = await Promise.all(runIds.map(async (id) => ({ id, isIn: await ask(id) })));
    return answers.flatMap(({ id, isIn }) => (isIn ? [id] : []));
  };
  const first = await admitted(ids);
  expect(first).toHaveLength(3);
  // An activity may run twice: who is in stays in, who waits keeps its place.
  const order = async () => (await findAdmissible(db, { orgId, most: null })).filter((id) => ids.includes(id));
  const before = await order();
  expect(before).toHaveLength(17);
  expect((await admitted(ids)).sort()).toEqual(first.sort());
  expect(await order()).toEqual(before);
  // One ends: the one that has waited longest is next, and nobody else.
  await db.run.updateMany({ where: { id: first[0] ?? '' }, data: { status: 'pass', finishedAt: new Date() } });
  expect(await findAdmissible(db, { orgId, most: 3 })).toEqual(before.slice(0, 1));
  expect(await admitted(before.toReversed())).toEqual(before.slice(0, 1));
  await db.run.updateMany({
    where: { id: { in: ids }, finishedAt: null },
    data: { status: 'error', errorKind: 'abandoned', finishedAt: new Date() },
  });
});
