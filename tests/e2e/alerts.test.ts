import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import type { Context } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { observeChecksIn } from '../../services/incident/recording/observe-checks.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { connectServer } from '../../services/server/connect.ts';
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
let ctx: Context;
let orgId: string;
let serverId: string;
let monitorId: string;

const base = () => `${app.url}/o/acme-shop`;
/** Where screenshots go, to be looked at; nowhere when it is not set. */
const shots = process.env.ARMATURE_SCREENSHOTS;
const shoot = async (name: string) => {
  if (shots) await page.screenshot({ path: `${shots}/alerts-${name}.png`, fullPage: true });
};
/** Looks at the page as it stands: findings of axe, and a screenshot where they are wanted. */
const look = async (name: string) => {
  // Until it is hydrated the page shows its times in UTC, and React has to find what it was served.
  await page.waitForFunction(() =>
    [...document.querySelectorAll('time')].every((time) => !time.textContent?.endsWith(' UTC')),
  );
  await shoot(name);
  // axe waits for an answer out of every frame, and in those of the outbox nothing may run.
  await page.evaluate(() => {
    for (const frame of document.querySelectorAll('iframe')) frame.remove();
  });
  expect(await seriousFindings(page)).toEqual([]);
};
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

beforeAll(async () => {
  [app, shop, browser] = await Promise.all([
    startApp({ env: { ARMATURE_HEARTBEAT_SECONDS: '4' } }),
    startShopServer(),
    startBrowser(),
  ]);
  worker = await startWorker(app.deps, app.deps.config, { reconcile: false });
  context = await browser.newContext({ reducedMotion: 'reduce' });
  ({ page, complaints } = await openPage(context, {
    // A refused form is answered with its HTTP status. Nothing runs in the outbox's frames, what drives this browser neither.
    expected: [/the server responded with a status of (409|422)/, /Blocked script execution in 'about:srcdoc'/],
  }));
  page.setDefaultTimeout(15_000);

  await page.goto(`${app.url}/sign-up`);
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('a long password');
  await page.getByLabel('Workspace').fill('Acme Shop');
  await page.getByRole('button', { name: 'Make the workspace' }).click();
  await page.waitForURL(`${base()}/servers/new`);
  const member = await app.deps.db.member.findFirstOrThrow();
  orgId = member.orgId;
  ctx = { deps: app.deps, actor: { kind: 'member', id: member.userId, orgId, role: 'owner' }, requestId: 'test' };
  const connected = await connectServer(ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  if (!connected.serverId) throw new Error('the shop was not connected');
  serverId = connected.serverId;
  const { monitors } = await createMonitors(ctx, {
    serverId,
    intervalSeconds: 3600,
    monitors: [{ tool: 'search_products', name: 'Search', arguments: { query: 'mug' } }],
  });
  monitorId = monitors[0]?.id ?? '';
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await worker?.stop();
  await shop?.close();
  await app?.close();
});

afterEach(() => expect(complaints.splice(0)).toEqual([]));

it('says what is missing where nothing is set up yet', async () => {
  await page.getByRole('link', { name: 'Alerts' }).click();
  await heading('Alerts').waitFor();
  await page.getByText('No rule yet').waitFor();
  await page.getByText('This installation has no Slack app yet.').waitFor();
  await page.getByText('RESEND_API_KEY').waitFor();
  await page.getByText('Choose whom it tells').waitFor();
  await look('empty');
  await page.getByRole('link', { name: 'Incidents' }).click();
  await page.getByText('No incident so far').waitFor();
  await look('incidents-empty');
});

it('makes a rule for a monitor, and says in words what it will do while one types', async () => {
  await page.goto(`${base()}/alerts/rules/new?monitor=${monitorId}`);
  const sentence = page.locator('[data-sentence]');
  await sentence.getByText('when a check of monitor “Search” fails or has an error: once').waitFor();
  // What belongs to workflows alone is not offered for a monitor, once scripts have taken the form over.
  await page.getByLabel('called a blocked tool').waitFor({ state: 'hidden' });
  await page.getByLabel('is degraded', { exact: false }).check();
  await page.getByRole('spinbutton', { name: 'Failures in a row' }).fill('2');
  await page.getByLabel('Reminders').selectOption('60');
  await page.getByLabel('Address').fill('ops@example.com');
  expect(await sentence.textContent()).toBe(
    'Tells ops@example.com when a check of monitor “Search” fails, has an error or is degraded, 2 times in a row: once, then a reminder every hour while it lasts, and a note when it has recovered.',
  );
  await look('rule-new');
  await page.getByLabel('What it watches').selectOption('all_workflows');
  await page.getByLabel('called a blocked tool').waitFor();
  await page.getByLabel('What it watches').selectOption(`monitor:${monitorId}`);
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Make the rule' }).click();
  await page.getByText('Give the rule a name.').first().waitFor();
  expect(await page.getByRole('spinbutton', { name: 'Failures in a row' }).inputValue()).toBe('2');
  await page.getByLabel('Name', { exact: true }).fill('Search is down');
  await page.getByRole('button', { name: 'Make the rule' }).click();
  await heading(/Search is down/).waitFor();
  await look('rule');
  expect(await app.deps.db.alertRule.findFirstOrThrow({ where: { targetKind: 'monitor' } })).toMatchObject({
    name: 'Search is down',
    targetId: monitorId,
    destination: { kind: 'email', address: 'ops@example.com' },
    conditions: { onDegraded: true, threshold: { kind: 'consecutive', failures: 2 }, remindEveryMinutes: 60 },
  });
});

it('sends a test, which is in the outbox as the e-mail that it would have been', async () => {
  await page.getByRole('button', { name: 'Send a test: Search is down' }).click();
  await page.getByRole('alert').getByText('A test message is on its way to ops@example.com.').waitFor();
  await expect
    .poll(() => app.deps.db.delivery.count({ where: { orgId, kind: 'test', state: 'outbox' } }), { timeout: 30_000 })
    .toBe(1);
  await page.reload();
  await page.getByText('In the outbox').waitFor();
  await look('rule-told');
  await page.getByRole('link', { name: 'Read it' }).click();
  await heading('Outbox').waitFor();
  await page.getByText('To ops@example.com').waitFor();
  const mail = page.locator('iframe');
  expect(await mail.getAttribute('sandbox')).toBe('');
  expect(await mail.getAttribute('srcdoc')).toContain('This is a test. Nothing is broken.');
  await page.getByText('As text').click();
  await page
    .getByRole('region', { name: /^Text of/ })
    .getByText('This is a test. Nothing is broken.')
    .waitFor();
  await look('outbox');
});

it('mutes, unmutes, pauses and resumes a rule from the table', async () => {
  await page.getByRole('link', { name: 'Alerts' }).first().click();
  await heading('Alerts').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'Search is down' }).first();
  await row.getByRole('button', { name: 'Mute for an hour: Search is down' }).click();
  await row.getByText('Muted until').waitFor();
  await look('list');
  await row.getByRole('button', { name: 'Unmute: Search is down' }).click();
  await row.getByText('Muted until').waitFor({ state: 'detached' });
  await row.getByRole('button', { name: 'Pause: Search is down' }).click();
  await row.getByText('Paused').waitFor();
  await row.getByRole('button', { name: 'Resume: Search is down' }).click();
  await row.getByText('Watching').waitFor();
});

