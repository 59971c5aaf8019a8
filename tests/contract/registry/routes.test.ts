import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../../api/app.ts';
import { importDashboard } from '../../../api/dashboard.ts';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { createLogger } from '../../../infra/logger/index.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import { newId } from '../../../services/context/ids.ts';
import { type TestDeps, testDeps } from '../../support/setup/context.ts';
import { fillPath } from './paths.ts';
import { makeWorld, type World } from './world.ts';

/** Routes that anyone may reach. Every other one turns a visitor away and, for a member, reaches a use case. */
const publicRoutes = new Set([
  '',
  '/',
  '/sign-in',
  '/sign-in/provider',
  '/sign-in/provider/callback',
  '/sign-up',
  '/sign-out',
  // Shows what a client requests, to the browser that it was started in.
  '/connect/:requestId/allow',
  '/reset-password',
  '/verify-email',
  '/change-email',
  // Shows what the holder of a secret token is offered.
  '/invite',
  '/docs',
  '/docs/:page',
  '/*',
  // Not there in production (web/routes/dev/ui.tsx).
  '/dev/ui',
  // Leads nowhere, with the frame of the workspace.
  '/o/:org/*',
  '/healthz',
  '/readyz',
  // Describes files, of nobody.
  '/schemas/workflows.json',
  '/status/:slug',
  // Its members have it; for others it is not found.
  '/status/:slug/preview',
  '/status/:slug/badge.svg',
  '/status/:slug/monitors/:publicId/badge.svg',
  // Takes what Resend has signed, and nothing else.
  '/webhooks/resend',
  // Accepts requests signed by Slack, and an admin's browser with a one-time state; api/slack/*.test.ts hold them to
  // it.
  '/slack/events',
  '/slack/oauth_redirect',
  // What this installation is to authorization servers.
  '/oauth/client.json',
  // Accepts a one-time state of the browser's own session; services/auth-profile/sign-in holds it to that.
  '/oauth/callback',
  '/.well-known',
  '/.well-known/*path',
  '/register',
  '/token',
  '/authorize',
]);

/** Routes with checks and tests of their own: tests/e2e/metrics.test.ts, api/live, tests/contract/product-mcp. */
const machineRoutes = new Set(['/metrics', '/o/:org/live', '/p/:orgSlug/:slug']);

/** Routes that take an API key and nothing else. */
const keyRoutes = ['/api/mcp'];

