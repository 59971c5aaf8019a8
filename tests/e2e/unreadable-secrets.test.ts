import express from 'express';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../api/listen.ts';
import { mountHealth } from '../../api/system/health.ts';
import { mountMetrics } from '../../api/system/metrics.ts';
import { createSecrets } from '../../infra/secrets/index.ts';
import { editAuthProfile } from '../../services/auth-profile/edit.ts';
import { syncServer } from '../../services/catalog/sync.ts';
import { runChecks } from '../../services/check/run-batch.ts';
import { runCheckNow } from '../../services/check/run-now.ts';
import { newId } from '../../services/context/ids.ts';
import { listDestinations } from '../../services/destination/list.ts';
import { createWebhook } from '../../services/destination/webhook/create.ts';
import { editWebhook } from '../../services/destination/webhook/edit.ts';
import { readWebhook } from '../../services/destination/webhook/endpoint.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { editMonitor } from '../../services/monitor/edit.ts';
import { getMonitor } from '../../services/monitor/reading/get.ts';
import { listMonitors } from '../../services/monitor/reading/list.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { connectServer } from '../../services/server/connect.ts';
import { editServer } from '../../services/server/edit.ts';
import { loadEndpoint } from '../../services/server/endpoint.ts';
import { getServer } from '../../services/server/reading/get.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { until } from '../faults/process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';

let scenario: Scenario;
let store: Client;
beforeAll(async () => {
  scenario = await startScenario();
  store = new Client({ connectionString: scenario.deps.config.secretsUrl });
  await store.connect();
});
afterAll(async () => {
  await store?.end();
  await scenario?.close();
});

const damages: [string, string][] = [
  ['was stored with another key', `UPDATE secret SET key_id = 'another' WHERE ref = ANY ($1)`],
  ['is damaged', 'UPDATE secret SET sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1) WHERE ref = ANY ($1)'],
];

describe.each(damages)("a server's secret that %s", (_, damage) => {
  it('concerns its own checks and runs alone, and can be entered again', async () => {
    const { ctx, deps, org, shop } = scenario;
    const name = `Locked ${newId().slice(-6)}`;
    const { serverId: locked } = await connectServer(ctx, {
      name,
      transport: 'streamable_http',
      url: `${shop.url}?tok=value-of-the-query`,
      headers: { 'X-Key': 'value-of-the-header' },
      auth: { kind: 'bearer', token: 'value-of-the-token' },
    });
    if (locked === null) throw new Error('the server was not connected');
    const monitors = [{ tool: 'search_products', arguments: { query: name }, name }];
    const create = async (serverId: string) =>
      (await createMonitors(ctx, { serverId, intervalSeconds: 60, monitors })).monitors[0]?.id ?? '';
    const [brokenId, fineId] = [await create(locked), await create(scenario.serverId)];
    const server = await deps.db.server.findFirstOrThrow({ where: { id: locked }, include: { authProfiles: true } });
    const refs = [server.secretRef, ...server.authProfiles.map(({ secretRef }) => secretRef)];
    await store.query(damage, [refs]);

    // The worker: a batch of either server, a check now, a run.
    const actor = { kind: 'system' as const, id: 'test', orgId: org.orgId };
    const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
    const requestedAt = new Date().toISOString();
    for (const serverId of [locked, scenario.serverId])
      await runChecks({ ...ctx, actor }, { serverId, intervalSeconds: 60, scheduledAt: requestedAt, attempt });
    const checkOf = (monitorId: string, key = '') =>
      deps.db.check.findFirstOrThrow({ where: { orgId: org.orgId, monitorId, key } });
    expect(await checkOf(fineId)).toMatchObject({ outcome: 'pass' });
    const refused = {
      outcome: 'error',
      errorKind: 'misconfigured',
      excerpt: expect.stringMatching(new RegExp(`"${name}" can't be read.*Enter them again`)),
    };
    expect(await checkOf(brokenId)).toMatchObject(refused);
    await runCheckNow({ ...ctx, actor }, { monitorId: brokenId, key: 'now', requestedAt, attempt });
    expect(await checkOf(brokenId, 'now')).toMatchObject(refused);

    const definition = {
      name: 'Status',
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call get_shop_status {}',
      criteria: [{ text: 'no tool call fails', isRequired: true }],
    };
    const run = async (serverId: string) => {
      const { workflow } = await createWorkflow(ctx, { definition: { ...definition, serverId } });
      const { runs } = await dispatchRun(ctx, { workflowId: workflow.id, idempotencyKey: newId() });
      const runId = runs[0]?.runId ?? '';
      return until('the run ends', async () => {
        const { run } = await getRun(ctx, { runId });
        return run.finishedAt ? run : undefined;
      });
    };
    expect(await run(scenario.serverId)).toMatchObject({ status: 'pass' });
    expect(await run(locked)).toMatchObject({
      status: 'error',
      error: { kind: 'misconfigured', message: expect.stringContaining(`"${name}"`) },
    });

    // The api: lists, pages, changes, and what says so.
    const listed = await listMonitors(ctx, { limit: 100 });
    expect(listed.monitors.map(({ id }) => id)).toEqual(expect.arrayContaining([brokenId, fineId]));
    expect((await getMonitor(ctx, { monitorId: brokenId })).monitor.id).toBe(brokenId);
    expect((await editMonitor(ctx, { monitorId: brokenId, name: 'Other' })).monitor.name).toBe('Other');
    await expect(syncServer(ctx, { serverId: locked })).rejects.toMatchObject({
      message: expect.stringContaining(name),
      remediation: expect.stringContaining('ARMATURE_SECRETS_PREVIOUS_KEYS'),
    });
    const page = await getServer(ctx, { serverId: locked });
    expect(page.secretProblem).toContain(name);
    expect(page.authProfiles.map(({ secretProblem }) => secretProblem)).toEqual([expect.stringContaining(name)]);
    expect((await getServer(ctx, { serverId: scenario.serverId })).secretProblem).toBeNull();
    const api = await serve();
    expect(await api.readiness()).toMatchObject({
      ready: true,
      warnings: [{ part: 'secrets', message: expect.stringMatching(new RegExp(`"${name}" \\(${locked}\\).*again`)) }],
    });
    expect(await api.metrics()).toContain('armature_secrets_unreadable{kind="server"} 1');
    await api.close();

    // Entered again, it works.
    const profile = server.authProfiles[0]?.id ?? '';
    await expect(editServer(ctx, { serverId: locked, headers: { 'X-Key': null } })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'headers.X-Key' }, { field: 'query.tok' }] },
    });
    const entered = { serverId: locked, url: `${shop.url}?tok=value-again-1`, headers: { 'X-Key': 'value-again-2' } };
    await expect(editServer(ctx, entered)).rejects.toMatchObject({
      details: {
        fieldErrors: [{ field: `credentials.${profile}`, message: expect.stringContaining("can't be read") }],
      },
    });
    await editAuthProfile(ctx, { authProfileId: profile, auth: { kind: 'bearer', token: 'value-again-3' } });
    expect(await editServer(ctx, entered)).toMatchObject({ saved: true, probe: { ok: true } });
    const { endpoint } = await loadEndpoint(deps, { orgId: org.orgId, serverId: locked });
    expect(endpoint).toMatchObject({ headers: { 'X-Key': 'value-again-2' }, auth: { token: 'value-again-3' } });
    expect((await getServer(ctx, { serverId: locked })).secretProblem).toBeNull();
  });
});

