import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { createRule } from '../../services/alert-rule/create.ts';
import { newId } from '../../services/context/ids.ts';
import { createWebhook } from '../../services/destination/webhook/create.ts';
import { observeChecksIn } from '../../services/incident/recording/observe-checks.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createMonitor, type Workspace } from '../support/browser/workspace.ts';

it.override('expectedComplaints', [
  /the server responded with a status of (400|409|422)/,
  // No script may run in the outbox's frames, that of this browser's driver neither.
  /Blocked script execution in 'about:srcdoc'/,
]);

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

type Monitored = Workspace & { serverId: string; monitorId: string };

/** Connects the shop and monitors its search. */
async function monitorShop(workspace: Workspace, shop: { url: string }): Promise<Monitored> {
  const serverId = await connectShop(workspace.ctx, shop);
  const monitor = { tool: 'search_products', name: 'Search', arguments: { query: 'mug' } };
  return { ...workspace, serverId, monitorId: await createMonitor(workspace.ctx, serverId, monitor) };
}

/** A rule on the monitor that e-mails at its second failure. */
async function createSearchRule({ ctx, monitorId }: Monitored): Promise<string> {
  const { rule } = await createRule(ctx, {
    name: 'Search is down',
    target: { kind: 'monitor', id: monitorId },
    destination: { kind: 'email', address: 'ops@example.com' },
    conditions: { threshold: { kind: 'consecutive', failures: 2 } },
  });
  return rule.id;
}

/**
 * Two failing checks, as a batch writes them: they open an incident. What the tool says is hostile.
 * @returns the incident's id.
 */
async function openIncident({ ctx, orgId, serverId, monitorId }: Monitored): Promise<string> {
  const { db } = ctx.deps;
  for (const minutes of [2, 1]) {
    const check = {
      monitorId,
      name: 'Search',
      at: new Date(Date.now() - minutes * 60_000),
      outcome: 'fail' as const,
      errorKind: null,
      serverFailure: null,
      message: 'stock is <b>empty</b>',
      latencyMs: 12,
      degradedBy: [],
    };
    await db.$transaction((tx) => observeChecksIn(tx, ctx.deps, { orgId, serverId, checks: [check] }));
  }
  return (await db.incident.findFirstOrThrow({ where: { orgId, monitorId } })).id;
}

/** An incident whose notification could not be delivered. @returns the incident's id. */
async function openIncidentWithFailedDelivery(monitored: Monitored): Promise<string> {
  await createSearchRule(monitored);
  const incidentId = await openIncident(monitored);
  await monitored.ctx.deps.db.delivery.updateMany({
    where: { orgId: monitored.orgId, kind: 'opened' },
    data: {
      state: 'failed',
      attempts: 3,
      error: 'Resend: the address is on the suppression list.',
      endedAt: new Date(),
    },
  });
  return incidentId;
}

it('says what is missing where nothing is set up yet', async ({ page, workspace }) => {
  await page.goto(`${workspace.url}/servers`);
  await page.getByRole('link', { name: 'Alerts' }).click();
  await heading(page, 'Alerts').waitFor();
  await page.getByText('No alert rules yet').waitFor();
  await page.getByText('This installation has no Slack app yet.').waitFor();
  await page.getByText('RESEND_API_KEY').waitFor();
  await page.getByText('Choose a destination').waitFor();
  await expectAccessible(page, 'alerts-empty');
  await page.getByRole('link', { name: 'Incidents' }).click();
  await page.getByText('No incidents yet').waitFor();
  await expectAccessible(page, 'incidents-empty');
});