/** A form for each route with an action: what it takes to get past the page to a use case. */
const forms: Record<string, (world: World) => Record<string, string>> = {
  '/o/:org/servers/new': ({ shopUrl }) => ({
    intent: 'connect',
    name: 'Again',
    transport: 'streamable_http',
    url: shopUrl,
    authKind: 'none',
  }),
  '/o/:org/servers/test': ({ shopUrl }) => ({ transport: 'streamable_http', url: shopUrl, authKind: 'none' }),
  '/o/:org/servers/:serverId': () => ({ intent: 'sync' }),
  '/o/:org/servers/:serverId/report': () => ({ intent: 'sync' }),
  '/o/:org/servers/:serverId/auth/new': () => ({ name: 'Third', authKind: 'oauth_authorization_code' }),
  '/o/:org/servers/:serverId/auth/:authProfileId': () => ({ intent: 'sign-out' }),
  '/o/:org/workflows': ({ workflowId }) => ({ intent: 'pause', workflow: workflowId }),
  '/o/:org/servers/:serverId/tools': ({ tool }) => ({ intent: 'repeatability', tool, repeatability: 'idempotent' }),
  '/o/:org/servers/:serverId/changes': () => ({}),
  '/o/:org/servers/:serverId/connection': ({ secondProfileId }) => ({
    intent: 'make-default',
    authProfileId: secondProfileId,
  }),
  '/o/:org/servers/:serverId/edit': () => ({ form: 'endpoint', 'base.maxConcurrency': '4', maxConcurrency: '5' }),
  '/o/:org/servers/:serverId/maintenance': () => ({ intent: 'add-maintenance', minutes: '30' }),
  '/o/:org/workflows/check': ({ serverId }) => ({ serverId }),
  '/o/:org/workflows/new': () => ({}),
  '/o/:org/workflows/:workflowId': () => ({ intent: 'pause' }),
  '/o/:org/workflows/:workflowId/edit': () => ({}),
  '/o/:org/workflows/:workflowId/versions': ({ versionId }) => ({
    intent: 'restore',
    versionId,
    baseVersionId: versionId,
  }),
  '/o/:org/workflows/:workflowId/versions/:versionId': ({ versionId }) => ({
    intent: 'restore',
    versionId,
    baseVersionId: versionId,
  }),
  '/o/:org/monitors': ({ monitorId }) => ({ intent: 'pause', monitor: monitorId }),
  '/o/:org/monitors/new': ({ serverId, tool }) => ({
    intent: 'save',
    serverId,
    intervalSeconds: '300',
    row: 'm0',
    'm0.tool': tool,
    'm0.mode': 'json',
    'm0.json': '{}',
  }),
  '/o/:org/monitors/:monitorId': () => ({ intent: 'pause' }),
  '/o/:org/monitors/:monitorId/edit': () => ({ row: 'm0', 'm0.mode': 'json', 'm0.name': 'Renamed' }),
  '/o/:org/incidents/:incidentId': () => ({ intent: 'accept' }),
  '/o/:org/alerts': ({ ruleId }) => ({ intent: 'pause', ruleId }),
  '/o/:org/alerts/rules/new': () => ({}),
  '/o/:org/alerts/rules/:ruleId': () => ({ intent: 'pause' }),
  '/o/:org/alerts/rules/:ruleId/edit': () => ({ name: 'Renamed', address: 'ada@example.com' }),
  '/o/:org/alerts/destinations': () => ({ destination: '{"kind":"email","address":"ada@example.com"}' }),
  '/o/:org/alerts/destinations/webhooks/new': () => ({ webhookName: 'Own', url: 'http://localhost/hooks/own' }),
  '/o/:org/alerts/destinations/webhooks/:webhookId': () => ({ webhookName: 'Renamed', url: 'http://localhost/hooks' }),
  '/o/:org/alerts/deliveries': ({ deliveryId }) => ({ deliveryId }),
  '/o/:org/alerts/deliveries/:deliveryId': ({ deliveryId }) => ({ deliveryId }),
  '/o/:org/alerts/outbox': ({ deliveryId }) => ({ deliveryId }),
  '/o/:org/alerts/maintenance': () => ({ intent: 'add-maintenance', minutes: '60' }),
  '/o/:org/settings/slack': () => ({ intent: 'connect' }),
  '/o/:org/settings/general': () => ({ name: 'Renamed', approval: 'any' }),
  '/o/:org/settings/models/new': () => ({ name: 'acme', baseUrl: 'https://models.example.com/v1', 'model0.id': 'm' }),
  '/o/:org/settings/models/:providerId': () => ({ intent: 'delete' }),
  '/o/:org/settings/plan': () => ({ monthlyTokens: '1000', monthlyCost: '' }),
  '/o/:org/status-page': () => ({ title: 'Status' }),
  '/o/:org/product-mcps/new': () => ({ name: 'Other', slug: 'other', baseUrl: 'https://api.example.com' }),
  '/o/:org/product-mcps/:productMcpId': () => ({ intent: 'pause' }),
  '/o/:org/product-mcps/:productMcpId/docs': ({ documentId }) => ({ intent: 'activate', documentId }),
  '/o/:org/product-mcps/:productMcpId/tools': () => ({ intent: 'hide', operation: 'GET /me' }),
  '/o/:org/product-mcps/:productMcpId/connection': () => ({
    sourceName: 'Authorization',
    check: 'presence_only',
    timeoutSeconds: '30',
    targetName: 'Authorization',
  }),
  '/o/:org/runs/:runId': () => ({ intent: 'cancel' }),
  '/o/:org/proposals/:proposalId': () => ({ intent: 'reject' }),
  '/o/:org/settings/models': () => ({ model: 'builtin/scripted' }),
  '/o/:org/settings/team': () => ({ intent: 'invite', by: 'link', maxUses: '1', role: 'viewer' }),
  '/profile': () => ({ intent: 'name', name: 'Ada' }),
  '/workspaces/new': () => ({ name: 'Again' }),
  '/o/:org/settings/keys': () => ({ intent: 'create', name: 'CI' }),
  '/slack/link': ({ org }) => ({ org: `org-${org.orgId}` }),
};

