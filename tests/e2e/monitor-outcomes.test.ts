import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChecks } from '../../services/check/run-batch.ts';
import { runCheckNow } from '../../services/check/run-now.ts';
import type { Deps } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { until } from '../faults/process.ts';
import { makeMonitors, makeServer, type NewMonitor } from '../support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';
import { startFaulty } from '../support/targets/faulty.ts';
import { serve } from '../support/targets/http.ts';
import { startStatefulV1 } from '../support/targets/v1.ts';
import { startV2 } from '../support/targets/v2.ts';

let made: TestDeps;
let deps: Deps;
let org: TestOrg;
beforeAll(async () => {
  made = await testDeps();
  deps = made.deps;
  org = await testOrg(deps);
});
afterAll(() => made?.close());

const attempt = () => ({ signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false });
const tickOf = (serverId: string, scheduledAt = new Date()) => ({
  serverId,
  intervalSeconds: 60,
  scheduledAt: scheduledAt.toISOString(),
});
/** Carries one tick out. @returns the checks by tool */
async function tick(serverId: string, scheduledAt = new Date()) {
  const { checks } = await runChecks(org.asSystem(), { ...tickOf(serverId, scheduledAt), attempt: attempt() });
  const rows = await deps.db.check.findMany({
    where: { orgId: org.orgId, scheduledAt, key: '', monitor: { serverId } },
    include: { monitor: { select: { tool: true } } },
  });
  expect(rows).toHaveLength(checks);
  return {
    checks: Object.fromEntries(rows.map(({ monitor, ...row }) => [monitor.tool, row])),
  };
}
async function monitored(
  url: string,
  monitors: NewMonitor[],
  more: { maxConcurrency?: number; protocolVersion?: string } = {},
) {
  const server = await makeServer(deps, { orgId: org.orgId, url, ...more });
  const ids = await makeMonitors(deps, { orgId: org.orgId, ...server }, monitors);
  return { ...server, ids };
}
const health = async (monitorId: string) =>
  await deps.db.monitorHealth.findFirst({ where: { orgId: org.orgId, monitorId } });