it('switches the rule on Armature itself on with an address of its own', async () => {
  await page.getByRole('link', { name: 'Choose whom it tells' }).click();
  await heading(/Armature itself/).waitFor();
  await page.getByLabel('Address').fill('operator@example.com');
  await look('built-in');
  await page.getByRole('button', { name: 'Save whom it tells, and switch it on' }).click();
  await page.getByRole('alert').getByText('watches.').waitFor();
  await page.getByText('Watching').first().waitFor();
  expect(await page.getByRole('link', { name: 'Delete' }).count()).toBe(0);
});

it('keeps webhooks: the signing secret is shown once', async () => {
  await page.goto(`${base()}/alerts`);
  await page.getByLabel("Webhook's name").fill('Pager');
  await page.getByLabel("Webhook's URL").fill('http://169.254.169.254/latest');
  await page.getByRole('button', { name: 'Add the webhook' }).click();
  await page.getByRole('alert').waitFor();
  expect(await app.deps.db.webhook.count()).toBe(0);
  await page.getByLabel("Webhook's URL").fill(`${shop.url.replace('/mcp', '')}/hooks?key=a-secret-key`);
  await page.getByRole('button', { name: 'Add the webhook' }).click();
  const shown = page.getByRole('region', { name: 'The signing secret' });
  await shown.getByText('Copy it now').waitFor();
  const secret = await page.getByRole('region', { name: 'Signing secret', exact: true }).textContent();
  expect(secret?.length).toBeGreaterThan(30);
  await look('webhook-made');
  await page.reload();
  await page.getByText('(and key)').waitFor();
  expect(await page.content()).not.toContain(secret ?? 'no secret was shown');
  expect(await page.content()).not.toContain('a-secret-key');
  await page.getByRole('link', { name: 'Edit Pager' }).click();
  await page.getByRole('heading', { name: 'Edit Pager' }).waitFor();
  await page.getByLabel("Webhook's name").fill('Pager duty');
  await page.getByRole('button', { name: 'Save the webhook' }).click();
  await page.getByRole('alert').getByText('was saved').waitFor();
  await page.getByRole('link', { name: 'Delete Pager duty' }).click();
  await page.getByRole('region', { name: /^Delete the webhook/ }).waitFor();
  await look('webhook-delete');
  await page.getByRole('button', { name: 'Delete it' }).click();
  await page.getByRole('alert').getByText('The webhook was deleted.').waitFor();
});

