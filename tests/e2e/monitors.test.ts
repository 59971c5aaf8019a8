import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { latencyBuckets, toBucket } from '../../domain/monitor/latency.ts';
import { newId } from '../../services/context/ids.ts';
import { expectAccessible, screenshot } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createMonitor, lowerRole, type Workspace } from '../support/browser/workspace.ts';

/** The card of a tool in the form for new monitors. */
const cardOf = (page: Page, tool: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name: tool, exact: true }) });

/**
 * Opens the form for new monitors of these tools, which will be due once an hour: no scheduled check falls into a test.
 */
async function openForm(page: Page, { url }: Workspace, serverId: string, tools: readonly string[]): Promise<void> {
  await page.goto(`${url}/monitors/new?server=${serverId}&${tools.map((tool) => `tool=${tool}`).join('&')}`);
  await page.getByLabel('Check', { exact: true }).selectOption('3600');
}

/** Monitors of `get_product` and `search_products`. */
async function monitorShop(workspace: Workspace, shop: { url: string }) {
  const serverId = await connectShop(workspace.ctx, shop);
  const product = { tool: 'get_product', arguments: { sku: 'MUG-001' } };
  const search = { tool: 'search_products', arguments: { query: 'mug' } };
  const monitorId = await createMonitor(workspace.ctx, serverId, product);
  await createMonitor(workspace.ctx, serverId, search);
  return { ...workspace, serverId, monitorId };
}

/** A day of hours, one of them with failures, and a maintenance that is over. */
async function seedHistory({ ctx, orgId, serverId, monitorId }: Awaited<ReturnType<typeof monitorShop>>) {
  const { db } = ctx.deps;
  const hourMs = 3_600_000;
  const now = Date.now();
  const lastHour = Math.floor(now / hourMs) * hourMs;
  await db.checkHour.createMany({
    data: Array.from({ length: 22 }, (_, index) => {
      const latency = latencyBuckets.map(() => 0);
      latency[toBucket(40 + 10 * Math.abs(11 - index))] = 55;
      latency[toBucket(300 + 20 * index)] = 5;
      const isDown = index === 7;
      return {
        orgId,
        monitorId,
        hour: new Date(lastHour - (index + 1) * hourMs),
        pass: isDown ? 20 : 58,
        degraded: isDown ? 0 : 2,
        error: isDown ? 40 : 0,
        latency,
      };
    }),
  });
  await db.maintenanceWindow.create({
    data: {
      id: newId(),
      orgId,
      serverId,
      startsAt: new Date(now - 5 * hourMs),
      endsAt: new Date(now - 3 * hourMs),
      createdBy: 'member:test',
    },
  });
}

it('asks for a server where there is none', async ({ page, workspace }) => {
  await page.goto(`${workspace.url}/monitors`);
  await page.getByText('Connect a server first').waitFor();
  await expectAccessible(page, 'monitors-no-server');
});

it('leads from connecting a server to choosing what to monitor', async ({ page, workspace, shop }) => {
  await page.goto(`${workspace.url}/servers/new`);
  await page.getByLabel('Name', { exact: true }).fill('Shop');
  await page.getByLabel('URL of the MCP endpoint').fill(shop.url);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('Shop is connected.').waitFor();
  await expectAccessible(page, 'monitors-connected');
  await page.getByRole('link', { name: 'Choose what to monitor' }).click();
  await page.getByRole('heading', { level: 1, name: 'Monitor Shop' }).waitFor();
});

it('preselects what needs no arguments, never what is destructive', async ({ page, workspace, shop }) => {
  const serverId = await connectShop(workspace.ctx, shop);
  await page.goto(`${workspace.url}/monitors/new?server=${serverId}`);
  await page.getByRole('heading', { level: 1, name: 'Monitor Shop' }).waitFor();
  const box = (tool: string) => page.locator(`input[name=tool][value=${tool}]`);
  await page.getByText('It needs no arguments and only reads.').first().waitFor();
  expect(await box('search_products').isChecked()).toBe(true);
  expect(await box('get_product').isChecked()).toBe(false);
  expect(await box('refund_order').isChecked()).toBe(false);
  await page
    .getByRole('listitem')
    .filter({ has: box('refund_order') })
    .getByText('Destructive')
    .waitFor();
  await expectAccessible(page, 'monitors-choose');
  await box('get_product').check();
  await box('get_shop_status').uncheck();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/tool=/);
  await cardOf(page, 'get_product').waitFor();
  await cardOf(page, 'search_products').waitFor();
});

