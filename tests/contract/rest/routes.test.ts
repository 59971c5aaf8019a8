import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../../api/rest/registry.ts';
import { pathParameters, type Route, toOperationId } from '../../../api/rest/route.ts';
import { type ErrorCode, errorKinds, httpStatus } from '../../../domain/error/codes.ts';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { createModels } from '../../../infra/models/index.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import { type TestDeps, testDeps } from '../../support/setup/context.ts';
import { fixtures, refused } from '../registry/fixtures.ts';
import { accessOf, everyUseCase } from '../registry/use-cases.ts';
import { contentOf, makeWorld, type World } from '../registry/world.ts';
import { type RestApi, send, startRest } from './client.ts';

const useCases = await everyUseCase();
const isErrorCode = (code: string | undefined): code is ErrorCode =>
  code !== undefined && Object.hasOwn(errorKinds, code);

let test: TestDeps;
let shop: ShopServer;
let api: RestApi;
let mine: World;
let theirs: World;

beforeAll(async () => {
  const provider = { name: 'nobody', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'sk-1', models: [{ id: 'listens' }] };
  test = await testDeps({ models: createModels({ providers: [provider] }) });
  shop = await startShopServer();
  await test.deps.temporal.ensureSearchAttributes();
  api = await startRest(test.deps);
  mine = await makeWorld(test.deps, { shopUrl: shop.url });
  theirs = await makeWorld(test.deps, { shopUrl: shop.url });
});
afterAll(async () => {
  await api?.close();
  await shop?.close();
  await test?.close();
});

/** Where an operation takes another input than its use case. */
const inputs: { [operationId: string]: (world: World) => { [name: string]: unknown } } = {
  createWorkflow: ({ definition }) => definition,
  saveWorkflow: ({ workflowId, versionId }) => ({ workflowId, baseVersionId: versionId, name: 'Renamed' }),
  archiveMonitor: ({ monitorId }) => ({ monitorId }),
  pauseMonitor: ({ monitorId }) => ({ monitorId }),
  resumeMonitor: ({ monitorId }) => ({ monitorId }),
  checkMonitor: ({ monitorId }) => ({ monitorId, key: 'once' }),
  pauseAlertRule: ({ ruleId }) => ({ ruleId }),
  resumeAlertRule: ({ ruleId }) => ({ ruleId }),
};

function inputOf(route: Route, world: World): { [name: string]: unknown } {
  const make = inputs[route.operationId] ?? fixtures[route.useCase.name];
  return Object(make?.(world, 'owner'));
}

async function call(route: Route, world: World, key: string, more: { [name: string]: unknown } = {}) {
  const input = { ...inputOf(route, world), ...more };
  const path = pathParameters(route.path).reduce((text, name) => {
    const value = String(input[name]);
    delete input[name];
    return text.replace(`{${name}}`, value);
  }, route.path);
  const hasBody = route.method === 'POST' || route.method === 'PATCH';
  const query = new URLSearchParams(Object.entries(input).map(([name, value]) => [name, String(value)]));
  return send(`${api.url}${path}${hasBody || query.size === 0 ? '' : `?${query}`}`, route.method, {
    key,
    ...(hasBody && { body: input }),
  });
}

describe.each(routes.map((route) => [route.operationId, route] as const))('%s', (_, route) => {
  it('answers as it says', async () => {
    const world = route.method === 'GET' ? mine : await makeWorld(test.deps, { shopUrl: shop.url });
    const { key } = await createApiKey(world.org.as('owner'), { name: 'test' });
    const code = refused[route.useCase.name];
    const status = isErrorCode(code) ? httpStatus(code) : route.status;
    const seen = await call(route, world, key);
    expect(seen.status, JSON.stringify(seen.body)).toBe(status);
  });

  it.runIf(pathParameters(route.path).length > 0)('finds nothing of another workspace', async () => {
    const { key } = await createApiKey(mine.org.as('owner'), { name: 'test' });
    const before = await contentOf(test.deps, theirs.org);
    const answer = await call(route, theirs, key);
    expect(answer).toMatchObject({ status: 404, body: { error: { code: expect.stringMatching(/_not_found$/) } } });
    expect(await contentOf(test.deps, theirs.org)).toBe(before);
  });

  it.runIf('limit' in route.input.shape)('takes as many rows a page as it says', async () => {
    const { key } = await createApiKey(mine.org.as('owner'), { name: 'test' });
    const page = (limit: number) => call(route, mine, key, { limit });
    expect(await page(200)).toMatchObject({ status: 200 });
    expect(await page(201)).toMatchObject({
      status: 400,
      body: { error: { details: { fieldErrors: [{ field: 'limit' }] } } },
    });
  });

  it('takes nothing but an API key', async () => {
    const answer = await send(`${api.url}${route.path.replace(/\{\w+\}/g, crypto.randomUUID())}`, route.method, {
      headers: { cookie: 'better-auth.session_token=x' },
    });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });
});