/** Two failing checks, as a batch writes them: the incident opens, and the rule's message can not be delivered. What the tool says is hostile. */
async function failingMonitor(): Promise<string> {
  const { db } = app.deps;
  for (const minutes of [2, 1])
    await db.$transaction((tx) =>
      observeChecksIn(tx, app.deps, {
        orgId,
        serverId,
        checks: [
          {
            monitorId,
            name: 'Search',
            at: new Date(Date.now() - minutes * 60_000),
            outcome: 'fail',
            errorKind: null,
            message: 'stock is <b>empty</b>',
            latencyMs: 12,
            degradedBy: [],
          },
        ],
      }),
    );
  await db.delivery.updateMany({
    where: { orgId, kind: 'opened' },
    data: {
      state: 'failed',
      attempts: 3,
      error: 'Resend: the address is on the suppression list.',
      endedAt: new Date(),
    },
  });
  return (await db.incident.findFirstOrThrow({ where: { orgId, monitorId } })).id;
}

it('shows an incident: what failed, who was told and how that went', async () => {
  const incidentId = await failingMonitor();
  await page.goto(`${base()}/incidents`);
  await page.getByRole('link', { name: 'Incidents 1 open' }).waitFor();
  const row = page.getByRole('table').first().getByRole('row').filter({ hasText: 'The tool answered with an error' });
  await row.getByText('Still open').waitFor();
  await look('incidents');
  await row.getByRole('link', { name: /The tool answered/ }).click();
  await page.waitForURL(`${base()}/incidents/${incidentId}`);
  await page.getByText('stock is <b>empty</b>', { exact: true }).waitFor();
  await page.getByText('Resend: the address is on the suppression list.').waitFor();
  await look('incident');
  await page.getByRole('link', { name: 'Open the monitor' }).click();
  await page.waitForURL(`${base()}/monitors/${monitorId}`);
});

it('sends a delivery that failed once more, by hand', async () => {
  await page.goto(`${base()}/alerts?state=failed`);
  const again = page.getByRole('button', { name: 'Send again: New incident to ops@example.com' });
  await again.waitFor();
  await look('deliveries');
  await again.click();
  await page.getByRole('alert').getByText('It is sent once more to ops@example.com.').waitFor();
  await expect
    .poll(() => app.deps.db.delivery.count({ where: { orgId, kind: 'opened', state: 'outbox', round: 2 } }), {
      timeout: 30_000,
    })
    .toBe(1);
  await page.goto(`${base()}/alerts?state=failed`);
  await page.getByText('No delivery matches.').waitFor();
});

it('closes an incident by hand, and it leaves the count', async () => {
  await page.goto(`${base()}/incidents?state=open`);
  await page.getByRole('link', { name: /The tool answered/ }).click();
  await page.getByRole('button', { name: 'Close it by hand' }).click();
  await page.getByRole('alert').getByText('The incident is closed.').waitFor();
  await page.getByText('Accepted').first().waitFor();
  await page.getByRole('link', { name: 'Incidents', exact: true }).first().waitFor();
  await look('incident-closed');
});

it('shows what a server changed as a diff, and whom that concerns', async () => {
  const { db } = app.deps;
  const now = new Date();
  await db.toolChange.createMany({
    data: [
      {
        id: newId(),
        orgId,
        serverId,
        tool: 'search_products',
        kind: 'input_schema_changed',
        breaking: true,
        diff: {
          fields: [
            { path: 'query', change: 'type_changed', before: 'string', after: 'integer', breaking: true },
            { path: 'page', change: 'added', after: { type: 'integer' }, breaking: false },
          ],
        },
        source: 'sync',
        seenAt: now,
      },
      {
        id: newId(),
        orgId,
        serverId,
        tool: 'get_order',
        kind: 'description_changed',
        breaking: false,
        diff: { before: 'Gets an order.', after: 'Gets an order <script>alert(3)</script>.' },
        source: 'sync',
        seenAt: new Date(now.getTime() - 60_000),
      },
    ],
  });
  await db.incident.create({
    data: {
      id: newId(),
      orgId,
      subjectKind: 'tool_change',
      subjectKey: `${serverId}:search_products`,
      serverId,
      tool: 'search_products',
      level: 'bad',
      summary: 'The tool changed in a breaking way: Input query: type string → integer',
      cause: { outcome: 'breaking_change', changes: ['Input `query`: type string → integer'] },
      openedAt: now,
      lastFailedAt: now,
    },
  });
  await page.goto(`${base()}/servers/${serverId}`);
  const history = page.locator('#changes');
  await history.getByText('1 open breaking change').waitFor();
  await history.getByRole('deletion').filter({ hasText: 'string' }).waitFor();
  await history.getByRole('insertion').filter({ hasText: 'integer' }).first().waitFor();
  await history.getByRole('listitem').filter({ hasText: 'Monitor Search' }).last().waitFor();
  await look('server-changes');
  await history.getByRole('link', { name: 'Look at it, or accept it' }).click();
  await heading(/search_products/).waitFor();
  await page.getByText('becomes the normal one').waitFor();
  await look('incident-change');
});

