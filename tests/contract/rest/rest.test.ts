import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../../domain/role/role.ts';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import { type TestDeps, testDeps } from '../../support/setup/context.ts';
import { makeWorld, type World } from '../registry/world.ts';
import { type RestApi, type Sent, send as sendTo, startRest } from './client.ts';

let test: TestDeps;
let shop: ShopServer;
let world: World;
let api: RestApi;
const keys = new Map<Role, string>();

beforeAll(async () => {
  test = await testDeps();
  shop = await startShopServer();
  await test.deps.temporal.ensureSearchAttributes();
  world = await makeWorld(test.deps, { shopUrl: shop.url });
  for (const role of ['viewer', 'editor', 'admin', 'owner'] as const)
    keys.set(role, (await createApiKey(world.org.as(role), { name: role })).key);
  api = await startRest(test.deps);
});
afterAll(async () => {
  await api?.close();
  await shop?.close();
  await test?.close();
});

/** A request by an owner's key unless said otherwise. */
const send = (method: string, path: string, { as = 'owner', ...sent }: { as?: Role | null } & Sent = {}) =>
  sendTo(`${api.url}${path}`, method, { key: as === null ? null : (keys.get(as) ?? null), ...sent });

const definition = () => ({
  name: 'Orders by REST',
  serverId: world.serverId,
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: 'call list_orders {}',
  criteria: [{ text: 'calls `list_orders`' }],
});

describe('an operation', () => {
  it('makes, reads, changes, pauses and archives a workflow', async () => {
    const made = await send('POST', '/workflows', { body: definition() });
    expect(made).toMatchObject({ status: 201, body: { workflow: { name: 'Orders by REST' } } });
    const path = `/workflows/${made.body.workflow.id}`;
    expect(await send('GET', path)).toMatchObject({ status: 200, body: { definition: definition() } });
    const baseVersionId = made.body.currentVersion.id;
    const saved = await send('PATCH', path, { body: { baseVersionId, schedule: '0 9 * * *' } });
    expect(saved).toMatchObject({ status: 200, body: { changed: true, currentVersion: { number: 2 } } });
    expect(await send('PATCH', path, { body: { baseVersionId, name: 'Late' } })).toMatchObject({
      status: 409,
      body: { error: { code: 'base_version_stale', details: { currentVersionId: saved.body.currentVersion.id } } },
    });
    expect(await send('POST', `${path}/pause`)).toMatchObject({ status: 200, body: { workflow: { state: 'paused' } } });
    expect(await send('DELETE', path)).toMatchObject({ status: 200, body: { ok: true } });
    expect(await send('POST', `${path}/resume`)).toMatchObject({
      status: 409,
      body: { error: { code: 'workflow_archived' } },
    });
  });
});

