import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalNames } from '../../../domain/run/ids.ts';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import { connectServer } from '../../../services/server/connect.ts';
import type { RunningWorker } from '../../../worker/start.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../support/setup/context.ts';
import { startTestWorker } from '../../support/setup/worker.ts';
import { type RestApi, send as sendTo, startRest } from './client.ts';

let test: TestDeps;
let shop: ShopServer;
let api: RestApi;
let worker: RunningWorker;
let org: TestOrg;
/** Several, since each has a rate limit of its own. */
let keys: string[];
let sent = 0;
let serverId: string;

beforeAll(async () => {
  test = await testDeps();
  shop = await startShopServer();
  await test.deps.temporal.ensureSearchAttributes();
  api = await startRest(test.deps);
  worker = await startTestWorker(test.deps);
  org = await testOrg(test.deps);
  const address = { transport: 'streamable_http' as const, url: shop.url, auth: { kind: 'none' as const } };
  const connected = await connectServer(org.as('admin'), { name: 'Shop', ...address });
  serverId = connected.serverId ?? '';
  const created = Array.from({ length: 10 }, (_, index) =>
    createApiKey(org.as('editor'), { name: `Key ${index}`, role: 'editor' }),
  );
  keys = (await Promise.all(created)).map(({ key }) => key);
});
afterAll(async () => {
  await worker?.stop();
  await api?.close();
  await shop?.close();
  await test?.close();
});

const send = (method: string, path: string, body?: object, idempotencyKey?: string) =>
  sendTo(`${api.url}${path}`, method, {
    key: keys[sent++ % keys.length] ?? null,
    ...(body && { body }),
    ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
  });
/** Requests at the same time. */
const together = <T>(count: number, request: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => request(index)));
const statusesOf = (answers: readonly { status: number }[]) => [...new Set(answers.map(({ status }) => status))].sort();

const workflow = { id: 'mugs', prompt: 'call search_products {"query": "mug"}', criteria: ['no tool call fails'] };
const files = (more: object = {}) => [
  { path: 'a.yaml', file: { version: 1, server: { name: 'Shop' }, workflows: [{ ...workflow, ...more }] } },
];
const plan = async (given = files()) => (await send('POST', '/code/plan', { files: given })).body.token;
async function createWorkflow(name: string) {
  const definition = { name, serverId, prompt: workflow.prompt, criteria: [{ text: 'no tool call fails' }] };
  const { body } = await send('POST', '/workflows', definition);
  return {
    workflowId: body.workflow.id,
    baseVersionId: body.currentVersion.id,
    path: `/workflows/${body.workflow.id}`,
  };
}

describe('50 equal requests with one key', () => {
  it('apply a plan once, and all get the answer of the first', async () => {
    const token = await plan();
    const answers = await together(50, () => send('POST', '/code/apply', { files: files(), token }, 'apply'));
    expect(statusesOf(answers)).toEqual([200]);
    for (const { body } of answers) expect(body).toEqual(answers[0]?.body);
    expect(answers[0]?.body.changes).toHaveLength(1);
    const applied = await test.deps.db.auditEvent.count({ where: { orgId: org.orgId, action: 'code.apply' } });
    expect(applied).toBe(1);
    expect(await test.deps.db.workflow.count({ where: { orgId: org.orgId, slug: 'mugs' } })).toBe(1);
  });

  it('start a run once, which is found for good', async () => {
    const { path, workflowId } = await createWorkflow('Once');
    const answers = await together(50, () => send('POST', `${path}/runs`, {}, 'a commit'));
    expect(statusesOf(answers)).toEqual([202]);
    const runIds = new Set(answers.flatMap(({ body }) => body.runs.map((run: { runId: string }) => run.runId)));
    expect(runIds.size).toBe(1);
    const [runId = ''] = [...runIds];
    await expect.poll(async () => (await send('GET', `/runs/${runId}`)).body.run.status).toBe('pass');
    expect(await send('POST', `${path}/runs`, {}, 'a commit')).toMatchObject({
      body: { runs: [{ runId, reused: true }] },
    });
    expect(await test.deps.db.run.count({ where: { orgId: org.orgId, workflowId } })).toBe(1);
  });
});

describe('concurrent saves', () => {
  it('of one version: one is saved, the others learn the current one', async () => {
    const { path, baseVersionId } = await createWorkflow('Saved');
    const answers = await together(20, (index) => send('PATCH', path, { baseVersionId, name: `Saved ${index}` }));
    const [saved, ...others] = [...answers].sort((a, b) => a.status - b.status);
    expect(saved).toMatchObject({ status: 200, body: { currentVersion: { number: 2 } } });
    for (const other of others)
      expect(other).toMatchObject({
        status: 409,
        body: { error: { code: 'base_version_stale', details: { currentVersionId: saved?.body.currentVersion.id } } },
      });
  });

  it('that start again from the current version are all saved, one after the other, and the Schedule follows the last', async () => {
    const { path, workflowId, baseVersionId: first } = await createWorkflow('Ordered');
    const saveUntilSaved = async (minute: number): Promise<{ number: number; minute: number }> => {
      let baseVersionId = first;
      for (;;) {
        const { status, body } = await send('PATCH', path, { baseVersionId, schedule: `${minute} * * * *` });
        if (status === 200) return { number: body.currentVersion.number, minute };
        expect(status).toBe(409);
        baseVersionId = body.error.details.currentVersionId;
      }
    };
    const saved = await together(8, (index) => saveUntilSaved(10 + index));
    saved.sort((a, b) => a.number - b.number);
    expect(saved.map(({ number }) => number)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const { body } = await send('GET', `${path}/versions`);
    expect(body.rows.map(({ number }: { number: number }) => number)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    const last = saved.at(-1)?.minute;
    const names = temporalNames(test.deps.config.installation);
    const schedule = test.deps.temporal.client.schedule.getHandle(names.workflowSchedule(workflowId));
    await expect
      .poll(async () => (await schedule.describe()).spec.calendars?.map(({ minute }) => minute))
      .toMatchObject([[{ start: last }]]);
  });

  it('and a push of the same workflow: the push is a whole or refused, and no save is lost', async () => {
    const given = files({ id: 'shared', name: 'Pushed', description: 'Pushed' });
    const created = await send('POST', '/code/apply', { files: given, token: await plan(given) });
    expect(created.status).toBe(200);
    const { rows } = (await send('GET', '/workflows?slug=shared')).body;
    const [{ id, activeVersionId: baseVersionId }] = rows;
    const next = files({ id: 'shared', name: 'Pushed again', description: 'Pushed again' });
    const token = await plan(next);
    const answers = await together(12, (index) =>
      index % 2
        ? send('POST', '/code/apply', { files: next, token })
        : send('PATCH', `/workflows/${id}`, { baseVersionId, name: `Saved ${index}` }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(statusesOf(answers)).toEqual([200, 409]);
    const { definition, workflow: after } = (await send('GET', `/workflows/${id}`)).body;
    expect(after.versionNumber).toBe(2);
    expect([
      { name: 'Pushed again', description: 'Pushed again' },
      { name: expect.stringContaining('Saved'), description: 'Pushed' },
    ]).toContainEqual({ name: definition.name, description: definition.description });
  });
});
