import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { createRule } from '../../services/alert-rule/create.ts';
import { newId } from '../../services/context/ids.ts';
import { createWebhook } from '../../services/destination/webhook/create.ts';
import { observeChecksIn } from '../../services/incident/recording/observe-checks.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { startFakeService } from '../support/alerts/fake-service.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createMonitor, lowerRole, type Workspace } from '../support/browser/workspace.ts';

it.override('expectedComplaints', [
  /the server responded with a status of (400|409|422)/,
  // No script may run in the outbox's frames, that of this browser's driver neither.
  /Blocked script execution in 'about:srcdoc'/,
]);

const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name });
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
async function openIncidentWithFailedDelivery(monitored: Monitored, ruleId?: string): Promise<string> {
  if (!ruleId) await createSearchRule(monitored);
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
  await page.getByText('Choose who is notified').waitFor();
  await expectAccessible(page, 'alerts-empty');
  await tab(page, 'Destinations').click();
  await page.getByText('No destinations yet').waitFor();
  await expectAccessible(page, 'destinations-empty');
  await page.getByRole('link', { name: 'Slack settings' }).click();
  await page.getByText('This installation has no Slack app yet.').waitFor();
  await expectAccessible(page, 'slack-settings');
  for (const [name, text] of [
    ['deliveries', 'No notifications yet'],
    ['outbox', 'The outbox is empty'],
    ['maintenance', 'Maintenance windows'],
  ] as const) {
    await page.goto(`${workspace.url}/alerts/${name}`);
    await page.getByText(text).first().waitFor();
    await expectAccessible(page, `${name}-empty`);
  }
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
  const preview = page.getByRole('complementary', { name: 'Preview' });
  await preview.getByText('when a check of monitor “Search” fails or has an error: once').waitFor();
  // What belongs to workflows alone is not offered for a monitor, once scripts have taken the form over.
  await page.getByLabel('called a blocked tool').waitFor({ state: 'hidden' });
  await page.getByLabel('is degraded', { exact: false }).check();
  await page.getByRole('spinbutton', { name: 'Failures in a row' }).fill('2');
  await page.getByLabel('Reminders').selectOption('60');
  await page.getByLabel('Address').fill('ops@example.com');
  await preview
    .getByText(
      'Notifies ops@example.com when a check of monitor “Search” fails, has an error or is degraded, 2 times in a row: once, then a reminder every hour while it lasts, and a note when it has recovered.',
      { exact: true },
    )
    .waitFor();
  await preview.getByText('Search: Monitor Search fails').waitFor();
  await expectAccessible(page, 'rule-new');
  await page.getByLabel('Watch', { exact: true }).selectOption('all_workflows');
  await page.getByLabel('called a blocked tool').waitFor();
  await page.getByLabel('Watch', { exact: true }).selectOption('monitor');
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByLabel('Address').fill('');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByText('2 fields need attention').waitFor();
  await page.getByText('Enter a name.').waitFor();
  await page.getByText('Enter an e-mail address.').waitFor();
  expect(await page.getByLabel('Name', { exact: true }).evaluate((field) => field === document.activeElement)).toBe(
    true,
  );
  expect(await page.getByRole('spinbutton', { name: 'Failures in a row' }).inputValue()).toBe('2');
  await expectAccessible(page, 'rule-refused');
  await page.getByLabel('Name', { exact: true }).fill('Search is down');
  await page.getByLabel('Address').fill('ops@example.com');
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

it('asks what to watch', async ({ page, workspace }) => {
  await page.goto(`${workspace.url}/alerts/rules/new`);
  await page.getByLabel('Name', { exact: true }).fill('Search is down');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByText('Choose what to watch.').last().waitFor();
  await page.getByLabel('Watch', { exact: true }).selectOption('monitor');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByText('Choose a monitor.').waitFor();
});

it('finds the target of a rule among many, and tests the destination before anything is saved', async ({
  page,
  workspace,
  shop,
  app,
}) => {
  const { ctx, url, orgId, serverId } = await monitorShop(workspace, shop);
  const receiver = await startFakeService();
  receiver.answer(() => ({ status: 204 }));
  await createWebhook(ctx, { name: 'Pager', url: `${receiver.url}/hooks` });
  await createMonitors(ctx, {
    serverId,
    intervalSeconds: 3600,
    monitors: Array.from({ length: 40 }, (_, index) => ({
      tool: 'search_products',
      name: `Search ${index}`,
      arguments: { query: `mug ${index}` },
    })),
  });
  await page.goto(`${url}/alerts/rules/new`);
  await page.getByLabel('Name', { exact: true }).fill('One of many');
  await page.getByLabel('Watch', { exact: true }).selectOption('monitor');
  await page.getByRole('combobox', { name: 'Monitor' }).fill('Search 3');
  await page.getByRole('option', { name: 'Search 39' }).click();
  await page.getByText('when a check of monitor “Search 39” fails').waitFor();
  await page.getByLabel('Webhook', { exact: true }).first().check();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('alert').getByText('Delivered to webhook Pager.').waitFor();
  expect(receiver.received).toHaveLength(1);
  expect(await app.deps.db.alertRule.count({ where: { orgId, targetKind: 'monitor' } })).toBe(0);
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('One of many');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await heading(page, /One of many/).waitFor();
  await receiver.close();
});

it('sends a test, which is in the outbox as the e-mail that it would have been', async ({ page, workspace, shop }) => {
  const monitored = await monitorShop(workspace, shop);
  const ruleId = await createSearchRule(monitored);
  await page.goto(`${workspace.url}/alerts/rules/${ruleId}`);
  await page.getByRole('button', { name: 'Send a test: Search is down' }).click();
  await page.getByRole('alert').getByText('A test message is on its way to ops@example.com.').waitFor();
  // Followed live.
  await page.getByRole('row').getByText('In outbox').waitFor();
  await expectAccessible(page, 'rule-with-delivery');
  await page.goto(`${workspace.url}/alerts/outbox`);
  await page.getByRole('row').filter({ hasText: 'ops@example.com' }).getByRole('link').click();
  await heading(page, 'Test message').waitFor();
  await page.getByText('This e-mail was not sent.').waitFor();
  const mail = page.locator('iframe');
  expect(await mail.getAttribute('sandbox')).toBe('');
  expect(await mail.getAttribute('srcdoc')).toContain('This is a test. Nothing is broken.');
  await page.getByText('As text').click();
  await page
    .getByRole('region', { name: /^Text of/ })
    .getByText('This is a test. Nothing is broken.')
    .waitFor();
  await expectAccessible(page, 'delivery');
});

it('mutes a rule and takes it back, pauses and resumes it, from the list', async ({ page, workspace, shop }) => {
  await createSearchRule(await monitorShop(workspace, shop));
  await page.goto(`${workspace.url}/alerts`);
  const row = page.getByRole('row').filter({ hasText: 'Search is down' }).first();
  const choose = async (item: string) => {
    await row.getByRole('button', { name: 'Actions for Search is down' }).click();
    await row.getByRole('button', { name: item }).click();
  };
  await choose('Mute for 1 hour');
  await row.getByText('Muted until').waitFor();
  await expectAccessible(page, 'alerts');
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await row.getByText('Muted until').waitFor({ state: 'detached' });
  await choose('Pause');
  await row.getByText('Paused').waitFor();
  await choose('Resume');
  await row.getByText('Active').waitFor();
});

it('switches the rule on Armature itself on with an address of its own', async ({ page, workspace }) => {
  await page.goto(`${workspace.url}/alerts`);
  await page.getByRole('link', { name: 'Choose who is notified' }).click();
  await heading(page, /Armature itself/).waitFor();
  await page.getByLabel('Address').fill('operator@example.com');
  await expectAccessible(page, 'rule-built-in');
  await page.getByRole('button', { name: 'Save and switch on' }).click();
  await page.getByText('Active').first().waitFor();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  expect(await page.getByRole('button', { name: 'Delete rule' }).count()).toBe(0);
});

it('creates a webhook and shows its signing secret once', async ({ page, workspace, shop, app }) => {
  await page.goto(`${workspace.url}/alerts/destinations`);
  await page.getByRole('link', { name: 'Add webhook' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Pager');
  await page.getByLabel('URL').fill('http://169.254.169.254/latest');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByRole('alert').waitFor();
  expect(await app.deps.db.webhook.count({ where: { orgId: workspace.orgId } })).toBe(0);
  await page.getByLabel('URL').fill(`${shop.url.replace('/mcp', '')}/hooks?key=a-secret-key`);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByRole('alert').getByText('Copy it now.').waitFor();
  const secret = await page.getByRole('region', { name: 'Signing secret', exact: true }).textContent();
  expect(secret).toMatch(/^whsec_[\w+/=]{32,}$/);
  await expectAccessible(page, 'webhook-created');
  await page.getByRole('link', { name: 'Done' }).click();
  await heading(page, 'Pager').waitFor();
  expect(await page.getByLabel('URL').inputValue()).toMatch(/\?key=$/);
  expect(await page.content()).not.toContain(secret ?? 'no secret was shown');
  expect(await page.content()).not.toContain('a-secret-key');
});

it('tests a webhook, edits it, and deletes it only when asked twice', async ({ page, workspace }) => {
  const receiver = await startFakeService();
  receiver.answer(() => ({ status: 503 }));
  await createWebhook(workspace.ctx, { name: 'Pager', url: `${receiver.url}/hooks` });
  await page.goto(`${workspace.url}/alerts/destinations`);
  await page.getByRole('button', { name: 'Send a test to webhook Pager' }).click();
  await page.getByRole('alert').getByText('answered with HTTP status 503.').waitFor();
  expect(receiver.received).toHaveLength(1);
  await expectAccessible(page, 'destinations');
  await page.getByRole('link', { name: /^Pager/ }).click();
  await heading(page, 'Pager').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Pager duty');
  await page.getByText('1 unsaved change').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').getByText('The webhook is saved.').waitFor();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('button', { name: 'Delete webhook' }).click();
  const dialog = page.getByRole('dialog', { name: /^Delete the webhook/ });
  await dialog.getByText('No rule sends there.').waitFor();
  await expectAccessible(page, 'webhook-delete');
  await dialog.getByRole('button', { name: 'Delete webhook' }).click();
  await page.getByText('No destinations yet').waitFor();
  await receiver.close();
});

describe('what a role may do', () => {
  it.for([
    ['viewer', { create: 0, connect: 0 }],
    ['editor', { create: 1, connect: 0 }],
    ['admin', { create: 1, connect: 1 }],
  ] as const)('%s', async ([role, may], { page, workspace, shop }) => {
    const monitored = await monitorShop(workspace, shop);
    const ruleId = await createSearchRule(monitored);
    await openIncidentWithFailedDelivery(monitored, ruleId);
    await lowerRole(workspace, role);
    await page.goto(`${workspace.url}/alerts`);
    await page.getByRole('link', { name: 'Search is down' }).waitFor();
    expect(await page.getByRole('link', { name: 'New rule' }).count()).toBe(may.create);
    expect(await page.getByRole('button', { name: /^Actions for/ }).count()).toBe(may.create * 2);
    await page.getByRole('link', { name: 'Search is down' }).click();
    await heading(page, /Search is down/).waitFor();
    expect(await page.getByRole('link', { name: 'Edit', exact: true }).count()).toBe(may.create);
    await page.goto(`${workspace.url}/alerts/deliveries`);
    await page.getByRole('row').filter({ hasText: 'ops@example.com' }).first().waitFor();
    expect(await page.getByRole('button', { name: /^Send again/ }).count()).toBe(may.create);
    await page.goto(`${workspace.url}/alerts/destinations`);
    await heading(page, 'Alerts').waitFor();
    expect(await page.getByRole('link', { name: 'Add webhook' }).count()).toBe(may.connect);
    expect(await page.getByRole('button', { name: /^Send a test to/ }).count()).toBe(may.create);
  });
});

it('sends a failed delivery again on request', async ({ page, workspace, shop, app }) => {
  await openIncidentWithFailedDelivery(await monitorShop(workspace, shop));
  const sentAgain = { orgId: workspace.orgId, kind: 'opened', state: 'outbox', round: 2 };
  await page.goto(`${workspace.url}/alerts/deliveries?state=failed`);
  const again = page.getByRole('button', { name: 'Send again: New incident to ops@example.com' });
  await again.waitFor();
  await expectAccessible(page, 'deliveries');
  await again.click();
  await page.getByRole('alert').getByText('Sending again to ops@example.com.').waitFor();
  await expect.poll(() => app.deps.db.delivery.count({ where: sentAgain })).toBe(1);
  await page.goto(`${workspace.url}/alerts/deliveries?state=failed`);
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
  await page.goto(`${url}/servers/${serverId}/changes`);
  const history = page.getByRole('main');
  await history.getByText('1 tool has a breaking change').waitFor();
  await history.getByRole('deletion').filter({ hasText: 'string' }).waitFor();
  await history.getByRole('insertion').filter({ hasText: 'integer' }).first().waitFor();
  await history.getByRole('listitem').filter({ hasText: 'Monitor Search' }).last().waitFor();
  await expectAccessible(page, 'server-changes');
  await history.getByRole('link', { name: 'Open incident' }).click();
  await heading(page, /search_products/).waitFor();
  await page.getByRole('button', { name: 'Accept change' }).first().waitFor();
  await expectAccessible(page, 'incident-change');
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
  await page.getByLabel('Watch', { exact: true }).selectOption('all_monitors');
  await page.getByLabel('Address').fill('ops@example.com');
  await page.getByRole('button', { name: 'Create rule' }).click();
  await heading(page, /Everything/).waitFor();
  await page.getByText('Notifies ops@example.com when a check of any monitor fails').first().waitFor();
  await page.getByRole('button', { name: 'Send a test: Everything' }).click();
  await page.getByText('A test message is on its way').waitFor();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('button', { name: 'Delete rule' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete rule' }).click();
  await page.waitForURL(`${workspace.url}/alerts`);
  await page.getByRole('link', { name: /^Search is down/ }).waitFor();
  expect(await page.getByRole('link', { name: /^Everything/ }).count()).toBe(0);
});

it('keeps its contrast in the dark', async ({ openOwnersPage, workspace, shop, app }) => {
  await openIncidentWithFailedDelivery(await monitorShop(workspace, shop));
  await app.deps.db.delivery.updateMany({ where: { orgId: workspace.orgId }, data: { state: 'outbox' } });
  const page = await openOwnersPage({ colorScheme: 'dark' });
  for (const path of [
    'alerts',
    'alerts/destinations',
    'alerts/deliveries',
    'alerts/rules/new',
    'incidents',
    'status-page',
  ]) {
    await page.goto(`${workspace.url}/${path}`);
    await expectAccessible(page, `dark-${path.replaceAll('/', '-')}`);
  }
});