it('creates a rule for a monitor, and describes while one types what it will do', async ({
  page,
  workspace,
  shop,
  app,
}) => {
  const { url, orgId, monitorId } = await monitorShop(workspace, shop);
  await page.goto(`${url}/alerts/rules/new?monitor=${monitorId}`);
  const sentence = page.locator('[data-sentence]');
  await sentence.getByText('when a check of monitor “Search” fails or has an error: once').waitFor();
  // What belongs to workflows alone is not offered for a monitor, once scripts have taken the form over.
  await page.getByLabel('called a blocked tool').waitFor({ state: 'hidden' });
  await page.getByLabel('is degraded', { exact: false }).check();
  await page.getByRole('spinbutton', { name: 'Failures in a row' }).fill('2');
  await page.getByLabel('Reminders').selectOption('60');
  await page.getByLabel('Address').fill('ops@example.com');
  expect(await sentence.textContent()).toBe(
    'Notifies ops@example.com when a check of monitor “Search” fails, has an error or is degraded, 2 times in a row: once, then a reminder every hour while it lasts, and a note when it has recovered.',
  );
  await expectAccessible(page, 'rule-new');
  await page.getByLabel('Target').selectOption('all_workflows');
  await page.getByLabel('called a blocked tool').waitFor();
  await page.getByLabel('Target').selectOption(`monitor:${monitorId}`);
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByText('Enter a name.').first().waitFor();
  expect(await page.getByRole('spinbutton', { name: 'Failures in a row' }).inputValue()).toBe('2');
  await page.getByLabel('Name', { exact: true }).fill('Search is down');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await heading(page, /Search is down/).waitFor();
  await expectAccessible(page, 'rule');
  expect(await app.deps.db.alertRule.findFirstOrThrow({ where: { orgId, targetKind: 'monitor' } })).toMatchObject({
    name: 'Search is down',
    targetId: monitorId,
    destination: { kind: 'email', address: 'ops@example.com' },
    conditions: { onDegraded: true, threshold: { kind: 'consecutive', failures: 2 }, remindEveryMinutes: 60 },
  });
});

it('sends a test, which is in the outbox as the e-mail that it would have been', async ({
  page,
  workspace,
  shop,
  app,
}) => {
  const monitored = await monitorShop(workspace, shop);
  const ruleId = await createSearchRule(monitored);
  const sentTests = { orgId: workspace.orgId, kind: 'test', state: 'outbox' };
  await page.goto(`${workspace.url}/alerts/rules/${ruleId}`);
  await page.getByRole('button', { name: 'Send a test: Search is down' }).click();
  await page.getByRole('alert').getByText('A test message is on its way to ops@example.com.').waitFor();
  await expect.poll(() => app.deps.db.delivery.count({ where: sentTests })).toBe(1);
  await page.reload();
  await page.getByText('In outbox').waitFor();
  await expectAccessible(page, 'rule-with-delivery');
  await page.getByRole('link', { name: 'Read it' }).click();
  await heading(page, 'Outbox').waitFor();
  await page.getByText('To ops@example.com').waitFor();
  const mail = page.locator('iframe');
  expect(await mail.getAttribute('sandbox')).toBe('');
  expect(await mail.getAttribute('srcdoc')).toContain('This is a test. Nothing is broken.');
  await page.getByText('As text').click();
  await page
    .getByRole('region', { name: /^Text of/ })
    .getByText('This is a test. Nothing is broken.')
    .waitFor();
  await expectAccessible(page, 'outbox');
});

it('mutes, unmutes, pauses and resumes a rule from the table', async ({ page, workspace, shop }) => {
  await createSearchRule(await monitorShop(workspace, shop));
  await page.goto(`${workspace.url}/servers`);
  await page.getByRole('link', { name: 'Alerts' }).first().click();
  await heading(page, 'Alerts').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'Search is down' }).first();
  await row.getByRole('button', { name: 'Mute 1 h: Search is down' }).click();
  await row.getByText('Muted until').waitFor();
  await expectAccessible(page, 'alerts');
  await row.getByRole('button', { name: 'Unmute: Search is down' }).click();
  await row.getByText('Muted until').waitFor({ state: 'detached' });
  await row.getByRole('button', { name: 'Pause: Search is down' }).click();
  await row.getByText('Paused').waitFor();
  await row.getByRole('button', { name: 'Resume: Search is down' }).click();
  await row.getByText('Active').waitFor();
});

it('switches the rule on Armature itself on with an address of its own', async ({ page, workspace }) => {
  await page.goto(`${workspace.url}/alerts`);
  await page.getByRole('link', { name: 'Choose a destination' }).click();
  await heading(page, /Armature itself/).waitFor();
  await page.getByLabel('Address').fill('operator@example.com');
  await expectAccessible(page, 'rule-built-in');
  await page.getByRole('button', { name: 'Save and enable' }).click();
  await page.getByRole('alert').getByText('watches.').waitFor();
  await page.getByText('Active').first().waitFor();
  expect(await page.getByRole('link', { name: 'Delete' }).count()).toBe(0);
});