describe('a tick', () => {
  it('tells every outcome and every kind of error of one server apart, and healthy tools are unaffected', async () => {
    const server = await startFaulty();
    try {
      const { serverId, ids } = await monitored(server.url, [
        { tool: 'ok' },
        { tool: 'echo', arguments: { status: 'open' }, assertions: ['`echo` result field `status` equals "closed"'] },
        { tool: 'slow.60', degradedAboveMs: 20 },
        { tool: 'fail' },
        { tool: 'hang', timeoutSeconds: 1 },
        { tool: 'crash' },
        { tool: 'status.500' },
        { tool: 'status.401' },
        { tool: 'unknown' },
        { tool: 'malformed' },
        { tool: 'html' },
        { tool: 'huge' },
        ...Array.from({ length: 10 }, (_, index) => ({ tool: `fine.${index}` })),
      ]);
      const { checks } = await tick(serverId);
      const seen = Object.fromEntries(
        Object.entries(checks).map(([tool, { outcome, errorKind }]) => [tool, errorKind ?? outcome]),
      );
      expect(seen).toEqual({
        ok: 'pass',
        echo: 'degraded',
        'slow.60': 'degraded',
        fail: 'fail',
        hang: 'timeout',
        crash: 'unreachable',
        'status.500': 'http_status',
        'status.401': 'auth',
        unknown: 'rpc_error',
        malformed: 'malformed',
        html: 'protocol',
        huge: 'too_large',
        ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`fine.${index}`, 'pass'])),
      });
      expect(checks.ok).toMatchObject({ excerpt: 'ok', attempts: 1, maintenance: false });
      expect(checks['slow.60']?.latencyMs).toBeGreaterThanOrEqual(60);
      expect(checks.ok?.resultBytes).toBe(57);
      expect(checks.echo?.degradedBy[0]).toContain('equals "closed"');
      expect(checks['slow.60']?.degradedBy[0]).toMatch(/expected: at most 20 ms/);
      expect(checks.fail?.excerpt).toBe('No luck today.');
      expect(checks.hang?.excerpt).toMatch(/did not answer .* within 1 s/);
      expect(checks.unknown?.excerpt).toContain('Unknown tool');
      expect(checks.crash?.attempts).toBe(2);
      expect(server.open.most).toBeLessThanOrEqual(4);

      expect(await health(ids[0] ?? '')).toMatchObject({ outcome: 'pass', consecutiveFailures: 0 });
      expect(await health(ids[3] ?? '')).toMatchObject({ outcome: 'fail', consecutiveFailures: 1 });
      expect(server.asked.filter((method) => method === 'tools/list')).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it.each([undefined, '2026-07-28', '2025-11-25'])(
    'speaks to a server of both eras, stored revision %s, and takes a question back for input_required',
    async (protocolVersion) => {
      const server = await startV2();
      try {
        const { serverId } = await monitored(
          server.url,
          [{ tool: 'greet', arguments: { name: 'Ada', region: 'eu' } }, { tool: 'ask_back' }, { tool: 'refuse' }],
          protocolVersion === undefined ? {} : { protocolVersion },
        );
        const { checks } = await tick(serverId);
        expect(checks.greet).toMatchObject({ outcome: 'pass', excerpt: 'Hello, Ada' });
        expect(checks.refuse).toMatchObject({ outcome: 'error', errorKind: 'rpc_error' });
        expect(checks.ask_back).toMatchObject(
          // A server of the older era knows that it may not ask, and says so in its result.
          protocolVersion === '2025-11-25' ? { outcome: 'fail' } : { outcome: 'error', errorKind: 'input_required' },
        );
        expect(server.requests.filter(({ method }) => method === 'tools/list')).toEqual([]);
      } finally {
        await server.close();
      }
    },
  );

  it('sends the arguments in headers that a tool asks for in the catalog', async () => {
    const server = await startV2({ era: 'modern' });
    try {
      const { serverId } = await monitored(server.url, [{ tool: 'greet', arguments: { name: 'Ada', region: 'eu' } }], {
        protocolVersion: '2026-07-28',
      });
      const now = new Date();
      const inputSchema = {
        type: 'object',
        properties: { name: { type: 'string' }, region: { type: 'string', 'x-mcp-header': 'Region' } },
      };
      await deps.db.catalogTool.create({
        data: { orgId: org.orgId, serverId, name: 'greet', inputSchema, firstSeenAt: now, lastSeenAt: now },
      });
      expect((await tick(serverId)).checks.greet?.outcome).toBe('pass');
      const call = server.requests.find(({ method }) => method === 'tools/call');
      expect(call?.headers['mcp-param-region']).toBe('eu');
    } finally {
      await server.close();
    }
  });

  it('connects to a dead server twice at most, and records every monitor', async () => {
    const server = await serve((_, response) => response.destroy());
    const { serverId } = await monitored(
      `${server.origin}/mcp`,
      Array.from({ length: 300 }, (_, index) => ({ tool: `tool.${index}` })),
    );
    await server.close();
    const { checks } = await tick(serverId);
    expect(Object.values(checks).map(({ errorKind }) => errorKind)).toEqual(Array(300).fill('unreachable'));

    let connections = 0;
    const dying = await serve((_, response) => {
      connections += 1;
      response.destroy();
    });
    try {
      const other = await monitored(
        `${dying.origin}/mcp`,
        Array.from({ length: 50 }, (_, index) => ({ tool: `tool.${index}` })),
      );
      const second = await tick(other.serverId);
      expect(Object.values(second.checks).every(({ errorKind }) => errorKind === 'unreachable')).toBe(true);
      // Each time in both eras.
      expect(connections).toBe(4);
    } finally {
      await dying.close();
    }
  });

  it('records what can not be carried out as saved as misconfigured, and the others as they are', async () => {
    const server = await startFaulty();
    try {
      const { serverId } = await monitored(server.url, [{ tool: 'ok' }]);
      const [gone, lost] = [newId(), newId()];
      const profile = { orgId: org.orgId, serverId, kind: 'bearer' };
      await deps.db.authProfile.createMany({
        data: [
          { ...profile, id: gone, name: 'Gone', kind: 'none', archivedAt: new Date() },
          { ...profile, id: lost, name: 'Lost', secretRef: newId() },
        ],
      });
      await makeMonitors(deps, { orgId: org.orgId, serverId, authProfileId: gone }, [{ tool: 'gone' }]);
      await makeMonitors(deps, { orgId: org.orgId, serverId, authProfileId: lost }, [{ tool: 'lost' }]);
      const { checks } = await tick(serverId);
      expect(checks.ok?.outcome).toBe('pass');
      expect(checks.gone).toMatchObject({ outcome: 'error', errorKind: 'misconfigured', startedAt: null });
      expect(checks.lost).toMatchObject({ outcome: 'error', errorKind: 'misconfigured' });
      expect(checks.lost?.excerpt).toMatch(/secrets store/);
    } finally {
      await server.close();
    }
  });

  it("keeps nothing of a result that is not to be stored, and masks the server's secrets in what it keeps", async () => {
    const server = await startFaulty();
    try {
      const { serverId } = await monitored(server.url, [
        { tool: 'echo', arguments: { note: 'it is hunter2-hunter2', password: 'of-the-shop' } },
        { tool: 'echo.kept', arguments: { x: 1 } },
        { tool: 'fail', storeResults: false },
        { tool: 'ok', storeResults: false, assertions: ['`ok` result contains "closed"'] },
        { tool: 'unknown', storeResults: false },
      ]);
      const secretRef = await deps.secrets.put(org.orgId, { value: 'hunter2-hunter2' });
      await deps.db.authProfile.updateMany({
        where: { orgId: org.orgId, serverId },
        data: { kind: 'bearer', secretRef },
      });
      const { checks } = await tick(serverId);
      expect(checks.echo?.excerpt).toBe('{"note":"it is [redacted]","password":"of-the-shop"}');
      expect(checks.fail).toMatchObject({ outcome: 'fail', excerpt: null });
      expect(checks.ok).toMatchObject({ outcome: 'degraded', excerpt: null });
      expect(checks.ok?.degradedBy).toEqual(['`ok` result contains "closed": not met.']);
      expect(checks.ok?.resultBytes).toBe(57);
      expect(checks.unknown?.excerpt).toContain('Unknown tool');
    } finally {
      await server.close();
    }
  });

  it('of a time in a maintenance window is carried out and counted apart', async () => {
    const server = await startFaulty();
    try {
      const { serverId, ids } = await monitored(server.url, [{ tool: 'fail' }]);
      const now = Date.now();
      await deps.db.maintenanceWindow.create({
        data: {
          id: newId(),
          orgId: org.orgId,
          serverId,
          startsAt: new Date(now - 60_000),
          endsAt: new Date(now + 60_000),
          createdBy: org.userId,
        },
      });
      expect((await tick(serverId)).checks.fail).toMatchObject({ outcome: 'fail', maintenance: true });
      const hour = await deps.db.checkHour.findFirst({ where: { monitorId: ids[0] ?? '' } });
      expect(hour).toMatchObject({ fail: 0, inMaintenance: 1 });
      expect(hour?.latency.every((count) => count === 0)).toBe(true);
    } finally {
      await server.close();
    }
  });

  it('whose time is over records what is left as not reached, which is neutral', async () => {
    const server = await startFaulty();
    try {
      const { serverId, ids } = await monitored(server.url, [{ tool: 'ok' }]);
      const late = new Date(Date.now() - 56_000);
      const { checks } = await tick(serverId, late);
      expect(checks.ok).toMatchObject({ outcome: 'error', errorKind: 'not_reached', startedAt: null, latencyMs: null });
      expect(await health(ids[0] ?? '')).toBeNull();
      expect(await deps.db.checkHour.findFirst({ where: { monitorId: ids[0] ?? '' } })).toMatchObject({
        error: 0,
        notReached: 1,
      });
      expect(server.calls.size).toBe(0);
    } finally {
      await server.close();
    }
  });

  it('leaves paused monitors and those of other intervals alone', async () => {
    const server = await startFaulty();
    try {
      const { serverId, authProfileId } = await monitored(server.url, [
        { tool: 'ok' },
        { tool: 'paused', state: 'paused' },
      ]);
      await makeMonitors(deps, { orgId: org.orgId, serverId, authProfileId, intervalSeconds: 300 }, [
        { tool: 'other' },
      ]);
      expect(Object.keys((await tick(serverId)).checks)).toEqual(['ok']);
    } finally {
      await server.close();
    }
  });
});