it('builds a form from the input schema, and shows a wrong argument beside its field', async ({
  page,
  workspace,
  shop,
}) => {
  const serverId = await connectShop(workspace.ctx, shop);
  await openForm(page, workspace, serverId, ['get_product', 'search_products']);
  const search = cardOf(page, 'search_products');
  const product = cardOf(page, 'get_product');
  await search.getByLabel('max_price_cents (optional)').fill('a lot');
  await product.getByLabel('sku', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Create 2 monitors' }).click();
  await search.getByText('Enter a whole number.').waitFor();
  expect(await search.getByLabel('max_price_cents (optional)').getAttribute('aria-invalid')).toBe('true');
  await expectAccessible(page, 'monitors-refused');
  await search.getByLabel('max_price_cents (optional)').fill('');
  await search.getByLabel('limit (optional)').fill('500');
  await page.getByRole('button', { name: 'Create 2 monitors' }).click();
  // What only the schema knows, from the server.
  await search.getByText('This must be <= 50.').waitFor();
  await product.getByText('Required.').waitFor();
});

it('shows the same arguments as a form and as JSON', async ({ page, workspace, shop }) => {
  const serverId = await connectShop(workspace.ctx, shop);
  await openForm(page, workspace, serverId, ['search_products']);
  const search = cardOf(page, 'search_products');
  await search.getByLabel('limit (optional)').fill('3');
  await search.getByLabel('query (optional)').fill('mug');
  await search.getByRole('button', { name: 'Write as JSON' }).click();
  const json = search.getByLabel(/JSON/);
  expect(JSON.parse(await json.inputValue())).toEqual({ query: 'mug', limit: 3 });
  await json.fill('{"query": "mug", "colour": "red"}');
  await search.getByRole('button', { name: 'Use the form' }).click();
  await search.getByText("The form can't show all of these arguments.").waitFor();
  await expectAccessible(page, 'monitors-json');
  await json.fill('{"query": "mug", "category": "kitchen"}');
  await search.getByRole('button', { name: 'Use the form' }).click();
  expect(await search.getByLabel('category (optional)').inputValue()).toBe('"kitchen"');
});

it('makes a test call that stores nothing', async ({ page, workspace, shop, app }) => {
  const { orgId } = workspace;
  const serverId = await connectShop(workspace.ctx, shop);
  await openForm(page, workspace, serverId, ['get_product']);
  const product = cardOf(page, 'get_product');
  await product.getByLabel('sku', { exact: true }).fill('MUG-001');
  await product.getByRole('button', { name: 'Test call of get_product' }).click();
  await product.getByLabel('Answer of get_product').getByText('MUG-001').waitFor();
  await expectAccessible(page, 'monitors-tested');
  expect(await app.deps.db.check.count({ where: { orgId } })).toBe(0);
  expect(await app.deps.db.monitor.count({ where: { orgId } })).toBe(0);
});

it('creates none whose test call fails, unless that is asked for, and says what writes', async ({
  page,
  workspace,
  shop,
  app,
}) => {
  const serverId = await connectShop(workspace.ctx, shop);
  await openForm(page, workspace, serverId, ['create_order', 'get_product']);
  const order = cardOf(page, 'create_order');
  await order.getByText('Writes every hour').waitFor();
  await page.getByLabel('Check', { exact: true }).selectOption('300');
  await order.getByText('Writes every 5 minutes').waitFor();
  await page.getByLabel('Check', { exact: true }).selectOption('3600');
  const product = cardOf(page, 'get_product');
  expect(await product.getByText(/^Writes/).count()).toBe(0);
  // Without examples in the schema, nothing is filled in.
  expect(await order.getByLabel('reference', { exact: true }).inputValue()).toBe('');
  await order.getByRole('button', { name: 'Leave out create_order' }).click();
  await order.waitFor({ state: 'detached' });
  await product.getByLabel('sku', { exact: true }).fill('NO-SUCH');
  await page.getByRole('button', { name: 'Create the monitor' }).click();
  await page.getByText('1 test call did not pass.').waitFor();
  await product.getByLabel('Answer of get_product').getByText('NO-SUCH').waitFor();
  await expectAccessible(page, 'monitors-failing');
  const { orgId } = workspace;
  expect(await app.deps.db.monitor.count({ where: { orgId } })).toBe(0);
  await page.getByRole('button', { name: 'Create anyway' }).click();
  await page.waitForURL(/\/monitors\?server=/);
  await page.getByRole('row').filter({ hasText: 'get_product' }).getByText('Setting up').waitFor();
  expect(await app.deps.db.incident.count({ where: { orgId } })).toBe(0);
});

it('saves, and the first results appear without a reload', async ({ page, workspace, shop, app }) => {
  const serverId = await connectShop(workspace.ctx, shop);
  await openForm(page, workspace, serverId, ['get_product', 'search_products']);
  await cardOf(page, 'get_product').getByLabel('sku', { exact: true }).fill('MUG-001');
  const search = cardOf(page, 'search_products');
  await search.getByRole('button', { name: 'Write as JSON' }).click();
  await search.getByLabel(/JSON/).fill('{"query": "mug", "category": "kitchen"}');
  await page.getByRole('button', { name: 'Create 2 monitors' }).click();
  await page.waitForURL(/\/monitors\?server=/);
  await page.getByRole('row').filter({ hasText: 'get_product' }).getByText('Pass', { exact: true }).waitFor();
  await page.getByRole('row').filter({ hasText: 'search_products' }).getByText('Pass', { exact: true }).waitFor();
  await page.getByText('Waiting for results').waitFor({ state: 'detached' });
  await page.getByRole('list', { name: 'Monitor totals' }).getByText('2').waitFor();
  await expectAccessible(page, 'monitors');
  const { orgId } = workspace;
  const monitors = await app.deps.db.monitor.findMany({ where: { orgId }, orderBy: { tool: 'asc' } });
  expect(monitors.map(({ arguments: args }) => args)).toEqual([
    { sku: 'MUG-001' },
    { query: 'mug', category: 'kitchen' },
  ]);
});

it('shows the server its monitors, and takes it into maintenance', async ({ page, workspace, shop }) => {
  await monitorShop(workspace, shop);
  await page.goto(`${workspace.url}/servers`);
  await page.getByRole('link', { name: /^Shop/ }).first().click();
  await page.getByRole('link', { name: /^Tools/ }).click();
  await page.getByRole('row').filter({ hasText: 'get_product' }).getByText('1 monitor').waitFor();
  await page.getByRole('link', { name: 'Connection' }).click();
  await page.getByRole('link', { name: 'Plan maintenance' }).click();
  await page.getByLabel('Reason (optional)').fill('New release');
  await page.getByRole('button', { name: 'Add window' }).click();
  await page.getByText('The maintenance window was added.').waitFor();
  await page.getByText('Now', { exact: true }).waitFor();
  await expectAccessible(page, 'monitors-server');
  await page.getByRole('button', { name: 'End now' }).click();
  await page.getByText('The maintenance window has ended.').waitFor();
  await page.getByText('Over', { exact: true }).waitFor();
});

it('shows a monitor: its figures, its chart, its checks', async ({ page, workspace, shop }) => {
  await seedHistory(await monitorShop(workspace, shop));
  await page.goto(`${workspace.url}/monitors?search=get_prod`);
  await page.getByRole('link', { name: /^get_product/ }).click();
  await page.getByRole('heading', { level: 1, name: 'get_product' }).waitFor();
  const chart = page.getByRole('slider', { name: /Latency over time/ });
  expect(await chart.getAttribute('aria-label')).toContain('40 checks did not pass');
  await chart.press('Home');
  await page
    .getByRole('figure')
    .getByText(/ checks · uptime /)
    .waitFor();
  await page.getByText('The figures as a table').click();
  await page.getByRole('table', { name: 'Latency by time' }).getByRole('row').nth(20).waitFor();
  const days = page.getByRole('slider', { name: /^Uptime over 30 days/ });
  await days.press('End');
  await page.getByText(/: no checks$/).waitFor();
  await expectAccessible(page, 'monitor');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  await chart.waitFor();
  await expectAccessible(page, 'monitor-dark');
  await page.getByRole('link', { name: '7 days' }).click();
  await page.waitForURL(/range=7d/);
  await page.getByRole('link', { name: '7 days', exact: true }).and(page.locator('[aria-current]')).waitFor();
});

it('checks now, and the result appears without a reload', async ({ page, workspace, shop }) => {
  const { url, monitorId } = await monitorShop(workspace, shop);
  await page.goto(`${url}/monitors/${monitorId}`);
  await page.getByRole('button', { name: 'Check now' }).click();
  const latest = page.getByRole('table', { name: 'Latest checks' }).locator('tbody').getByRole('row');
  await latest.first().getByText('Pass').waitFor();

  shop.control.set({ fail: { get_product: 'No such <b>product</b>' } });
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('The requested check is first in the list.').waitFor();
  await latest.first().getByText('Fail').waitFor();
  await latest.first().getByText('Manual').waitFor();
  await page.getByText('Failing since').waitFor();
  await expectAccessible(page, 'monitor-failed');
  await latest.first().getByRole('link').click();
  const drawer = page.getByRole('dialog', { name: /^Check of/ });
  await drawer.getByText('No such <b>product</b>').waitFor();
  await drawer.getByText('MUG-001').waitFor();
  await expectAccessible(page, 'monitor-check');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });

  await page.getByLabel('Outcome').selectOption('failing');
  await page.waitForURL(/outcome=failing/);
  const checks = page
    .getByRole('table', { name: /^Checks on \d{4}-/ })
    .locator('tbody')
    .getByRole('row');
  await expect.poll(() => checks.count()).toBe(1);
  await expectAccessible(page, 'monitor-checks');
  await checks.first().getByRole('link').click();
  await drawer.waitFor();
  expect(page.url()).toMatch(/outcome=failing/);
  await page.goBack();
  await drawer.waitFor({ state: 'detached' });
  await page.getByLabel('Outcome').selectOption('degraded');
  await page.getByText(/^No matching checks on/).waitFor();
});