it('creates a webhook and shows its signing secret once', async ({ page, workspace, shop, app }) => {
  await page.goto(`${workspace.url}/alerts`);
  await page.getByLabel('Webhook name').fill('Pager');
  await page.getByLabel('Webhook URL').fill('http://169.254.169.254/latest');
  await page.getByRole('button', { name: 'Add the webhook' }).click();
  await page.getByRole('alert').waitFor();
  expect(await app.deps.db.webhook.count({ where: { orgId: workspace.orgId } })).toBe(0);
  await page.getByLabel('Webhook URL').fill(`${shop.url.replace('/mcp', '')}/hooks?key=a-secret-key`);
  await page.getByRole('button', { name: 'Add the webhook' }).click();
  const shown = page.getByRole('region', { name: 'The signing secret' });
  await shown.getByText('Copy it now').waitFor();
  const secret = await page.getByRole('region', { name: 'Signing secret', exact: true }).textContent();
  expect(secret).toMatch(/^whsec_[\w+/=]{32,}$/);
  await expectAccessible(page, 'webhook-created');
  await page.reload();
  await page.getByText('(and key)').waitFor();
  expect(await page.content()).not.toContain(secret ?? 'no secret was shown');
  expect(await page.content()).not.toContain('a-secret-key');
});

it('edits a webhook, and deletes it only when asked twice', async ({ page, workspace, shop }) => {
  await createWebhook(workspace.ctx, { name: 'Pager', url: `${shop.url.replace('/mcp', '')}/hooks` });
  await page.goto(`${workspace.url}/alerts`);
  await page.getByRole('link', { name: 'Edit Pager' }).click();
  await page.getByRole('heading', { name: 'Edit Pager' }).waitFor();
  await page.getByLabel('Webhook name').fill('Pager duty');
  await page.getByRole('button', { name: 'Save the webhook' }).click();
  await page.getByRole('alert').getByText('was saved').waitFor();
  await page.getByRole('link', { name: 'Delete Pager duty' }).click();
  await page.getByRole('region', { name: /^Delete the webhook/ }).waitFor();
  await expectAccessible(page, 'webhook-delete');
  await page.getByRole('button', { name: 'Delete webhook' }).click();
  await page.getByRole('alert').getByText('The webhook was deleted.').waitFor();
});

it('sends a failed delivery again on request', async ({ page, workspace, shop, app }) => {
  await openIncidentWithFailedDelivery(await monitorShop(workspace, shop));
  const sentAgain = { orgId: workspace.orgId, kind: 'opened', state: 'outbox', round: 2 };
  await page.goto(`${workspace.url}/alerts?state=failed`);
  const again = page.getByRole('button', { name: 'Send again: New incident to ops@example.com' });
  await again.waitFor();
  await expectAccessible(page, 'deliveries');
  await again.click();
  await page.getByRole('alert').getByText('Sending again to ops@example.com.').waitFor();
  await expect.poll(() => app.deps.db.delivery.count({ where: sentAgain })).toBe(1);
  await page.goto(`${workspace.url}/alerts?state=failed`);
  await page.getByText('No deliveries match your filters.').waitFor();
});