describe('a process that a tool takes down', () => {
  it('does not fail the neighbours, whose calls are made once more', async () => {
    const server = await startFaulty();
    // What a proxy says while the process comes back.
    const { port } = server;
    let isDown = false;
    const proxy = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      if (isDown) return void response.writeHead(502).end();
      if (body.includes('"crash"')) {
        isDown = true;
        setTimeout(() => {
          isDown = false;
        }, 400);
        for (const each of open) each.writeHead(502).end();
        return void response.writeHead(502).end();
      }
      open.add(response);
      const answer = await fetch(`http://127.0.0.1:${port}/mcp`, {
        method: request.method ?? 'POST',
        ...(body.length > 0 && { body }),
      });
      const text = await answer.text();
      open.delete(response);
      if (!response.writableEnded) response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    });
    const open = new Set<import('node:http').ServerResponse>();
    try {
      const { serverId } = await monitored(`${proxy.origin}/mcp`, [
        { tool: 'slow.300' },
        { tool: 'slow.301' },
        { tool: 'crash' },
        { tool: 'slow.302' },
        ...Array.from({ length: 8 }, (_, index) => ({ tool: `fine.${index}` })),
      ]);
      const { checks } = await tick(serverId);
      const failing = Object.entries(checks).filter(([, { outcome }]) => outcome !== 'pass');
      expect(failing.map(([tool, { errorKind }]) => [tool, errorKind])).toEqual([['crash', 'http_status']]);
      expect(checks['slow.300']?.attempts).toBe(2);
      expect(checks.crash?.attempts).toBe(2);
    } finally {
      await proxy.close();
      await server.close();
    }
  });
});

