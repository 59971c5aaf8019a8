import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { securityHeaders } from '../../api/security.ts';
import { mountStatus } from '../../api/status-page/mount.ts';
import type { Deps } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { getStatusPage } from '../../services/status-page/get.ts';
import { readPublicStatus } from '../../services/status-page/read-public.ts';
import { saveStatusPage } from '../../services/status-page/save.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';

let scenario: TestDeps;
let org: TestOrg;
let slug: string;
const servers: Server[] = [];

const hostile = `<img src=x onerror=alert(1)>"'&</text><script>alert(2)</script>`;
/** Stands wherever the page has no business. */
const secret = 'sk-leaked-4711';
const ids = {
  shop: newId(),
  hidden: newId(),
  profile: newId(),
  hiddenProfile: newId(),
  search: newId(),
  order: newId(),
  slow: newId(),
  paused: newId(),
  secretMonitor: newId(),
};
const minute = 60_000;
const day = 86_400_000;
const today = () => new Date(Math.floor(Date.now() / day) * day);
const visitor = (deps: Deps) => ({ deps, actor: { kind: 'visitor' as const, id: 'v' }, requestId: 'test' });
const read = () => readPublicStatus(visitor(scenario.deps), { slug });
const page = { enabled: true, title: 'Acme status', description: 'How we do.', serverIds: [ids.shop] };

beforeAll(async () => {
  scenario = await testDeps();
  org = await testOrg(scenario.deps);
  slug = `org-${org.orgId}`;
  const { db } = scenario.deps;
  const { orgId } = org;
  const now = new Date();
  for (const [id, name] of [
    [ids.shop, 'Shop'],
    [ids.hidden, `Hidden ${secret}`],
  ] as const)
    await db.server.create({
      data: {
        id,
        orgId,
        name,
        transport: 'streamable_http',
        url: `https://${secret}.example/mcp`,
        probeError: { kind: 'x', message: secret, remediation: secret },
        queryNames: [secret],
        headerNames: [secret],
      },
    });
  await db.authProfile.createMany({
    data: [
      { id: ids.profile, orgId, serverId: ids.shop, name: secret, kind: 'none', isDefault: true },
      { id: ids.hiddenProfile, orgId, serverId: ids.hidden, name: secret, kind: 'none', isDefault: true },
    ],
  });
  await db.catalogTool.create({
    data: {
      orgId,
      serverId: ids.shop,
      name: `tool-${secret}`,
      description: secret,
      inputSchema: { [secret]: secret },
      firstSeenAt: now,
      lastSeenAt: now,
    },
  });
  const monitor = {
    orgId,
    serverId: ids.shop,
    authProfileId: ids.profile,
    tool: `tool-${secret}`,
    arguments: { query: secret },
    assertions: [secret],
    intervalSeconds: 60,
  };
  await db.monitor.createMany({
    data: [
      { ...monitor, id: ids.search, name: 'Search', argumentsKey: '1' },
      { ...monitor, id: ids.order, name: hostile, argumentsKey: '2' },
      { ...monitor, id: ids.slow, name: 'Slow one', argumentsKey: '3' },
      { ...monitor, id: ids.paused, name: `Paused ${secret}`, argumentsKey: '4', state: 'paused' },
      {
        ...monitor,
        id: ids.secretMonitor,
        serverId: ids.hidden,
        authProfileId: ids.hiddenProfile,
        name: `Unlisted ${secret}`,
        argumentsKey: '5',
      },
    ],
  });
  const health = (monitorId: string, outcome: string, errorKind: string | null) => ({
    orgId,
    monitorId,
    outcome,
    errorKind,
    checkedAt: now,
    since: now,
  });
  await db.monitorHealth.createMany({
    data: [
      health(ids.search, 'pass', null),
      health(ids.order, 'error', 'unreachable'),
      health(ids.slow, 'degraded', null),
      health(ids.secretMonitor, 'error', 'timeout'),
    ],
  });
  await db.check.create({
    data: { orgId, monitorId: ids.order, scheduledAt: now, outcome: 'error', errorKind: 'timeout', excerpt: secret },
  });
  await db.checkDay.createMany({
    data: [
      { orgId, monitorId: ids.search, day: today(), pass: 999, fail: 1, latency: [] },
      { orgId, monitorId: ids.search, day: new Date(today().getTime() - day), pass: 1000, notReached: 7, latency: [] },
      // One day too old to be shown. Each has passed once.
      ...[ids.order, ids.slow, ids.secretMonitor].map((monitorId) => ({
        orgId,
        monitorId,
        day: new Date(today().getTime() - 91 * day),
        pass: 1,
        latency: [],
      })),
      { orgId, monitorId: ids.search, day: new Date(today().getTime() - 90 * day), error: 5000, latency: [] },
    ],
  });
  const incident = {
    orgId,
    serverId: ids.shop,
    level: 'bad',
    summary: secret,
    cause: { outcome: 'error', message: secret },
    lastFailedAt: now,
  };
  await db.incident.createMany({
    data: [
      {
        ...incident,
        id: newId(),
        subjectKind: 'monitor',
        subjectKey: ids.order,
        monitorId: ids.order,
        openedAt: new Date('2026-11-20T08:30:00Z'),
      },
      {
        ...incident,
        id: newId(),
        subjectKind: 'tool_change',
        subjectKey: `${ids.shop}/tool`,
        tool: `tool-${secret}`,
        openedAt: now,
      },
      {
        ...incident,
        id: newId(),
        serverId: ids.hidden,
        subjectKind: 'monitor',
        subjectKey: ids.secretMonitor,
        monitorId: ids.secretMonitor,
        openedAt: now,
      },
      {
        ...incident,
        id: newId(),
        subjectKind: 'monitor',
        subjectKey: ids.search,
        monitorId: ids.search,
        openedAt: new Date(now.getTime() - 30 * day),
        closedAt: now,
        closeReason: 'recovered',
      },
    ],
  });
  await db.maintenanceWindow.createMany({
    data: [
      {
        id: newId(),
        orgId,
        serverId: ids.shop,
        startsAt: new Date(now.getTime() + day),
        endsAt: new Date(now.getTime() + 2 * day),
        reason: secret,
        createdBy: org.userId,
      },
      {
        id: newId(),
        orgId,
        serverId: ids.hidden,
        startsAt: new Date(now.getTime() - minute),
        endsAt: new Date(now.getTime() + day),
        reason: secret,
        createdBy: org.userId,
      },
    ],
  });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await scenario?.close();
});