describe('a refusal', () => {
  it.each([
    ['no key', 'GET', '/workflows', { as: null }, 401, 'unauthenticated'],
    ['a role too low', 'POST', '/workflows', { as: 'viewer', body: {} }, 403, 'permission_denied'],
    ['an unknown path', 'GET', '/nothing', {}, 404, 'not_found'],
    ['an unknown method', 'DELETE', '/workflows', {}, 405, 'method_not_allowed'],
    ['an impossible id', 'GET', '/workflows/nope', {}, 404, 'workflow_not_found'],
    ['an unknown query parameter', 'GET', '/workflows?stat=active', {}, 400, 'validation_failed'],
    ['an unknown member', 'POST', '/workflows', { body: { ...{}, nam: 1 } }, 400, 'validation_failed'],
    ['no JSON', 'POST', '/workflows', { text: '{' }, 400, 'validation_failed'],
    [
      'another content type',
      'POST',
      '/workflows',
      { text: 'a=b', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    ['a large body', 'POST', '/workflows', { text: `"${'x'.repeat(2_100_000)}"` }, 413, 'payload_too_large'],
  ] as const)('of %s', async (_, method, path, sent, status, code) => {
    const refused = await send(method, path, sent);
    expect(refused).toMatchObject({
      status,
      body: { error: { code, remediation: expect.any(String), requestId: expect.any(String) } },
    });
  });
});

describe('an idempotency key', () => {
  it('does its work once for 50 equal requests at once', async () => {
    const headers = { 'idempotency-key': 'fifty' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        send('POST', '/workflows', { body: { ...definition(), name: 'Once' }, headers }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.workflow.id)).size).toBe(1);
    expect(answers.filter(({ headers: each }) => each.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await test.deps.db.workflow.count({ where: { orgId: world.org.orgId, name: 'Once' } })).toBe(1);
  });

  it('refuses other content, and is free again after a refusal', async () => {
    const headers = { 'idempotency-key': 'corrected' };
    expect(await send('POST', '/workflows', { body: { name: 'x' }, headers })).toMatchObject({ status: 400 });
    const made = await send('POST', '/workflows', { body: definition(), headers });
    expect(made.status).toBe(201);
    expect(await send('POST', '/workflows', { body: { ...definition(), name: 'Other' }, headers })).toMatchObject({
      status: 409,
      body: { error: { code: 'idempotency_conflict' } },
    });
  });
});

describe('a rate limit', () => {
  it('says in each answer how much is left, and in a refusal when to go on', async () => {
    const config = { ...test.deps.config, keyRequestsPerMinute: 15 };
    const limited = await startRest({ ...test.deps, config });
    try {
      const answers = [];
      for (let count = 0; count < 4; count++)
        answers.push(await sendTo(`${limited.url}/org`, 'GET', { key: keys.get('viewer') ?? null }));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
      expect(answers.map(({ headers }) => headers.get('ratelimit-remaining'))).toEqual(['2', '1', '0', '0']);
      for (const { headers } of answers) {
        expect(headers.get('ratelimit-limit')).toBe('3');
        expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(0);
      }
      const [, , , refused] = answers;
      expect(refused?.headers.get('retry-after')).toBe(refused?.headers.get('ratelimit-reset'));
      expect(refused?.body.error).toMatchObject({
        code: 'rate_limited',
        details: { retryAfterSeconds: expect.any(Number) },
      });
    } finally {
      await limited.close();
    }
  });
});

it('says which workspace and which key it works for', async () => {
  const { body } = await send('GET', '/org', { as: 'editor' });
  const { userId, email } = await test.deps.db.user
    .findUniqueOrThrow({ where: { id: world.org.as('editor').actor.id } })
    .then((user) => ({ userId: user.id, email: user.email }));
  expect(body).toMatchObject({
    organization: { id: world.org.orgId },
    actor: { apiKeyName: 'editor', role: 'editor', userProfileId: userId, email },
  });
});

it('sends runs as files', async () => {
  const csv = await send('GET', '/runs/export?status=pass');
  expect([csv.status, csv.headers.get('content-disposition')]).toEqual([200, 'attachment; filename="runs.csv"']);
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(csv.body).toContain(world.endedRunId);
  for (const [path, member] of [
    ['export', 'run'],
    ['export/otlp', 'resourceSpans'],
  ] as const) {
    const file = await send('GET', `/runs/${world.endedRunId}/${path}`);
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="run-.*json"$/);
    expect(Object.keys(file.body)).toContain(member);
  }
});

it('lists the runs of a day, unless times are given', async () => {
  const old = await test.deps.db.run.findUniqueOrThrow({ where: { id: world.endedRunId } });
  const { id: _, metadata: _m, cost: _c, ...row } = old;
  const id = crypto.randomUUID();
  const createdAt = new Date(Date.now() - 3 * 24 * 3_600_000);
  await test.deps.db.run.create({ data: { ...row, id, idempotencyKey: null, createdAt } });
  const list = async (query: string) =>
    (await send('GET', `/runs${query}`)).body.rows.map((run: { id: string }) => run.id);
  expect(await list('')).not.toContain(id);
  for (const query of ['?range=7d', '?after=2000-01-01T00:00:00Z', `?range=30d&search=${id}&status=pass&status=fail`])
    expect(await list(query), query).toContain(id);
});

it('describes itself', async () => {
  const document = await (await fetch(`${api.url}/openapi.json`)).json();
  expect(document).toMatchObject({
    openapi: '3.1.0',
    paths: { '/workflows/{workflowId}': { patch: { operationId: 'saveWorkflow' } } },
  });

  const read = async (path: string) => {
    const response = await fetch(`${api.url}/reference${path}`);
    return { status: response.status, html: await response.text() };
  };
  const { html } = await read('');
  expect(html).toContain('/reference/workflows#pauseWorkflow');
  const links = [...html.matchAll(/href="[^"]*\/reference(\/[^"#]*)/g)].flatMap(([, path]) => path ?? []);
  for (const path of new Set(links)) {
    const page = await read(path);
    expect(page.status, path).toBe(200);
    // Uncompressed: a page is small wherever one enters.
    expect(page.html.length, path).toBeLessThan(64_000);
    for (const [, name] of page.html.matchAll(/\/reference\/schemas\/(\w+)/g))
      expect((await read(`/schemas/${name}`)).status, name).toBe(200);
  }
  expect((await read('/workflows')).html).toContain('id="pauseWorkflow"');
  expect((await read('/nothing')).status).toBe(404);
});