it('lists the incidents of a monitor', async ({ page, workspace, shop, app }) => {
  const { url, monitorId, orgId, serverId } = await monitorShop(workspace, shop);
  await page.goto(`${url}/monitors/${monitorId}/incidents`);
  await page.getByText('No incidents so far').waitFor();
  const at = new Date();
  await app.deps.db.incident.create({
    data: {
      id: newId(),
      orgId,
      subjectKind: 'monitor',
      subjectKey: monitorId,
      serverId,
      monitorId,
      level: 'bad',
      summary: 'It broke.',
      cause: { outcome: 'fail' },
      openedAt: at,
      lastFailedAt: at,
    },
  });
  // It is there without a reload.
  const table = page.getByRole('table', { name: 'Incidents of this monitor' });
  await table.getByText('It broke.').waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Incidents 1' }).waitFor();
  await expectAccessible(page, 'monitor-incidents');
  await page.getByLabel('State').selectOption('closed');
  await page.getByText('No incidents in this state').waitFor();
});

it.for(['viewer', 'editor'] as const)('offers %s what they may do', async (role, { page, workspace, shop }) => {
  const { url, monitorId } = await monitorShop(workspace, shop);
  await lowerRole(workspace, role);
  const isEditor = role === 'editor';
  await page.goto(`${url}/monitors`);
  await page.getByRole('row').filter({ hasText: 'get_product' }).waitFor();
  expect(await page.getByRole('checkbox').count()).toBe(isEditor ? 3 : 0);
  expect(await page.getByRole('link', { name: 'Add monitors' }).count()).toBe(isEditor ? 1 : 0);
  await page.goto(`${url}/monitors/${monitorId}`);
  await page.getByRole('heading', { level: 1, name: 'get_product' }).waitFor();
  for (const name of ['Check now', 'Pause', 'More actions'])
    expect(await page.getByRole('button', { name, exact: true }).count()).toBe(isEditor ? 1 : 0);
  expect(await page.getByRole('link', { name: 'Edit', exact: true }).count()).toBe(isEditor ? 1 : 0);
  await expectAccessible(page, `monitor-${role}`);
  await page.goto(`${url}/monitors/${monitorId}/edit`);
  if (isEditor) await page.getByLabel('Name', { exact: true }).waitFor();
  else await page.waitForURL(`${url}/monitors/${monitorId}`);
});

