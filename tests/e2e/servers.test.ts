import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Locator, Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { latencyBuckets, toBucket } from '../../domain/monitor/latency.ts';
import type { ShopServer } from '../../examples/shop-server/index.ts';
import { syncServer } from '../../services/catalog/sync.ts';
import { editServer } from '../../services/server/edit.ts';
import { expectAccessible, waitForHydration } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createMonitor, createWorkflow, lowerRole, type Workspace } from '../support/browser/workspace.ts';

const hourMs = 3_600_000;

type Shop = { url: string; control: ShopServer['control'] };
type Tested = Workspace & { serverId: string; server: string; monitorId: string };

/** The shop with a monitor, a workflow, a day of checks and a breaking change that nobody has accepted. */
async function testShop(workspace: Workspace, shop: Shop): Promise<Tested> {
  const { ctx, orgId } = workspace;
  const { db } = ctx.deps;
  const serverId = await connectShop(ctx, shop);
  const monitorId = await createMonitor(ctx, serverId, { tool: 'search_products', arguments: { query: 'mug' } });
  await createMonitor(ctx, serverId, { tool: 'get_product', name: 'Mug', arguments: { sku: 'MUG-001' } });
  await createWorkflow(ctx, {
    name: 'Order a mug',
    serverId,
    prompt: 'call search_products {"query": "mug"}',
    criteria: [{ text: 'calls `search_products`' }],
  });
  const now = Math.floor(Date.now() / hourMs) * hourMs;
  const bucket = (ms: number, count: number) => latencyBuckets.map((_, at) => (at === toBucket(ms) ? count : 0));
  const hours = Array.from({ length: 23 }, (_, index) => ({
    orgId,
    monitorId,
    pass: index === 9 ? 40 : 60,
    fail: index === 9 ? 20 : 0,
    latency: bucket(60 + 25 * Math.abs(11 - index), index === 9 ? 40 : 60),
    minMs: 40,
    maxMs: 900,
    hour: new Date(now - index * hourMs),
  }));
  await db.checkHour.createMany({ data: hours });
  await db.checkDay.createMany({
    data: [
      {
        orgId,
        monitorId,
        day: new Date(new Date(now).toISOString().slice(0, 10)),
        pass: 900,
        fail: 20,
        latency: bucket(80, 920),
        minMs: 40,
        maxMs: 900,
      },
    ],
  });
  await db.monitorHealth.create({
    data: {
      orgId,
      monitorId,
      outcome: 'pass',
      latencyMs: 84,
      checkedAt: new Date(),
      since: new Date(now - 5 * hourMs),
    },
  });
  const tested = { ...workspace, serverId, server: `${workspace.url}/servers/${serverId}`, monitorId };
  await breakTools(tested, shop, ['search_products']);
  return tested;
}

/** The shop changes these tools so that calls break, and a sync finds it. */
async function breakTools({ ctx, serverId }: Tested, shop: Shop, tools: readonly string[]): Promise<void> {
  shop.control.set({ schema: Object.fromEntries(tools.map((tool) => [tool, 'breaking' as const])) });
  await ctx.deps.db.server.updateMany({ where: { id: serverId }, data: { syncAttemptedAt: null } });
  const { changes } = await syncServer(ctx, { serverId });
  expect(changes.some(({ breaking }) => breaking)).toBe(true);
}

const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name });

it('shows how a server is: latency, coverage, what is wrong, and what tests it', async ({ page, workspace, shop }) => {
  const { server } = await testShop(workspace, shop);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(server);
  await page.getByText('Reachable').waitFor();
  const chart = page.getByRole('slider', { name: /Latency over time/ });
  expect(await chart.getAttribute('aria-label')).toContain('20 checks failed');
  await page.getByText('The figures as a table').click();
  await page.getByRole('table', { name: 'Latency by time' }).getByRole('row').nth(20).waitFor();
  await page.getByRole('link', { name: '7 days' }).click();
  await page.waitForURL(/range=7d/);
  await page.getByText('Uptime, 7 days').waitFor();
  await page.getByRole('heading', { name: '1 open incident' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'Order a mug' }).getByText('No run yet').waitFor();
  await page.getByRole('row').filter({ hasText: 'Mug' }).first().waitFor();
  await expectAccessible(page, 'server-overview');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'server-overview-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page, 'server-overview-390-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expectAccessible(page, 'server-overview-390');
});