it('publishes a status page with a badge, and takes it back', async () => {
  const { db } = app.deps;
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  await db.checkDay.createMany({
    data: Array.from({ length: 60 }, (_, index) => ({
      orgId,
      monitorId,
      day: new Date(today - index * 86_400_000),
      pass: 1440 - (index % 17 === 5 ? 300 : index % 11 === 3 ? 3 : 0),
      fail: index % 17 === 5 ? 300 : index % 11 === 3 ? 3 : 0,
      latency: [],
    })),
    skipDuplicates: true,
  });
  await page.getByRole('link', { name: 'Status page' }).click();
  await page.getByLabel('Public').check();
  await page.getByLabel('Title').fill('Acme status');
  await page.getByLabel('Shop').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('The page is public.').waitFor();
  const badge = page.getByRole('img', { name: 'Badge with the present state' });
  await expect
    .poll(() => badge.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0)), {
      timeout: 15_000,
    })
    .toBeGreaterThan(50);
  await look('status-settings');

  const visitor = await openPage(await browser.newContext(), {});
  const answer = await visitor.page.goto(`${app.url}/status/acme-shop`);
  expect(answer?.status()).toBe(200);
  await visitor.page.getByRole('heading', { level: 1, name: 'Acme status' }).waitFor();
  await visitor.page.getByText('Search', { exact: true }).first().waitFor();
  await visitor.page.getByRole('img', { name: /^Uptime of the last 90 days: 9\d\.\d\d %$/ }).waitFor();
  expect(await seriousFindings(visitor.page)).toEqual([]);
  if (shots) await visitor.page.screenshot({ path: `${shots}/alerts-status.png`, fullPage: true });
  expect(visitor.complaints).toEqual([]);
  await visitor.page.close();

  await page.getByLabel('Public').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('The page is off.').waitFor();
});

it('works without scripts: a rule is made, corrected, tested and deleted by plain forms', async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const { page: bare } = await openPage(plain);
  bare.setDefaultTimeout(15_000);
  await bare.goto(`${base()}/alerts/rules/new`);
  await bare.getByLabel('Name', { exact: true }).fill('Everything');
  await bare.getByLabel('Address').fill('not an address');
  await bare.getByRole('button', { name: 'Make the rule' }).click();
  await bare.getByRole('alert').first().waitFor();
  expect(await bare.getByLabel('Name', { exact: true }).inputValue()).toBe('Everything');
  await bare.getByLabel('What it watches').selectOption('all_monitors');
  await bare.getByLabel('Address').fill('ops@example.com');
  await bare.getByRole('button', { name: 'Make the rule' }).click();
  await bare.getByRole('heading', { level: 1, name: /Everything/ }).waitFor();
  await bare.getByText('Tells ops@example.com when a check of any monitor fails').first().waitFor();
  await bare.getByRole('button', { name: 'Send a test: Everything' }).click();
  await bare.getByText('A test message is on its way').waitFor();
  await bare.getByRole('link', { name: 'Delete' }).click();
  await bare.getByRole('button', { name: 'Delete it' }).click();
  await bare.waitForURL(`${base()}/alerts`);
  const rules = bare.getByRole('region', { name: 'Alert rules' }).first();
  await rules.getByRole('link', { name: 'Search is down', exact: true }).waitFor();
  expect(await rules.getByRole('link', { name: 'Everything', exact: true }).count()).toBe(0);
  await plain.close();
});

it('keeps its contrast in the dark', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const path of ['alerts', 'incidents', 'alerts/outbox', 'status-page']) {
    await page.goto(`${base()}/${path}`);
    await look(`dark-${path.replace('/', '-')}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
});