/** Without a page: what only scripts send to. */
const scriptRoutes = new Set(['/o/:org/servers/test', '/o/:org/workflows/check']);

const blankForms = new Set(['/o/:org/servers/new']);

/** Use cases that every request calls: the session, and whether sign-up is open. */
const preliminary = new Set(['account.session', 'account.sign_up_open']);

const build = await importDashboard();
type Route = { path: string; hasLoader: boolean; hasAction: boolean };
const routes: Route[] = Object.values(build.routes)
  .filter((route) => route !== undefined)
  .map((route) => ({
    path: fullPath(route.id),
    hasLoader: route.module.loader !== undefined,
    hasAction: route.module.action !== undefined,
  }));
const guarded = routes.filter(({ path }) => !publicRoutes.has(path));

function fullPath(id: string): string {
  const route = build.routes[id];
  if (!route) return '';
  const parent = route.parentId === undefined ? '' : fullPath(route.parentId);
  if (route.index) return parent || '/';
  return route.path === undefined ? parent : `${parent}/${route.path}`.replace(/\/+/g, '/');
}

let scenario: TestDeps;
let shop: ShopServer;
let app: Awaited<ReturnType<typeof createApp>>;
let server: Server;
let origin: string;
let mine: World;
let theirs: World;
let slugs: { mine: string; theirs: string };
let cookie: string;
const reached: string[] = [];
/** What was logged as an error: nothing that a client can cause is one. */
const errors: string[] = [];
/** Pino's number of `error`. */
const errorLevel = 50;

const logLine = z.looseObject({ level: z.number(), useCase: z.string().optional() });

beforeAll(async () => {
  const log = createLogger({
    level: 'debug',
    process: 'test',
    to: {
      write(line) {
        const { level, useCase } = logLine.parse(JSON.parse(line));
        if (level >= errorLevel) errors.push(line);
        if (useCase !== undefined && !preliminary.has(useCase)) reached.push(useCase);
      },
    },
  });
  scenario = await testDeps({ log });
  const { deps } = scenario;
  shop = await startShopServer({});
  await deps.temporal.ensureSearchAttributes();
  app = await createApp(deps);
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = z.object({ port: z.number() }).parse(server.address());
  origin = `http://127.0.0.1:${address.port}`;
  mine = await makeWorld(deps, { shopUrl: shop.url });
  theirs = await makeWorld(deps, { shopUrl: shop.url });
  slugs = { mine: `org-${mine.org.orgId}`, theirs: `org-${theirs.org.orgId}` };
  cookie = await signIn();
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await shop?.close();
  await scenario?.close();
});
beforeEach(() => {
  reached.length = 0;
  errors.length = 0;
});
afterEach(() => expect(errors).toEqual([]));