/** An api process of its own, so that nothing is remembered from another test. */
async function start(deps: Deps = scenario.deps): Promise<string> {
  const app = express();
  app.use(securityHeaders({ https: false }));
  app.use((_request, response, next) => {
    response.locals.requestId = 'test';
    next();
  });
  mountStatus(app, deps);
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
}

describe('the public status page', () => {
  it('is off until an admin switches it on, and then no other than a page that never was', async () => {
    expect(await getStatusPage(org.as('viewer'), {})).toMatchObject({
      slug,
      enabled: false,
      title: `Organization ${org.orgId}`,
      serverIds: [],
    });
    const off = await fetch(`${await start()}/status/${slug}`);
    const never = await fetch(`${await start()}/status/no-such-workspace`);
    expect([off.status, await off.text()]).toEqual([404, await never.text()]);
    const seen = (answer: Response) => [...answer.headers].filter(([name]) => !/^(date|content-security)/.test(name));
    expect(seen(off)).toEqual(seen(never));
    await expect(saveStatusPage(org.as('editor'), page)).rejects.toMatchObject({ code: 'permission_denied' });
    await saveStatusPage(org.as('admin'), page);
    expect((await fetch(`${await start()}/status/${slug}`)).status).toBe(200);
    await saveStatusPage(org.as('admin'), { ...page, enabled: false });
    expect((await fetch(`${await start()}/status/${slug}`)).status).toBe(404);
    expect((await fetch(`${await start()}/status/${slug}/badge.svg`)).status).toBe(404);
    await saveStatusPage(org.as('admin'), page);
  });

  it('shows the servers that were chosen: how each stands, its uptime, what is open and what is planned', async () => {
    const status = await read();
    expect(status).toMatchObject({ title: 'Acme status', description: 'How we do.', state: 'failing', leftOut: 0 });
    expect(status.servers.map(({ name, state }) => ({ name, state }))).toEqual([{ name: 'Shop', state: 'failing' }]);
    const monitors = status.servers[0]?.monitors ?? [];
    expect(monitors.map(({ name, state, uptime }) => ({ name, state, uptime }))).toEqual([
      { name: hostile, state: 'down', uptime: null },
      { name: 'Search', state: 'operational', uptime: 1999 / 2000 },
      { name: 'Slow one', state: 'degraded', uptime: null },
    ]);
    const days = monitors[1]?.days ?? [];
    expect(days).toHaveLength(90);
    expect(days.slice(-2)).toEqual([
      { day: new Date(today().getTime() - day).toISOString().slice(0, 10), up: 1000, down: 0 },
      { day: today().toISOString().slice(0, 10), up: 999, down: 1 },
    ]);
    expect(status.incidents).toEqual([{ name: hostile, state: 'down', since: '2026-11-20T08:30:00.000Z' }]);
    expect(status.maintenance).toMatchObject([{ server: 'Shop', isNow: false }]);
    expect(status.past).toMatchObject([{ name: 'Search', state: 'failing' }]);
  });

  it('says in words and in UTC, on a page whose only script is its own', async () => {
    const answer = await fetch(`${await start()}/status/${slug}`);
    const html = await answer.text();
    expect(html).toContain('Some systems are failing');
    expect(html).toContain(
      'not responding since <time datetime="2026-11-20T08:30:00.000Z">2026-11-20 08:30 UTC</time>',
    );
    expect(html).toContain('99.95 % uptime');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[\w+/=]+'/);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=30');
  });

  it('leaks nothing: no address, argument, result, error, reason, tool, id or what was not chosen, and escapes names', async () => {
    const url = await start();
    const html = await (await fetch(`${url}/status/${slug}`)).text();
    const [badgeOfAll, ...badges] = await Promise.all(
      [
        'badge.svg',
        ...(await read()).servers.flatMap(({ monitors }) =>
          monitors.map((each) => `monitors/${each.publicId}/badge.svg`),
        ),
      ].map(async (path) => (await fetch(`${url}/status/${slug}/${path}`)).text()),
    );
    expect(badges).toHaveLength(3);
    const own = `org-${org.orgId}`;
    for (const text of [html, badgeOfAll ?? '', ...badges, JSON.stringify(await read())]) {
      expect(text).not.toContain(secret);
      for (const id of [...Object.values(ids), org.userId]) expect(text).not.toContain(id);
      // The workspace's slug, which the visitor knows, holds its id in this test alone.
      expect(text.replaceAll(own, '')).not.toContain(org.orgId);
    }
    for (const text of [html, ...badges]) {
      expect(text).not.toContain('<img');
      expect(text.match(/<script/g)?.length ?? 0).toBe(text === html ? 1 : 0);
    }
    expect(html).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
  });

  it('shows the chosen servers by their display names, and maintenance instead of what fails', async () => {
    await saveStatusPage(org.as('admin'), { ...page, serverIds: [] });
    expect((await read()).servers).toEqual([]);
    await saveStatusPage(org.as('admin'), {
      ...page,
      serverIds: [ids.shop, ids.hidden],
      displayNames: { [ids.shop]: 'Our shop' },
    });
    const { servers: shown, maintenance } = await read();
    expect(shown.map(({ name, state }) => [name, state])).toEqual([
      [`Hidden ${secret}`, 'maintenance'],
      ['Our shop', 'failing'],
    ]);
    expect(maintenance.map(({ isNow }) => isNow)).toEqual([true, false]);
    await saveStatusPage(org.as('admin'), page);
  });

  it("refuses another workspace's server, and one that was deleted", async () => {
    const other = await testOrg(scenario.deps);
    await expect(saveStatusPage(other.ctx, page)).rejects.toMatchObject({ code: 'mcp_server_not_found' });
    expect(await scenario.deps.db.statusPage.count({ where: { orgId: other.orgId } })).toBe(0);
  });

  it('is made once for many visitors, and not again for who has it', async () => {
    let asked = 0;
    const { deps } = scenario;
    const db = new Proxy(deps.db, {
      get(target, name, receiver) {
        if (name === 'organization') asked += 1;
        return Reflect.get(target, name, receiver);
      },
    });
    const url = await start({ ...deps, db });
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}/status/${slug}`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(asked).toBe(1);
    const again = await fetch(`${url}/status/${slug}`, {
      // Without the second, fetch asks for a fresh one.
      headers: { 'if-none-match': answers[0]?.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(asked).toBe(1);
  });

  it('asks nothing for a name that no workspace can have', async () => {
    const { deps } = scenario;
    const db = new Proxy(deps.db, {
      get() {
        throw new Error('the database was asked');
      },
    });
    const url = await start({ ...deps, db });
    for (const name of ['A%00b', 'x'.repeat(200), '..%2f..', '%3Cscript%3E'])
      expect((await fetch(`${url}/status/${name}`)).status).toBe(404);
  });
});

describe('badges', () => {
  it('are images for other pages: typed, cached, sandboxed, with the name escaped', async () => {
    const url = await start();
    const answer = await fetch(`${url}/status/${slug}/badge.svg`);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=30');
    expect(await answer.text()).toContain('<title>Acme status: failing</title>');
    const monitor = (await read()).servers[0]?.monitors[0];
    const svg = await (await fetch(`${url}/status/${slug}/monitors/${monitor?.publicId}/badge.svg`)).text();
    expect(svg).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
    expect(svg).toContain('down</title>');
  });

  it("are not found for a monitor that isn't on the page, nor by a monitor's own id", async () => {
    const url = await start();
    for (const id of [ids.search, ids.secretMonitor, 'nothing'])
      expect((await fetch(`${url}/status/${slug}/monitors/${id}/badge.svg`)).status).toBe(404);
  });
});
