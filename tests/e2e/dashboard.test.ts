import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { freePort } from '../../scripts/port.ts';
import { type RunningWorker, startWorker } from '../../worker/start.ts';
import { startApp, type TestApp } from '../support/browser/app.ts';
import { openPage, seriousFindings, startBrowser } from '../support/browser/browser.ts';

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});

let app: TestApp;
let shop: ShopServer;
let worker: RunningWorker;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

const person = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'a long password' };
const base = () => `${app.url}/o/acme-shop`;
/** Where screenshots go, to be looked at; nowhere when it is not set. */
const shots = process.env.ARMATURE_SCREENSHOTS;
const shoot = async (name: string) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};

beforeAll(async () => {
  [app, shop, browser] = await Promise.all([
    startApp({ env: { ARMATURE_HEARTBEAT_SECONDS: '4' } }),
    startShopServer(),
    startBrowser(),
  ]);
  worker = await startWorker(app.deps, app.deps.config, { reconcile: false });
  context = await browser.newContext({ reducedMotion: 'reduce' });
  // A wrong password and a refused save are answered with their HTTP status, which the console tells.
  ({ page, complaints } = await openPage(context, {
    expected: [/the server responded with a status of (401|409|422)/],
  }));
  page.setDefaultTimeout(15_000);
}, 120_000);

afterAll(async () => {
  shop?.control.reset();
  await browser?.close();
  await worker?.stop();
  await shop?.close();
  await app?.close();
});

afterEach(() => expect(complaints.splice(0)).toEqual([]));

const workflowName = 'Order a mug';

it('leads a first visitor to the first account, and from there to connecting a server', async () => {
  await page.goto(app.url);
  await page.waitForURL(`${app.url}/sign-up`);
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('sign-up');
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByLabel('Workspace').fill('Acme Shop');
  await page.getByRole('button', { name: 'Make the workspace' }).click();
  await page.waitForURL(`${base()}/servers/new`);
});

it('shows exactly how a connection fails, and saves nothing', async () => {
  await page.getByLabel('Name', { exact: true }).fill('Nobody');
  await page.getByLabel('URL of the MCP endpoint').fill(`http://127.0.0.1:${await freePort()}/mcp`);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'Check that the server is running' }).waitFor();
  await page.getByRole('button', { name: 'Save anyway' }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('connect-failed');
  await page.getByLabel('Extra headers (optional)').fill('{"X-Team": 1}');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('Extra headers are a JSON object whose values are strings').first().waitFor();
  expect(await app.deps.db.server.count()).toBe(0);
});