describe('a session that the server forgets', () => {
  it('is opened anew, and no check fails for it', async () => {
    const server = await startStatefulV1();
    try {
      const { serverId } = await monitored(
        server.url,
        Array.from({ length: 40 }, (_, index) => ({
          tool: 'count',
          name: `${index}`,
          arguments: { note: `${index}` },
        })),
      );
      const calls = () => server.requests.filter((request) => request === 'POST tools/call').length;
      const at = new Date();
      const ticking = runChecks(org.asSystem(), { ...tickOf(serverId, at), attempt: attempt() });
      await until('some calls were made', () => calls() >= 8, { everyMs: 1 });
      await server.forget();
      expect(await ticking).toMatchObject({ checks: 40 });
      const rows = await deps.db.check.findMany({ where: { monitor: { serverId } } });
      expect(rows.filter(({ outcome }) => outcome !== 'pass').map(({ excerpt }) => excerpt)).toEqual([]);
      expect(server.requests.filter((request) => request === 'POST initialize').length).toBeGreaterThan(1);
      expect(server.open()).toBe(0);
    } finally {
      await server.close();
    }
  });
});

describe('a sweep that is written in parts', () => {
  const serverIncidents = (serverId: string) =>
    deps.db.incident.count({ where: { orgId: org.orgId, serverId, subjectKind: 'server' } });

  it('calls its server down when no check of the whole was answered, and not when a part of it was not', async () => {
    const server = await startFaulty();
    try {
      // Written after the answer is: that takes two seconds.
      const half = await monitored(server.url, [
        { tool: 'fine' },
        { tool: 'hang.1', timeoutSeconds: 4 },
        { tool: 'hang.2', timeoutSeconds: 4 },
      ]);
      const whole = await monitored(server.url, [
        { tool: 'hang.3', timeoutSeconds: 1 },
        { tool: 'hang.4', timeoutSeconds: 3 },
      ]);
      await deps.db.checkDay.createMany({
        data: [...half.ids, ...whole.ids].map((monitorId) => ({
          orgId: org.orgId,
          monitorId,
          day: new Date('2026-01-01'),
          pass: 1,
        })),
      });
      await Promise.all([tick(half.serverId), tick(whole.serverId)]);
      expect(await serverIncidents(half.serverId)).toBe(0);
      expect(await serverIncidents(whole.serverId)).toBe(1);
    } finally {
      await server.close();
    }
  });
});

