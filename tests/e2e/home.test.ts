import { expect } from 'vitest';
import { seedRuns } from '../../bench/mcp/seed-runs.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { connectShop } from '../support/browser/workspace.ts';

it('leads a new workspace through its first steps, which can be hidden and shown', async ({ page, workspace }) => {
  await page.goto(workspace.url);
  await page.getByText('Nothing is tested yet.').waitFor();
  const steps = page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: 'First steps: 0 of 6 done' }) });
  await expectAccessible(page, 'home-new');
  await steps.getByRole('button', { name: 'Hide' }).click();
  await page.getByRole('button', { name: 'Show the first steps' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Show the first steps' }).click();
  await steps.getByRole('link', { name: 'Connect server' }).click();
  await page.getByRole('heading', { level: 1, name: 'Connect a server' }).waitFor();
});

it('says what is broken, since when, and what comes next', async ({ page, app, workspace, shop }) => {
  const { ctx, orgId } = workspace;
  const { db } = app.deps;
  const serverId = await connectShop(ctx, shop);
  const { monitors } = await createMonitors(ctx, {
    serverId,
    intervalSeconds: 60,
    monitors: [
      { tool: 'search_products', name: 'Catalog answers' },
      { tool: 'check_stock', name: 'Mug is in stock', arguments: { sku: 'MUG-001' } },
    ],
  });
  const [good, bad] = monitors.map(({ id }) => id);
  await seedRuns(app.database.ownerUrl, orgId, 600, { others: 0 });
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  const day = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000);
  for (const [monitorId = '', counts] of [
    [good, { pass: 59, degraded: 1 }],
    [bad, { pass: 40, fail: 20 }],
  ] as const) {
    await db.checkHour.create({ data: { orgId, monitorId, hour, ...counts } });
    await db.checkDay.create({ data: { orgId, monitorId, day, ...counts } });
    const isBad = monitorId === bad;
    await db.monitorHealth.create({
      data: { orgId, monitorId, outcome: isBad ? 'fail' : 'pass', checkedAt: new Date(), since: hour },
    });
  }
  await db.incident.create({
    data: {
      id: crypto.randomUUID(),
      orgId,
      subjectKind: 'monitor',
      subjectKey: bad ?? '',
      monitorId: bad ?? '',
      serverId,
      level: 'bad',
      summary: 'The tool returned an error: the warehouse does not answer.',
      cause: { outcome: 'fail' },
      openedAt: hour,
      lastFailedAt: new Date(),
    },
  });

  await page.goto(workspace.url);
  const broken = page.getByRole('region', { name: 'What is broken' });
  const row = broken.getByRole('listitem').filter({ hasText: 'Mug is in stock' });
  await row.getByText('the warehouse does not answer').waitFor();
  await row.getByText('Failing', { exact: true }).waitFor();
  const monitorRow = page.getByRole('listitem').filter({ hasText: 'Mug is in stock' }).filter({ hasText: '66.6 %' });
  await monitorRow.getByText('Fail', { exact: true }).waitFor();
  await page.getByText('82.5 %').or(page.getByText('82.4 %')).or(page.getByText('83.3 %')).first().waitFor();
  await expectAccessible(page, 'home');

  await page.getByRole('link', { name: '30 days' }).click();
  await page.waitForURL(/range=30d/);
  await page.locator('a[aria-current="true"]', { hasText: '30 days' }).waitFor();
  await row.getByRole('link', { name: 'Open' }).click();
  await page.waitForURL(/\/incidents\//);
});

it('has everything on a narrow phone', async ({ workspace, openOwnersPage, app }) => {
  await seedRuns(app.database.ownerUrl, workspace.orgId, 200, { others: 0 });
  const page = await openOwnersPage({ viewport: { width: 320, height: 700 } });
  await page.goto(workspace.url);
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});

it('leads from the coverage of all servers to that of one', async ({ page, workspace, shop }) => {
  await page.goto(`${workspace.url}/coverage`);
  await page.getByText('No servers yet').waitFor();
  await connectShop(workspace.ctx, shop);
  await page.reload();
  await page.getByText('0 of 9').waitFor();
  await expectAccessible(page, 'coverage-of-servers');
  await page.getByRole('table').getByRole('link').click();
  await page.waitForURL(/\/servers\/.*\/coverage/);
});
