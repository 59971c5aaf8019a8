import { expect } from 'vitest';
import { saveStatusPage } from '../../services/status-page/save.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { connectShop, createMonitor, lowerRole, type Workspace } from '../support/browser/workspace.ts';

// A page that is off is not found.
it.override('expectedComplaints', [/the server responded with a status of (400|404|422)/]);

/** Connects the shop and monitors its search. */
async function monitorShop(workspace: Workspace, shop: { url: string }) {
  const serverId = await connectShop(workspace.ctx, shop);
  const monitor = { tool: 'search_products', name: 'Search', arguments: { query: 'mug' } };
  return { ...workspace, serverId, monitorId: await createMonitor(workspace.ctx, serverId, monitor) };
}

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
  await page.getByLabel('Display name of Shop').fill('Our shop');
  const preview = page.frameLocator('iframe[title="Preview of the status page"]');
  await preview.getByRole('heading', { level: 2, name: 'Our shop' }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
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
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').getByText('The page is off.').waitFor();
});

it('shows times in the zone of the reader, and the same page fits a phone in both themes', async ({
  openPage,
  workspace,
  shop,
  app,
}) => {
  const { ctx, slug, orgId, serverId, monitorId } = await monitorShop(workspace, shop);
  const { db } = app.deps;
  const at = new Date('2026-01-05T20:00:00Z');
  await db.checkDay.create({ data: { orgId, monitorId, day: new Date('2026-01-05T00:00:00Z'), pass: 9, latency: [] } });
  await db.maintenanceWindow.create({
    data: { id: monitorId, orgId, serverId, startsAt: at, endsAt: new Date('2100-01-01T00:00:00Z'), createdBy: 'x' },
  });
  await saveStatusPage(ctx, { enabled: true, title: 'Acme status', serverIds: [serverId] });
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await openPage({
      colorScheme,
      viewport: { width: 320, height: 800 },
      locale: 'en-GB',
      timezoneId: 'Asia/Tokyo',
    });
    await page.goto(`${app.url}/status/${slug}`);
    await page.getByText('now, until 1 Jan 2100, 09:00').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await expectAccessible(page, `status-${colorScheme}`, { hydrates: false });
  }
  const plain = await openPage({ javaScriptEnabled: false });
  await plain.goto(`${app.url}/status/${slug}`);
  await plain.getByText('now, until 2100-01-01 00:00 UTC').waitFor();
});

it('is shown to members, and changed by admins alone', async ({ openPage, page, workspace, shop, app }) => {
  const { url, slug } = await monitorShop(workspace, shop);
  await lowerRole(workspace, 'editor');
  await page.goto(`${url}/status-page`);
  await page.getByText('Admins can change these settings.').waitFor();
  expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
  expect(await page.getByLabel('Title').isDisabled()).toBe(true);
  await expectAccessible(page, 'status-settings-editor');
  const visitor = await openPage();
  expect((await visitor.goto(`${app.url}/status/${slug}/preview`))?.status()).toBe(404);
});

it('is saved without scripts', async ({ openOwnersPage, workspace, shop }) => {
  const { url } = await monitorShop(workspace, shop);
  const page = await openOwnersPage({ javaScriptEnabled: false, viewport: { width: 320, height: 800 } });
  await page.goto(`${url}/status-page`);
  await page.getByLabel('Title').fill('');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').first().waitFor();
  await page.getByLabel('Title').fill('Acme status');
  await page.getByRole('checkbox', { name: 'Shop' }).check();
  await page.getByLabel('Public').check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved. The page is public.').waitFor();
  expect(await page.getByRole('checkbox', { name: 'Shop' }).isChecked()).toBe(true);
});