it('shows what a server changed as a diff, and whom that concerns', async ({ page, workspace, shop, app }) => {
  const { url, orgId, serverId } = await monitorShop(workspace, shop);
  const now = new Date();
  const breaking = { path: 'query', change: 'type_changed', before: 'string', after: 'integer', breaking: true };
  const harmless = { path: 'page', change: 'added', after: { type: 'integer' }, breaking: false };
  await app.deps.db.toolChange.createMany({
    data: [
      {
        id: newId(),
        orgId,
        serverId,
        tool: 'search_products',
        kind: 'input_schema_changed',
        breaking: true,
        diff: { fields: [breaking, harmless] },
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
  await app.deps.db.incident.create({
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
  await page.goto(`${url}/servers/${serverId}`);
  const history = page.locator('#changes');
  await history.getByText('1 open breaking change').waitFor();
  await history.getByRole('deletion').filter({ hasText: 'string' }).waitFor();
  await history.getByRole('insertion').filter({ hasText: 'integer' }).first().waitFor();
  await history.getByRole('listitem').filter({ hasText: 'Monitor Search' }).last().waitFor();
  await expectAccessible(page, 'server-changes');
  await history.getByRole('link', { name: 'Review or accept' }).click();
  await heading(page, /search_products/).waitFor();
  await page.getByRole('button', { name: 'Accept change' }).first().waitFor();
  await expectAccessible(page, 'incident-change');
});

it('publishes a status page with a badge, and takes it back', async ({ page, openPage, workspace, shop, app }) => {
  const { url, slug, orgId, monitorId } = await monitorShop(workspace, shop);
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  // Failures of every 17th day, and a few of every 11th.
  const failures = (daysAgo: number) => (daysAgo % 17 === 5 ? 300 : daysAgo % 11 === 3 ? 3 : 0);
  await app.deps.db.checkDay.createMany({
    data: Array.from({ length: 60 }, (_, daysAgo) => ({
      orgId,
      monitorId,
      day: new Date(today - daysAgo * 86_400_000),
      pass: 1440 - failures(daysAgo),
      fail: failures(daysAgo),
      latency: [],
    })),
    skipDuplicates: true,
  });
  await page.goto(`${url}/servers`);
  await page.getByRole('link', { name: 'Status page' }).click();
  await page.getByLabel('Public').check();
  await page.getByLabel('Title').fill('Acme status');
  await page.getByRole('checkbox', { name: 'Shop' }).check();
  await page.getByLabel('Shown as (Shop)').fill('Our shop');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('The page is public.').waitFor();
  const badge = page.getByRole('img', { name: 'Badge with the current status' });
  const badgeWidth = () => badge.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0));
  await expect.poll(badgeWidth).toBeGreaterThan(50);
  await expectAccessible(page, 'status-settings');

  const visitor = await openPage();
  const answer = await visitor.goto(`${app.url}/status/${slug}`);
  expect(answer?.status()).toBe(200);
  await visitor.getByRole('heading', { level: 1, name: 'Acme status' }).waitFor();
  await visitor.getByRole('heading', { level: 2, name: 'Our shop' }).waitFor();
  await visitor.getByText('Search', { exact: true }).first().waitFor();
  await visitor.getByRole('img', { name: /^Uptime of the last 90 days: 9\d\.\d\d %$/ }).waitFor();
  await expectAccessible(visitor, 'status', { hydrates: false });

  await page.getByLabel('Public').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('The page is off.').waitFor();
});

it('works without scripts: plain forms create, correct, test and delete a rule', async ({
  openOwnersPage,
  workspace,
  shop,
}) => {
  await createSearchRule(await monitorShop(workspace, shop));
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/alerts/rules/new`);
  await page.getByLabel('Name', { exact: true }).fill('Everything');
  await page.getByLabel('Address').fill('not an address');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByRole('alert').first().waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Everything');
  await page.getByLabel('Target').selectOption('all_monitors');
  await page.getByLabel('Address').fill('ops@example.com');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await heading(page, /Everything/).waitFor();
  await page.getByText('Notifies ops@example.com when a check of any monitor fails').first().waitFor();
  await page.getByRole('button', { name: 'Send a test: Everything' }).click();
  await page.getByText('A test message is on its way').waitFor();
  await page.getByRole('link', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete rule' }).click();
  await page.waitForURL(`${workspace.url}/alerts`);
  const rules = page.getByRole('region', { name: 'Alert rules' }).first();
  await rules.getByRole('link', { name: 'Search is down', exact: true }).waitFor();
  expect(await rules.getByRole('link', { name: 'Everything', exact: true }).count()).toBe(0);
});

it('keeps its contrast in the dark', async ({ openOwnersPage, workspace, shop, app }) => {
  await openIncidentWithFailedDelivery(await monitorShop(workspace, shop));
  await app.deps.db.delivery.updateMany({ where: { orgId: workspace.orgId }, data: { state: 'outbox' } });
  const page = await openOwnersPage({ colorScheme: 'dark' });
  for (const path of ['alerts', 'incidents', 'alerts/outbox', 'status-page']) {
    await page.goto(`${workspace.url}/${path}`);
    await expectAccessible(page, `dark-${path.replace('/', '-')}`);
  }
});