it('pauses a monitor from its page, and takes it back', async ({ page, workspace, shop }) => {
  const { url, monitorId } = await monitorShop(workspace, shop);
  await page.goto(`${url}/monitors/${monitorId}/checks`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Monitor paused.').waitFor();
  await page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Monitor resumed.').waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
});

it('edits a monitor, and refuses an assertion on a tool that it does not call', async ({ page, workspace, shop }) => {
  const { url, monitorId } = await monitorShop(workspace, shop);
  await page.goto(`${url}/monitors/${monitorId}`);
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await page.getByText('Limits and assertions').click();
  const assertions = page.getByLabel('Assertions on the result (optional)');
  await assertions.fill('`get_order` result contains "x"');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Line 1: This monitor calls "get_product" alone').waitFor();
  await expectAccessible(page, 'monitor-edit');
  await assertions.fill('`get_product` result field `name` contains "unicorn"');
  await page.getByLabel('Name', { exact: true }).fill('The mug');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'The mug', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByRole('table', { name: 'Latest checks' }).getByText('Degraded').waitFor();
});

it('pauses and resumes several, and deletes them only when asked twice', async ({ page, workspace, shop, app }) => {
  await monitorShop(workspace, shop);
  await page.goto(`${workspace.url}/monitors`);
  await page.getByLabel('Select all on this page').check();
  await page.getByText('2 monitors selected').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('2 monitors paused.').waitFor();
  await page.getByRole('cell').getByText('Paused').nth(1).waitFor();
  await expectAccessible(page, 'monitors-paused');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('2 monitors resumed.').waitFor();
  await page.getByLabel('Select search_products').check();
  await page.getByRole('button', { name: 'Delete …' }).click();
  const question = page.getByRole('region', { name: 'Delete this monitor?' });
  await question.getByText('search_products').waitFor();
  // The question stays when the list follows a change.
  const reloaded = page.waitForResponse(/\/monitors\.data/);
  app.deps.live.announce({ orgId: workspace.orgId, topic: 'monitor', id: newId() });
  await reloaded;
  await expectAccessible(page, 'monitors-delete');
  await question.getByText('search_products').waitFor();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  expect(await app.deps.db.monitor.count({ where: { orgId: workspace.orgId, state: 'active' } })).toBe(2);
});

it('creates and pauses monitors without scripts', async ({ openOwnersPage, workspace, shop }) => {
  const serverId = await connectShop(workspace.ctx, shop);
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/monitors/new?server=${serverId}&tool=check_stock`);
  await page.getByLabel('sku', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Create the monitor' }).click();
  await page.getByText('Required.').waitFor();
  await page.getByLabel('sku', { exact: true }).fill('MUG-001');
  await page.getByRole('button', { name: 'Write as JSON' }).click();
  expect(JSON.parse(await page.getByLabel(/JSON/).inputValue())).toEqual({ sku: 'MUG-001' });
  await page.getByRole('button', { name: 'Test call of check_stock' }).click();
  await page.getByLabel('Answer of check_stock').getByText('in_stock').waitFor();
  await page.getByRole('button', { name: 'Add another monitor for check_stock' }).click();
  await page.getByRole('button', { name: 'Create 2 monitors' }).waitFor();
  await page.getByRole('button', { name: 'Leave out check_stock 2' }).click();
  await page.getByRole('button', { name: 'Create the monitor' }).click();
  await page.waitForURL(/\/monitors\?server=/);
  await page.getByLabel('Select check_stock').check();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('1 monitor paused.').waitFor();
  await screenshot(page, 'monitors-plain');
});

it('shows and deletes a monitor without scripts', async ({ openOwnersPage, workspace, shop, app }) => {
  await seedHistory(await monitorShop(workspace, shop));
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/monitors`);
  await page.getByRole('link', { name: /^get_product/ }).click();
  await page.locator('figure svg polyline').first().waitFor();
  await page.getByText('The figures as a table').waitFor();
  await screenshot(page, 'monitor-plain');
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('button', { name: 'Delete monitor' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete monitor' }).click();
  await page.waitForURL(`${workspace.url}/monitors`);
  expect(await app.deps.db.monitor.count({ where: { orgId: workspace.orgId, state: 'archived' } })).toBe(1);
});

it('sends the first 25 of 1,000 monitors, in less than 200 kB', async ({ workspace, shop, app }) => {
  const { db } = app.deps;
  const { orgId, url, cookie } = workspace;
  const serverId = await connectShop(workspace.ctx, shop);
  const { id: authProfileId } = await db.authProfile.findFirstOrThrow({ where: { orgId, serverId } });
  const checkedAt = new Date();
  const ids = Array.from({ length: 1000 }, () => newId());
  await db.monitor.createMany({
    data: ids.map((id, index) => ({
      id,
      orgId,
      serverId,
      authProfileId,
      name: `Monitor ${index}`,
      tool: 'get_product',
      arguments: { sku: `MUG-${index}` },
      argumentsKey: `key ${index}`,
      intervalSeconds: 60,
    })),
  });
  await db.monitorHealth.createMany({
    data: ids.map((monitorId) => ({
      orgId,
      monitorId,
      outcome: 'pass',
      latencyMs: 20,
      checkedAt,
      since: checkedAt,
    })),
  });
  const html = await (await fetch(`${url}/monitors`, { headers: { cookie } })).text();
  expect(html.match(/name="monitor"/g)).toHaveLength(25);
  expect(Buffer.byteLength(html)).toBeLessThan(200_000);
});