describe('ticks that are done again', () => {
  it('write and count each check once', async () => {
    const server = await startFaulty();
    try {
      const { serverId, ids, authProfileId } = await monitored(server.url, [
        { tool: 'ok' },
        { tool: 'fail' },
        { tool: 'unknown' },
        { tool: 'slow.40', degradedAboveMs: 1 },
      ]);
      const at = new Date();
      await tick(serverId, at);
      expect(await runChecks(org.asSystem(), { ...tickOf(serverId, at), attempt: attempt() })).toEqual({
        checks: 0,
        deliveries: [],
      });
      expect(server.calls.get('ok')).toBe(1);
      // One that came since is done alone.
      await makeMonitors(deps, { orgId: org.orgId, serverId, authProfileId }, [{ tool: 'new' }]);
      expect(await runChecks(org.asSystem(), { ...tickOf(serverId, at), attempt: attempt() })).toMatchObject({
        checks: 1,
      });
      // Two attempts at once, as when a worker was thought dead.
      const next = new Date(at.getTime() + 1);
      const both = await Promise.all(
        [1, 2].map(() => runChecks(org.asSystem(), { ...tickOf(serverId, next), attempt: attempt() })),
      );
      expect(both.reduce((sum, { checks }) => sum + checks, 0)).toBe(5);

      const hours = await deps.db.checkHour.findMany({ where: { monitorId: { in: ids } } });
      const of = (index: number) => {
        const rows = hours.filter(({ monitorId }) => monitorId === ids[index]);
        const sum = (pick: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + pick(row), 0);
        return {
          pass: sum(({ pass }) => pass),
          degraded: sum(({ degraded }) => degraded),
          fail: sum(({ fail }) => fail),
          error: sum(({ error }) => error),
          answered: sum(({ latency }) => latency.reduce((total, count) => total + count, 0)),
        };
      };
      const none = { pass: 0, degraded: 0, fail: 0, error: 0, answered: 2 };
      expect(of(0)).toEqual({ ...none, pass: 2 });
      expect(of(1)).toEqual({ ...none, fail: 2 });
      expect(of(2)).toEqual({ ...none, error: 2, answered: 0 });
      expect(of(3)).toEqual({ ...none, degraded: 2 });
      expect(await health(ids[1] ?? '')).toMatchObject({ consecutiveFailures: 2 });
    } finally {
      await server.close();
    }
  });

  it('makes the partition of a day that has none', async () => {
    const server = await startFaulty();
    try {
      const { serverId, ids } = await monitored(server.url, [{ tool: 'ok' }]);
      const at = new Date('2031-03-04T05:06:07.000Z');
      const later = { ...deps, now: () => at };
      const ctx = { ...org.asSystem(), deps: later };
      expect(await runChecks(ctx, { ...tickOf(serverId, at), attempt: attempt() })).toMatchObject({ checks: 1 });
      const [partition] = await deps.db.$queryRaw<{ name: string }[]>`
        SELECT tableoid::regclass::text AS name FROM "Check" WHERE "monitorId" = ${ids[0]}::uuid`;
      expect(partition?.name).toBe('"Check_20310304"');
    } finally {
      await server.close();
    }
  });
});

describe('a check that is asked for', () => {
  it.each(['active', 'paused'] as const)(
    'is one by key and time, and counts only if the monitor is active: %s',
    async (state) => {
      const server = await startFaulty();
      try {
        const { ids } = await monitored(server.url, [{ tool: 'ok', state }]);
        const [monitorId = ''] = ids;
        const asked = { monitorId, key: 'once', requestedAt: new Date().toISOString() };
        const first = await runCheckNow(org.asSystem(), { ...asked, attempt: attempt() });
        const again = await runCheckNow(org.asSystem(), { ...asked, attempt: attempt() });
        expect([first.outcome, again.outcome]).toEqual(['pass', 'pass']);
        expect(server.calls.get('ok')).toBe(1);
        const rows = await deps.db.check.findMany({ where: { monitorId } });
        expect(rows).toMatchObject([{ key: 'once', outcome: 'pass', excerpt: 'ok' }]);
        const day = await deps.db.checkDay.findFirst({ where: { monitorId } });
        if (state === 'paused') expect([day, await health(monitorId)]).toEqual([null, null]);
        else expect([day, await health(monitorId)]).toMatchObject([{ pass: 1 }, { outcome: 'pass' }]);
      } finally {
        await server.close();
      }
    },
  );

  it('is refused for a monitor of another organization and an archived one', async () => {
    const { ids } = await monitored('http://127.0.0.1:1/mcp', [{ tool: 'ok' }]);
    const [monitorId = ''] = ids;
    const asked = { monitorId, key: 'k', requestedAt: new Date().toISOString(), attempt: attempt() };
    const other = await testOrg(deps);
    await expect(runCheckNow(other.asSystem(), asked)).rejects.toMatchObject({ code: 'monitor_not_found' });
    expect((await runCheckNow(org.asSystem(), asked)).outcome).toBe('error');
    await deps.db.monitor.update({ where: { id: monitorId }, data: { state: 'archived', archivedAt: new Date() } });
    await expect(runCheckNow(org.asSystem(), asked)).rejects.toMatchObject({ code: 'monitor_archived' });
  });
});