/** The owner of `mine`, by a password. */
async function signIn(): Promise<string> {
  const { db, auth } = scenario.deps;
  const { userId } = mine.org;
  const password = 'correct horse battery';
  const hash = await auth.hashPassword(password);
  await db.account.create({
    data: { id: newId(), userId, accountId: userId, providerId: 'credential', password: hash },
  });
  const { email } = await db.user.findUniqueOrThrow({ where: { id: userId } });
  const session = await auth.signIn({ email, password }, { cookie: '', address: '127.0.0.1', userAgent: 'test' });
  if (!session) throw new Error('the owner could not sign in');
  return session.cookies.map((each) => each.split(';')[0]).join('; ');
}

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${origin}${path}`, { headers, redirect: 'manual' });

/** With the Origin of the page: `ARMATURE_URL`, which the tests leave at its default. */
const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { origin: scenario.deps.config.url, ...headers },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });

describe('Express', () => {
  it('has only the public routes of the list', () => {
    const found = z
      .array(z.looseObject({ route: z.looseObject({ path: z.union([z.string(), z.array(z.string())]) }).optional() }))
      .parse(app.router.stack)
      .flatMap(({ route }) => route?.path ?? []);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((path) => !publicRoutes.has(path) && !machineRoutes.has(path))).toEqual(keyRoutes);
  });

  describe.each(keyRoutes)('%s', (path) => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_workflows', arguments: {} } };
    const ask = (headers: Record<string, string>) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify(call),
      });

    it("refuses requests without a key, also with a member's session, and reaches nothing", async () => {
      expect((await ask({})).status).toBe(401);
      expect((await ask({ cookie })).status).toBe(401);
      expect(reached).toEqual([]);
    });

    it('reaches a use case for a key', async () => {
      const { key } = await createApiKey(mine.org.as('viewer'), { name: 'CI' });
      reached.length = 0;
      const answer = await ask({ authorization: `Bearer ${key}` });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(mine.workflowId)]);
      expect(reached).toEqual(['workflow.list']);
    });
  });
});

describe('React Router', () => {
  it('has a form here for each route with an action, and no other', () => {
    const withAction = guarded.filter(({ hasAction }) => hasAction).map(({ path }) => path);
    // The first tab of a page has the page's path.
    expect(Object.keys(forms).sort()).toEqual([...new Set(withAction)].sort());
  });

  describe.each(guarded.filter(({ hasLoader }) => hasLoader))('GET $path', ({ path }) => {
    it('sends a visitor to sign in, and reaches nothing', async () => {
      const answer = await get(fillPath(path, slugs.mine, mine));
      expect([answer.status, answer.headers.get('location')]).toEqual([302, expect.stringMatching(/^\/sign-in/)]);
      expect(reached).toEqual([]);
    });

    it('reaches a use case for a member', async () => {
      const answer = await get(fillPath(path, slugs.mine, mine), { cookie });
      expect(answer.status, await answer.clone().text()).toBeLessThan(400);
      // A blank form shows nothing of the organization's.
      if (answer.status === 200 && !blankForms.has(path)) expect(reached.length).toBeGreaterThan(0);
    });

    it.runIf(path.includes(':org'))("does not find another organization's, by its name or by its ids", async () => {
      const byName = await get(fillPath(path, slugs.theirs, theirs), { cookie });
      expect(byName.status).toBe(404);
      const target = fillPath(path, slugs.mine, theirs);
      if (target === fillPath(path, slugs.mine, mine)) return;
      expect((await get(target, { cookie })).status).toBe(404);
    });
  });

  describe.each(guarded.filter(({ hasAction }) => hasAction))('POST $path', ({ path }) => {
    const form = (of: World): Record<string, string> => {
      const make = forms[path];
      if (!make) throw new Error(`POST ${path} has no form in tests/contract/registry/routes.test.ts`);
      return make(of);
    };

    it('sends a visitor to sign in, or refuses what scripts send, and reaches nothing', async () => {
      const answer = await post(fillPath(path, slugs.mine, mine), form(mine));
      expect([answer.status, answer.headers.get('location')]).toEqual(
        scriptRoutes.has(path) ? [401, null] : [302, expect.stringMatching(/^\/sign-in/)],
      );
      expect(reached).toEqual([]);
    });

    it('is refused when it comes from another site', async () => {
      const answer = await post(fillPath(path, slugs.mine, mine), form(mine), {
        cookie,
        origin: 'https://evil.example',
      });
      expect(answer.status).toBe(403);
      expect(reached).toEqual([]);
    });

    it('reaches a use case for a member', async () => {
      const answer = await post(fillPath(path, slugs.mine, mine), form(mine), { cookie });
      expect(answer.status).toBeLessThan(500);
      expect(reached.length, await answer.text()).toBeGreaterThan(0);
    });
  });
});