it('lists tools, finds them, and opens one beside the list by keyboard', async ({ page, workspace, shop }) => {
  const { server } = await testShop(workspace, shop);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(server);
  await tab(page, 'Tools').click();
  const row = page.getByRole('row').filter({ hasText: 'search_products' });
  await row.getByText('1 monitor').waitFor();
  await row.getByText('920').waitFor();
  await expectAccessible(page, 'server-tools');
  await page.getByRole('searchbox', { name: 'Search' }).fill('search_pro');
  await page.getByRole('row').filter({ hasText: 'create_order' }).waitFor({ state: 'detached' });
  const link = page.getByRole('link', { name: /^search_products/ });
  await link.focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'search_products' });
  await drawer.waitFor();
  expect(page.url()).toContain('tool=search_products');
  await drawer.getByRole('table', { name: 'Parameters' }).getByRole('row').filter({ hasText: 'required' }).waitFor();
  await expectAccessible(page, 'server-tool');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'server-tool-dark');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  expect(page.url()).not.toContain('tool=');
  expect(page.url()).toContain('search=search_pro');
  expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.goBack();
  await drawer.waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page, 'server-tool-390-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${server}/tools`);
  await expectAccessible(page, 'server-tools-390');
});

it('tries a tool with a form of its schema, and shows wrong arguments at their fields', async ({
  page,
  workspace,
  shop,
}) => {
  const { server } = await testShop(workspace, shop);
  await page.goto(`${server}/tools?tool=get_product`);
  const drawer = page.getByRole('dialog', { name: 'get_product' });
  await waitForHydration(page);
  await drawer.getByText('Try it').click();
  await drawer.getByLabel('sku', { exact: true }).fill('');
  await drawer.getByRole('button', { name: 'Call tool' }).click();
  await drawer.getByText('Required.').waitFor();
  await drawer.getByLabel('sku', { exact: true }).fill('MUG-001');
  await drawer.getByRole('button', { name: 'Call tool' }).click();
  await drawer.getByLabel('Answer of get_product').waitFor();
  await drawer.getByRole('status').getByText('Pass', { exact: true }).waitFor();
  await expectAccessible(page, 'server-tool-tried');
});

it('opens a tool without scripts', async ({ openOwnersPage, workspace, shop }) => {
  const { server } = await testShop(workspace, shop);
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${server}/tools`);
  await page.getByRole('link', { name: /^get_product/ }).click();
  const drawer = page.getByRole('dialog', { name: 'get_product' });
  await drawer.getByRole('table', { name: 'Parameters' }).getByText('required').waitFor();
  await page.getByRole('link', { name: 'Close' }).click();
  await page.getByRole('row').filter({ hasText: 'create_order' }).waitFor();
});

it('shows changes with what they affect, and accepts one or all', async ({ page, workspace, shop }) => {
  const tested = await testShop(workspace, shop);
  await breakTools(tested, shop, ['search_products', 'get_product']);
  await page.goto(`${tested.server}/changes`);
  await page.getByText('2 tools have a breaking change').waitFor();
  await page.getByRole('link', { name: 'Order a mug' }).waitFor();
  await expectAccessible(page, 'server-changes');
  await page.getByRole('button', { name: 'Accept the change of get_product' }).click();
  await page.getByText('Accepted the change.').waitFor();
  await page.getByText('1 tool has a breaking change').waitFor();
  await breakTools(tested, shop, ['search_products', 'get_product', 'create_order']);
  await page.reload();
  await page.getByRole('button', { name: 'Accept all' }).click();
  await page.getByText('Accepted 2 changes.').waitFor();
  expect(await workspace.ctx.deps.db.incident.count({ where: { orgId: workspace.orgId, closedAt: null } })).toBe(0);
});

it('follows what others do: two browsers, one server', async ({ page, openOwnersPage, workspace, shop }) => {
  const tested = await testShop(workspace, shop);
  await page.goto(`${tested.server}/changes`);
  await page.getByText('1 tool has a breaking change').waitFor();
  const other = await openOwnersPage();
  await other.goto(`${tested.server}/changes`);
  await other.getByRole('button', { name: 'Accept', exact: true }).first().click();
  await other.getByText('Accepted the change.').waitFor();
  await page.getByText('1 tool has a breaking change').waitFor({ state: 'detached' });
  await page.goto(tested.server);
  await page.getByRole('heading', { level: 1, name: 'Shop' }).waitFor();
  await editServer(workspace.ctx, { serverId: tested.serverId, name: 'Shop of others' });
  await page.getByRole('heading', { level: 1, name: 'Shop of others' }).waitFor();
});

it('writes only what was changed in the form of the connection, and asks about what both changed', async ({
  page,
  workspace,
  shop,
}) => {
  const { server, serverId } = await testShop(workspace, shop);
  const read = () => workspace.ctx.deps.db.server.findFirstOrThrow({ where: { id: serverId } });
  const main = page.getByRole('main');
  const save = () => main.getByRole('button', { name: 'Save', exact: true }).click();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${server}/connection`);
  await expectAccessible(page, 'server-connection');
  await page.getByRole('link', { name: 'Edit', exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Edit Shop' }).waitFor();
  await expectAccessible(page, 'server-edit');
  await main.getByLabel('Concurrent calls').fill('7');
  await page.getByText('1 unsaved change').waitFor();
  await editServer(workspace.ctx, { serverId, name: 'Renamed by Grace' });
  // The page follows, the form keeps what is typed into it.
  await page.getByRole('heading', { level: 1, name: 'Edit Renamed by Grace' }).waitFor();
  await save();
  await page.getByText('The connection was saved.').waitFor();
  expect(await read()).toMatchObject({ name: 'Renamed by Grace', maxConcurrency: 7 });

  await page.goto(`${server}/edit`);
  await waitForHydration(page);
  await main.getByLabel('Name', { exact: true }).fill('Mine');
  await main.getByLabel('Concurrent calls').fill('8');
  await page.getByText('2 unsaved changes').waitFor();
  await editServer(workspace.ctx, { serverId, name: 'Theirs' });
  await page.getByRole('heading', { level: 1, name: 'Edit Theirs' }).waitFor();
  await save();
  await page.getByText('Somebody else has changed the same').waitFor();
  expect(await read()).toMatchObject({ name: 'Theirs', maxConcurrency: 7 });
  await page.getByText('2 unsaved changes').waitFor();
  await expectAccessible(page, 'server-edit-conflict');
  await page.getByRole('radio', { name: /Theirs, saved/ }).check();
  await save();
  await page.getByText('The connection was saved.').waitFor();
  expect(await read()).toMatchObject({ name: 'Theirs', maxConcurrency: 8 });
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page, 'server-connection-390');
});

