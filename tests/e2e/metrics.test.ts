import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import express from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mountMetrics } from '../../api/system/metrics.ts';
import type { Deps } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';

let scenario: TestDeps;
let org: TestOrg;
const servers: Server[] = [];

beforeAll(async () => {
  scenario = await testDeps();
  org = await testOrg(scenario.deps);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await scenario?.close();
});

/** An api process of its own, so that nothing is remembered from another scrape. */
async function endpoint(deps: Deps): Promise<number> {
  const app = express();
  app.use((_request, response, next) => {
    response.locals.requestId = 'test';
    next();
  });
  mountMetrics(app, deps);
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return z.object({ port: z.number() }).parse(server.address()).port;
}

/** Uses node:http, since fetch sets Host itself. */
const ask = (port: number, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/metrics', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    })
      .on('error', reject)
      .end();
  });

const scrape = async () => (await ask(await endpoint(scenario.deps))).text;
/** The value of one line, or null when there is no such line. */
function metric(text: string, series: string): number | null {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
}

describe('who may read /metrics', () => {
  it('without a token: this machine, not what a proxy passes on, and not under a foreign name', async () => {
    const port = await endpoint(scenario.deps);
    expect((await ask(port)).status).toBe(200);
    for (const headers of [
      { 'x-forwarded-for': '203.0.113.9' },
      { forwarded: 'for=203.0.113.9' },
      { 'x-real-ip': '127.0.0.1' },
      { host: 'evil.example' },
    ]) {
      const refused = await ask(port, headers);
      expect(refused.status, JSON.stringify(headers)).toBe(403);
      expect(refused.text).toContain('ARMATURE_METRICS_TOKEN');
      expect(refused.text).not.toContain('armature_');
    }
  });

  it('with a token: whoever sends it, from anywhere, and nobody else', async () => {
    const { deps } = scenario;
    const port = await endpoint({ ...deps, config: { ...deps.config, metricsToken: 'a-token-for-metrics' } });
    const refused = await ask(port);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    for (const authorization of ['Bearer a-token-for-metric', 'Bearer ', 'Basic a-token-for-metrics', 'Bearer x'])
      expect((await ask(port, { authorization })).status).toBe(401);
    const given = await ask(port, {
      authorization: 'Bearer a-token-for-metrics',
      'x-forwarded-for': '203.0.113.9',
      host: 'armature.example',
    });
    expect([given.status, given.headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
  });
});

describe('what /metrics tells', () => {
  const minute = 60_000;
  const ids = { server: newId(), profile: newId(), monitor: newId(), workflow: newId(), version: newId() };
  beforeAll(async () => {
    const { db } = scenario.deps;
    const { orgId } = org;
    const now = Date.now();
    const at = (ms: number) => new Date(now - ms);
    const day = new Date(new Date(now).toISOString().slice(0, 10));
    await db.server.create({
      data: { id: ids.server, orgId, name: 'Shop', transport: 'streamable_http', url: 'https://shop.example/mcp' },
    });
    await db.authProfile.create({
      data: { id: ids.profile, orgId, serverId: ids.server, name: 'Default', kind: 'none', isDefault: true },
    });
    await db.monitor.create({
      data: {
        id: ids.monitor,
        orgId,
        serverId: ids.server,
        authProfileId: ids.profile,
        name: 'Search',
        tool: 'search',
        arguments: {},
        argumentsKey: 'none',
        intervalSeconds: 60,
      },
    });
    await db.monitorSchedule.create({
      data: { orgId, serverId: ids.server, intervalSeconds: 60, offsetSeconds: 0 },
    });
    // Raw: Prisma would set `updatedAt` to now.
    await db.$executeRaw`UPDATE "Monitor" SET "updatedAt" = ${at(60 * minute).toISOString()}::timestamptz`;
    await db.monitorHealth.create({
      data: { orgId, monitorId: ids.monitor, outcome: 'pass', checkedAt: at(5 * minute), since: at(60 * minute) },
    });
    const scheduledAt = at(minute);
    await db.check.create({
      data: {
        orgId,
        monitorId: ids.monitor,
        scheduledAt,
        startedAt: new Date(scheduledAt.getTime() + 4000),
        outcome: 'pass',
      },
    });
    await db.checkDay.createMany({
      data: [
        { orgId, monitorId: ids.monitor, day, pass: 30, degraded: 2, fail: 3, error: 4, notReached: 5, latency: [] },
        { orgId, monitorId: ids.monitor, day: new Date(day.getTime() - 86_400_000), pass: 1000, latency: [] },
      ],
    });
    await db.workflow.create({
      data: { id: ids.workflow, orgId, serverId: ids.server, name: 'Order', activeVersionId: ids.version },
    });
    await db.workflowVersion.create({
      data: { id: ids.version, orgId, workflowId: ids.workflow, number: 1, definition: {}, createdBy: org.userId },
    });
    const run = {
      orgId,
      workflowId: ids.workflow,
      versionId: ids.version,
      serverId: ids.server,
      model: 'builtin/scripted',
      trigger: 'scheduled',
      actorKind: 'system',
      actorId: 'system',
    };
    await db.run.createMany({
      data: [
        {
          ...run,
          id: newId(),
          status: 'pass',
          createdAt: at(10 * minute),
          scheduledAt: at(10 * minute),
          startedAt: at(10 * minute - 7000),
          finishedAt: at(0),
        },
        {
          ...run,
          id: newId(),
          status: 'fail',
          createdAt: at(120 * minute),
          startedAt: at(119 * minute),
          finishedAt: at(118 * minute),
        },
        { ...run, id: newId(), status: 'pending', createdAt: at(120 * minute) },
      ],
    });
    const incidentId = newId();
    await db.incident.create({
      data: {
        id: incidentId,
        orgId,
        subjectKind: 'monitor',
        subjectKey: ids.monitor,
        monitorId: ids.monitor,
        level: 'bad',
        summary: 'a-summary',
        cause: { outcome: 'fail' },
        openedAt: at(minute),
        lastFailedAt: at(minute),
      },
    });
    const ruleId = newId();
    await db.alertRule.create({
      data: { id: ruleId, orgId, name: 'a-rule', targetKind: 'all_monitors', conditions: {}, createdBy: org.userId },
    });
    const delivery = { orgId, ruleId, incidentId, destination: {}, message: {} };
    await db.delivery.createMany({
      data: [
        { ...delivery, id: newId(), kind: 'opened', ordinal: 1, state: 'pending', createdAt: at(2 * minute) },
        { ...delivery, id: newId(), kind: 'reminder', ordinal: 1, state: 'failed' },
        { ...delivery, id: newId(), kind: 'reminder', ordinal: 2, state: 'delivered', createdAt: at(120 * minute) },
      ],
    });
  });

  let text: string;
  beforeEach(async () => {
    text ??= await scrape();
  });

  it.each([
    ['armature_up{part="postgres"}', 1],
    ['armature_up{part="temporal"}', 1],
    ['armature_checks_total{outcome="pass"}', 30],
    ['armature_checks_total{outcome="degraded"}', 2],
    ['armature_checks_total{outcome="fail"}', 3],
    ['armature_checks_total{outcome="error"}', 4],
    ['armature_checks_total{outcome="not_reached"}', 5],
    ['armature_monitors{state="active"}', 1],
    ['armature_runs_last_hour{status="pass"}', 1],
    ['armature_runs_last_hour{status="fail"}', null],
    ['armature_runs_unfinished{status="pending"}', 1],
    ['armature_runs_unfinished{status="running"}', 0],
    ['armature_schedules_unsynced{kind="monitors"}', 1],
    ['armature_schedules_unsynced{kind="workflow"}', 1],
    ['armature_deliveries_last_hour{state="failed"}', 1],
    ['armature_deliveries_last_hour{state="delivered"}', null],
    ['armature_deliveries_pending', 1],
    ['armature_incidents_open{kind="monitor",level="bad"}', 1],
    ['armature_check_lateness_seconds{quantile="1"}', 4],
    ['armature_run_lateness_seconds{quantile="1"}', 7],
  ])('%s is %s', (series, value) => {
    expect(metric(text, series)).toBe(value);
  });

  it('tells how overdue the most overdue monitor is, and how old the oldest pending delivery', () => {
    expect(metric(text, 'armature_monitors_overdue_seconds')).toBeCloseTo(240, -1);
    expect(metric(text, 'armature_deliveries_pending_oldest_seconds')).toBeCloseTo(120, -1);
  });

  it('tells of its process: CPU, memory, event loop', () => {
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(metric(text, name), name).not.toBeNull();
  });

  it('holds no id, no name and no organization', () => {
    for (const secret of [...Object.values(ids), org.orgId, 'Shop', 'Search', 'Order', 'a-rule', 'a-summary'])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
  });

  it('asks the database once for many scrapes within ten seconds', async () => {
    let asked = 0;
    const { deps } = scenario;
    const temporal = {
      ...deps.temporal,
      listUnhostedQueues: () => {
        asked += 1;
        return deps.temporal.listUnhostedQueues();
      },
    };
    const port = await endpoint({ ...deps, temporal });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port)));
    expect(new Set(answers.map((each) => each.text)).size).toBe(1);
    expect(asked).toBe(1);
  });

  it('still tells of its process, and says so, when Temporal does not answer', async () => {
    const { deps } = scenario;
    const temporal = { ...deps.temporal, listUnhostedQueues: () => Promise.reject(new Error('away')) };
    const partial = (await ask(await endpoint({ ...deps, temporal }))).text;
    expect(metric(partial, 'armature_up{part="temporal"}')).toBe(0);
    expect(metric(partial, 'armature_worker_polling{queue="runs"}')).toBe(0);
    expect(metric(partial, 'armature_checks_total{outcome="pass"}')).toBe(30);
    expect(metric(partial, 'process_cpu_seconds_total')).not.toBeNull();
  });
});