it('connects the example server: probe first, then its page with its tools', async () => {
  await page.getByLabel('Name', { exact: true }).fill('Shop');
  await page.getByLabel('URL of the MCP endpoint').fill(shop.url);
  await page.getByLabel('Extra headers (optional)').fill('');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByRole('alert').filter({ hasText: 'answered in' }).getByText('create_order').waitFor();
  expect(await app.deps.db.server.count()).toBe(0);
  await shoot('connect-probed');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Shop' }).waitFor();
  expect(await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').getAttribute('href')).toBe(
    '/o/acme-shop/servers',
  );
  await page.getByText('Reachable').waitFor();
  await page.locator('summary').filter({ hasText: 'create_order' }).click();
  await page.getByLabel('Input schema of create_order').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('server');
  await page.getByRole('link', { name: 'Servers' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('servers');
});

it('writes a workflow: lines are marked as they are typed, the schedule is told in words, mistakes lead to their tab', async () => {
  await page.goto(`${base()}/workflows`);
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('workflows-empty');
  await page.getByRole('link', { name: 'New workflow' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(workflowName);
  await page
    .getByLabel('Prompt', { exact: true })
    .fill(
      [
        'call search_products {"query": "mug"}',
        'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
        'call get_order {"order_id": "$2.order_id"}',
      ].join('\n'),
    );
  await shoot('editor-definition');
  expect(await seriousFindings(page)).toEqual([]);

  await page.getByRole('tab', { name: 'Success criteria' }).click();
  expect(page.url()).toContain('tab=criteria');
  await page.getByLabel('Criterion 1', { exact: true }).fill('The order is confirmed');
  await page.getByText('For the judge').waitFor();
  await page.getByLabel('Criterion 1', { exact: true }).fill('calls `create_order` exactly once');
  await page.getByText('Graded by code, exactly and for free.').waitFor();
  await page.getByRole('button', { name: 'Add a criterion' }).click();
  await page.getByLabel('Criterion 2', { exact: true }).fill('`get_order` result field `status` equals "confirmed"');
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('editor-criteria');

  await page.getByRole('tab', { name: 'Schedule' }).click();
  await page.getByLabel('Runs', { exact: true }).selectOption('custom');
  await page.getByLabel('Cron expression').fill('0 9 1 * 1');
  await page
    .getByText(/day of (the )?month/i)
    .nth(1)
    .waitFor();
  await page.getByLabel('Cron expression').fill('30 6 * * *');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.getByText('Daily at 06:30 (Europe/Berlin)').waitFor();
  expect(await page.locator('ol time').count()).toBe(5);
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('editor-schedule');

  await page.getByRole('tab', { name: 'Tool policy' }).click();
  await page.getByLabel('Rule for refund_order').selectOption('blocked');
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('editor-policy');

  await page.getByRole('tab', { name: 'Limits' }).click();
  await page.getByLabel('Model turns a run').fill('0');
  await page.getByRole('tab', { name: 'Schedule' }).click();
  await page.getByRole('button', { name: 'Create the workflow' }).click();
  await page.getByRole('tab', { name: 'Limits (to correct)', selected: true }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByLabel('Model turns a run').fill('20');
  await page.getByRole('button', { name: 'Create the workflow' }).click();
  await page.getByRole('heading', { level: 1, name: workflowName }).waitFor();
  await page.getByText('It has not run yet.').waitFor();
  const { definition } = await app.deps.db.workflowVersion.findFirstOrThrow();
  expect(definition).toMatchObject({
    schedule: '30 6 * * *',
    timezone: 'Europe/Berlin',
    toolPolicy: { allowedTools: [], blockedTools: ['refund_order'] },
    criteria: [
      { text: 'calls `create_order` exactly once' },
      { text: '`get_order` result field `status` equals "confirmed"' },
    ],
  });
});

it('runs it: the trace grows while a call is held, then the verdicts come with evidence that leads into the trace', async () => {
  shop.control.set({ hold: ['get_order'] });
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const waiting = page.locator('#call-2').getByText('Waiting');
  await waiting.waitFor();
  await page.getByText('The verdicts appear when the agent is done.').waitFor();
  await page.getByRole('main').getByText('Running').waitFor();
  const before = await page.locator('[id^="event-"]').count();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('run-live');
  shop.control.reset();
  await page.getByText('Graded by assertion').first().waitFor();
  await waiting.waitFor({ state: 'detached' });
  expect(await page.locator('[id^="event-"]').count()).toBeGreaterThan(before);
  await page.getByRole('heading', { level: 1 }).getByText('Pass').waitFor();
  await page.getByRole('link', { name: 'call 1', exact: true }).first().click();
  expect(page.url()).toMatch(/#call-1$/);
  await page.getByLabel('Arguments of call 1').waitFor();
  await page.getByLabel('Result of call 1').getByText('order_id').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('run');
});

it('lists the run, by filters that the address holds', async () => {
  await page.getByRole('link', { name: 'Runs' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
  await page.getByRole('row').filter({ hasText: workflowName }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('runs');
  await page.getByLabel('Status').selectOption('fail');
  await page.waitForURL(/status=fail/);
  await page.getByText('No run matches.').waitFor();
  await page.goBack();
  await page.getByRole('row').filter({ hasText: workflowName }).waitFor();
  await page.getByRole('link', { name: 'Workflows' }).first().click();
  await page.getByText('100 %').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('workflows');
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('workflows-dark');
  await page.emulateMedia({ colorScheme: 'light' });
});

it('keeps two people from overwriting one another: a stale save shows both', async () => {
  await page.getByRole('link', { name: workflowName }).click();
  await page.getByRole('heading', { level: 1, name: workflowName }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('workflow');
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('heading', { level: 1, name: `Edit ${workflowName}` }).waitFor();
  const other = await openPage(context);
  await other.page.goto(page.url());
  await page.getByLabel('Description (optional)').fill('Mine');
  await other.page.getByLabel('Description (optional)').fill('Theirs');
  await other.page.getByRole('button', { name: 'Save' }).click();
  await other.page.getByRole('heading', { level: 1, name: workflowName, exact: true }).waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Both versions').waitFor();
  await page.getByText('Theirs').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('editor-stale');
  await page.getByRole('button', { name: 'Save mine on top' }).click();
  await page.getByText('Version 3').waitFor();
  expect(other.complaints).toEqual([]);
  await other.page.close();
  await page.getByRole('link', { name: 'Version 3' }).click();
  await page.getByText('What differs from version 2').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('version');
});

it('pauses and resumes a workflow, and archives it only when asked twice', async () => {
  await page.getByRole('link', { name: workflowName }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Active').waitFor();
  await page.getByRole('link', { name: 'Archive' }).click();
  await page.getByText('Archive this workflow?').waitFor();
  await page.getByRole('link', { name: 'Keep it' }).click();
  await page.getByText('Archive this workflow?').waitFor({ state: 'detached' });
});

it('cancels a run that goes on', async () => {
  shop.control.set({ hold: ['get_order'] });
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.locator('#call-2').getByText('Waiting').waitFor();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByText('It ended in an error (canceled)').waitFor();
  shop.control.reset();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('run-canceled');
});

it('deletes a server only after saying what goes with it', async () => {
  await page.goto(`${base()}/servers`);
  await page.getByRole('link', { name: 'Shop', exact: true }).click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('heading', { name: 'Edit Shop' }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('server-edit');
  await page.goBack();
  await page.getByRole('link', { name: 'Delete' }).click();
  await page.getByRole('region', { name: 'Delete Shop?' }).getByText(workflowName).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('server-delete');
  await page.getByRole('link', { name: 'Keep it' }).click();
  await page.getByRole('region', { name: 'Delete Shop?' }).waitFor({ state: 'detached' });
  expect(await app.deps.db.server.count({ where: { archivedAt: null } })).toBe(1);
});

it('says in people’s words that a password is wrong, and signs in without scripts', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${app.url}/sign-in`);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'The e-mail address or the password is wrong.' }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('sign-in-wrong');

  const plain = await browser.newContext({ javaScriptEnabled: false });
  const { page: bare } = await openPage(plain);
  await bare.goto(`${app.url}/o/acme-shop/runs`);
  await bare.getByLabel('E-mail').fill(person.email);
  await bare.getByLabel('Password').fill('wrong as well');
  await bare.getByRole('button', { name: 'Sign in' }).click();
  await bare.getByRole('alert').filter({ hasText: 'is wrong' }).waitFor();
  await bare.getByLabel('Password').fill(person.password);
  await bare.getByRole('button', { name: 'Sign in' }).click();
  await bare.waitForURL(`${base()}/runs`);
  await bare.getByRole('row').filter({ hasText: workflowName }).first().waitFor();
  expect((await bare.goto(`${base()}/runs/no-id`))?.status()).toBe(404);
  await bare.getByText('There is no such page.').waitFor();
  await plain.close();
});

it('answers an address that leads nowhere with a page', async () => {
  const visitor = await openPage(context, { expected: [/status of 404/] });
  const answer = await visitor.page.goto(`${app.url}/nowhere`);
  expect(answer?.status()).toBe(404);
  await visitor.page.getByText('There is no such page.').waitFor();
  expect(await seriousFindings(visitor.page)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});