it('saves the connection without scripts, without what others changed meanwhile', async ({
  openOwnersPage,
  workspace,
  shop,
}) => {
  const { server, serverId } = await testShop(workspace, shop);
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${server}/edit`);
  await editServer(workspace.ctx, { serverId, name: 'Theirs' });
  await page.getByLabel('Concurrent calls').fill('9');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The connection was saved.').waitFor();
  const saved = await workspace.ctx.deps.db.server.findFirstOrThrow({ where: { id: serverId } });
  expect(saved).toMatchObject({ name: 'Theirs', maxConcurrency: 9 });
});

it('edits auth profiles at addresses of their own', async ({ page, workspace, shop }) => {
  const { server } = await testShop(workspace, shop);
  await page.goto(`${server}/connection`);
  await page.getByRole('link', { name: 'Add auth profile' }).click();
  await waitForHydration(page);
  const main = page.getByRole('main');
  await main.getByLabel('Name', { exact: true }).fill('Read-only user');
  await main.getByLabel('Bearer token').last().fill('short');
  await page.getByRole('button', { name: 'Add auth profile' }).click();
  await page.getByText('This credential has fewer than 8 characters').first().waitFor();
  await expectAccessible(page, 'server-profile');
  expect(await main.getByLabel('Name', { exact: true }).inputValue()).toBe('Read-only user');
  await main.getByLabel('Bearer token').last().fill('long-enough-1');
  await page.getByRole('button', { name: 'Add auth profile' }).click();
  await page.getByText('The auth profile was added.').waitFor();
  await page.getByRole('link', { name: 'Edit Read-only user' }).click();
  await main.getByLabel('Name', { exact: true }).fill('Auditor');
  await page.getByRole('button', { name: 'Save auth profile' }).click();
  await page.getByText('The auth profile was saved.').waitFor();
  const profile = page.getByRole('listitem').filter({ hasText: 'Auditor' });
  await profile.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete auth profile' }).click();
  await page.getByText('The auth profile was deleted.').waitFor();
});

it('deletes a server only by its name', async ({ page, workspace, shop }) => {
  const { server } = await testShop(workspace, shop);
  await page.goto(server);
  await waitForHydration(page);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('button', { name: 'Delete server' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Shop?' });
  await dialog.getByText('Order a mug').waitFor();
  await expectAccessible(page, 'server-delete');
  await dialog.getByLabel(/to confirm/).fill('Shop');
  await dialog.getByRole('button', { name: 'Delete server' }).click();
  await page.waitForURL(`${workspace.url}/servers`);
  await page.goto(server);
  await page.getByText('This server was deleted.').waitFor();
  await page.getByText('Deleted', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Sync tools' }).count()).toBe(0);
});

it.for(['viewer', 'editor', 'admin'] as const)(
  'shows a %s what they may do, and no more',
  async (role, { page, workspace, shop }) => {
    const { server } = await testShop(workspace, shop);
    await lowerRole(workspace, role);
    const [mayTest, mayConfigure] = [role !== 'viewer', role === 'admin'];
    const expectShown = (locator: Locator, isShown: boolean, what: string) =>
      expect.poll(() => locator.count().then((count) => count > 0), { message: `${what} for a ${role}` }).toBe(isShown);
    await page.goto(server);
    await page.getByText('Reachable').waitFor();
    await expectShown(page.getByRole('link', { name: 'Add monitors' }), mayTest, 'Add monitors');
    await expectShown(page.getByRole('button', { name: 'Sync tools' }), mayConfigure, 'Sync tools');
    await expectAccessible(page, `server-${role}`);
    await page.goto(`${server}/tools?tool=get_product`);
    await page.getByRole('dialog', { name: 'get_product' }).waitFor();
    await expectShown(page.getByText('Try it'), mayTest, 'Try it');
    await expectShown(page.getByText('After a crash'), mayConfigure, 'After a crash');
    await page.goto(`${server}/changes`);
    await page.getByText('1 tool has a breaking change').waitFor();
    await expectShown(page.getByRole('button', { name: 'Accept' }), mayTest, 'Accept');
    await page.goto(`${server}/coverage`);
    await page.getByText('covered', { exact: false }).first().waitFor();
    await expectShown(page.getByRole('link', { name: /^Draft a workflow for/ }), mayTest, 'Draft a workflow');
    await expectAccessible(page, `server-coverage-${role}`);
    await page.goto(`${server}/connection`);
    await page.getByRole('heading', { name: 'Endpoint' }).waitFor();
    await expectShown(page.getByRole('link', { name: 'Edit', exact: true }), mayConfigure, 'Edit');
    await expectShown(page.getByRole('link', { name: 'Plan maintenance' }), mayTest, 'Plan maintenance');
    await expectAccessible(page, `server-connection-${role}`);
  },
);

describe('connecting a server', () => {
  it('names it by itself, and offers monitors and a first workflow', async ({ page, workspace, shop }) => {
    await page.goto(`${workspace.url}/servers`);
    await page.getByText('No servers yet').waitFor();
    await expectAccessible(page, 'servers-empty');
    await page.getByRole('link', { name: 'Connect server' }).click();
    await waitForHydration(page);
    await page.getByLabel('URL of the MCP endpoint').fill(shop.url);
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('shop-server is connected.').waitFor();
    await page.getByRole('link', { name: 'Choose what to monitor' }).waitFor();
    await expectAccessible(page, 'server-connected');
    await page.getByRole('link', { name: 'Draft a first workflow' }).click();
    await page.getByRole('heading', { level: 1, name: 'New workflow' }).waitFor();
    await page.goto(`${workspace.url}/servers`);
    await page.getByRole('row').filter({ hasText: 'shop-server' }).getByText('Reachable').waitFor();
    await expectAccessible(page, 'servers-list');
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page, 'servers-list-390');
  });

  it('shows the steps of a test as they happen, and cancels it', async ({ page, workspace, onTestFinished }) => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    await once(silent, 'listening');
    const { port } = z.object({ port: z.number() }).parse(silent.address());
    await page.goto(`${workspace.url}/servers/new`);
    await waitForHydration(page);
    await page.getByLabel('URL of the MCP endpoint').fill(`http://127.0.0.1:${port}/mcp`);
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText('Ask for MCP').waitFor();
    await expectAccessible(page, 'connect-testing');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Canceled. Nothing was saved.').waitFor();
    await page.getByRole('button', { name: 'Test the connection' }).waitFor();
  });

  it('offers the right next try: another transport, a credential', async ({ page, workspace, shop }) => {
    await page.goto(`${workspace.url}/servers/new`);
    await waitForHydration(page);
    await page.getByLabel('URL of the MCP endpoint').fill(shop.url);
    await page.getByText('Transport, headers and limits').click();
    await page.getByLabel('Transport').selectOption('sse');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByRole('button', { name: 'Try Streamable HTTP' }).click();
    await page.getByRole('alert').filter({ hasText: 'answered in' }).waitFor();
    expect(await page.getByLabel('Transport').inputValue()).toBe('streamable_http');
    shop.control.set({ unauthorized: true });
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByRole('button', { name: 'Add a bearer token' }).waitFor();
    await expectAccessible(page, 'connect-refused');
    await page.getByRole('button', { name: 'Add a bearer token' }).click();
    const token = page.getByLabel('Bearer token').last();
    await expect.poll(() => token.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('works without scripts, with the next tries as well', async ({ openOwnersPage, workspace, shop }) => {
    const page = await openOwnersPage({ javaScriptEnabled: false });
    await page.goto(`${workspace.url}/servers/new`);
    await page.getByLabel('URL of the MCP endpoint').fill(shop.url);
    await page.getByText('Transport, headers and limits').click();
    await page.getByLabel('Transport').selectOption('sse');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByRole('button', { name: 'Try Streamable HTTP' }).click();
    await page.getByRole('alert').filter({ hasText: 'answered in' }).waitFor();
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('shop-server is connected.').waitFor();
  });
});