describe("a webhook's secret that can't be read", () => {
  it('is named, and is repaired by a new signing secret and the query values', async () => {
    const { ctx, deps, org } = scenario;
    const url = 'https://hooks.example.com/a?token=value-of-the-hook';
    const { webhook } = await createWebhook(ctx, { name: 'Pager', url });
    const fine = await createWebhook(ctx, { name: 'Other', url });
    const { secretRef } = await deps.db.webhook.findFirstOrThrow({ where: { id: webhook.id } });
    await store.query(`UPDATE secret SET key_id = 'another' WHERE ref = $1`, [secretRef]);
    const read = (webhookId: string) => readWebhook(deps, { orgId: org.orgId, webhookId });
    await expect(read(webhook.id)).rejects.toThrow('"Pager"');
    expect(await read(fine.webhook.id)).toMatchObject({ url });
    const { webhooks } = await listDestinations(ctx, {});
    expect(webhooks.map(({ name, problem }) => [name, problem === null])).toEqual([
      ['Other', true],
      ['Pager', false],
    ]);

    expect((await editWebhook(ctx, { webhookId: webhook.id, name: 'Beeper' })).webhook.name).toBe('Beeper');
    const fields = (edit: object) =>
      editWebhook(ctx, { webhookId: webhook.id, ...edit }).then(
        () => [],
        (error) => error.details.fieldErrors.map(({ field }: { field: string }) => field),
      );
    expect(await fields({ rotateSecret: true })).toEqual(['url']);
    expect(await fields({ url })).toEqual(['rotateSecret']);
    expect(await fields({ url: 'https://hooks.example.com/a?token=', rotateSecret: true })).toEqual(['url']);
    const { signingSecret } = await editWebhook(ctx, { webhookId: webhook.id, url, rotateSecret: true });
    expect(await read(webhook.id)).toEqual({ url, secret: signingSecret });
  });
});

describe('an earlier key', () => {
  it('opens what it encrypted when ARMATURE_SECRETS_PREVIOUS_KEYS lists it', async () => {
    const { deps, org } = scenario;
    const ref = await deps.secrets.put(org.orgId, { a: 'from before' });
    const key = Buffer.alloc(32, 9).toString('base64');
    const options = { url: deps.config.secretsUrl, key };
    const [without, rotated] = [
      createSecrets(options),
      createSecrets({ ...options, previousKeys: [deps.config.secretsKey] }),
    ];
    try {
      expect(await rotated.get(org.orgId, ref)).toEqual({ a: 'from before' });
      expect(await rotated.listUnreadable()).not.toContainEqual({ orgId: org.orgId, ref });
      expect(await without.listUnreadable()).toContainEqual({ orgId: org.orgId, ref });
    } finally {
      await Promise.all([without.close(), rotated.close()]);
    }
  });
});

/** Readiness and metrics as an api process of its own serves them. */
async function serve() {
  const app = express();
  app.use((_request, response, next) => {
    response.locals.requestId = 'test';
    next();
  });
  mountHealth(app, scenario.deps);
  mountMetrics(app, scenario.deps);
  const server = await listen(app, { port: 0, host: '127.0.0.1' });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    readiness: async () => (await fetch(`${origin}/readyz`)).json(),
    metrics: async () => (await fetch(`${origin}/metrics`)).text(),
    close: server.close,
  };
}