const profile = "A person's own profile and sign-in.";
const choices = 'The choices of a form; the lists have them.';
const slack = 'Slack and browsers do it.';
const inPerson = 'Done by the person themselves, who is signed in.';
/** Use cases without an operation, and why. */
const browser = 'A person signs in with a browser.';
const withoutOperation: { [useCase: string]: string } = {
  'account.create_reset_link': profile,
  'alert_rule.list_targets': choices,
  'api_key.create': 'Keys are created by people who are signed in.',
  'audit.filters': choices,
  'client_sign_in.allow': browser,
  'auth_profile.complete_sign_in': browser,
  'auth_profile.start_sign_in': browser,
  'audit.record_intent': 'What agents say of their calls is recorded with the calls.',
  'catalog.get': 'GET /mcp-servers/{serverId}/tools has it.',
  'status_page.preview': 'The settings show it in a frame.',
  'webhook.get': 'GET /webhooks has it.',
  'destination.list_used': 'Each rule has its destination, and each delivery its outcome.',
  'destination.test': 'A rule sends its test.',
  'destination.list': 'Webhooks have operations of their own; Slack is connected in a browser.',
  'incident.count_open': 'GET /incidents?state=open lists them.',
  'installation.standstill': '/readyz tells it.',
  'member.leave': inPerson,
  'member.transfer_ownership': inPerson,
  'organization.delete': inPerson,
  'monitor.get_check': 'GET /monitors/{monitorId}/checks lists them.',
  'monitor.list_with_hours': 'GET /monitors lists them, and each by its id has its figures.',
  'monitor.describe': 'GET /monitors/{monitorId} and its checks have it.',
  'proposal.count_open': 'GET /proposals?state=open lists them.',
  'organization.home': 'GET /org/health has what is broken, the lists of runs and checks have the rest.',
  'run.dispatch': 'POST /workflows/{workflowId}/runs does it with keys for what is asked twice.',
  'run.filters': choices,
  'run.get': 'GET /runs/{runId} has all of it.',
  'run.list_skipped': 'Shown on the page of the workflow.',
  'run.neighbors': 'GET /runs lists the runs of a workflow.',
  'run.outline': 'GET /runs/{runId}/trace and its tool calls have it.',
  'run.trace': 'GET /runs/{runId} has all of it, in pages.',
  'run.trace_step': 'GET /runs/{runId} has all of it, in pages.',
  'server.connection': 'GET /mcp-servers/{serverId} has it.',
  'server.probe': 'POST /mcp-servers probes before it saves.',
  'server.summary': 'GET /mcp-servers/{serverId} has it.',
  'server.tool': 'GET /mcp-servers/{serverId}/tools has it.',
  'server.tools': 'GET /mcp-servers/{serverId}/tools and its checks-summary have it.',
  'slack.complete_install': slack,
  'slack.disconnect': slack,
  'slack.find_named': slack,
  'slack.link': slack,
  'slack.read_link': slack,
  'slack.start_install': slack,
  'slack.status': slack,
  'workflow.authoring_guide': 'It is the documentation.',
  'workflow.describe': 'GET /workflows/{workflowId} has it.',
  'workflow.list_with_runs': 'GET /workflows and GET /runs have it.',
};

describe('the registry', () => {
  it('has an operation for everything that a key may do, or a reason why not', () => {
    const covered = new Set(routes.map(({ useCase }) => useCase.name));
    const left = [...useCases.values()]
      .filter((useCase) => !['system', 'anyone'].includes(accessOf(useCase)))
      .map(({ useCase: { name } }) => name)
      .filter((name) => !covered.has(name));
    expect(left.sort()).toEqual(Object.keys(withoutOperation).sort());
  });

  it.each([
    ['workflow.pause', 'pauseWorkflow'],
    ['workflow.list', 'listWorkflows'],
    ['delivery.list', 'listDeliveries'],
    ['security_event.list', 'listSecurityEvents'],
    ['monitor.list_checks', 'listMonitorChecks'],
    ['auth_profile.create', 'createAuthProfile'],
    ['api_key.list', 'listApiKeys'],
  ])('names the operation of %s %s', (useCase, operationId) => {
    expect(toOperationId(useCase)).toBe(operationId);
  });

  it('names lists in the plural, and nothing else a list', () => {
    for (const { operationId, method, input, path } of routes) {
      const isList = 'cursor' in input.shape && !path.startsWith('/runs/{runId}');
      if (isList) expect(`${method} ${operationId}`).toMatch(/^GET list[A-Z]\w*s$/);
      else expect(operationId).not.toMatch(/^list\w*[^s]$/);
    }
  });

  it('names each operation once', () => {
    const ids = routes.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
