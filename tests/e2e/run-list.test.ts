import { expect } from 'vitest';
import { seedRuns } from '../../bench/mcp/seed-runs.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';

it('filters runs by what the address says, back and forth', async ({ page, app, workspace }) => {
  await seedRuns(app.database.ownerUrl, workspace.orgId, 400, { others: 0 });
  await page.goto(`${workspace.url}/runs`);
  const rows = page.getByRole('table', { name: 'Runs' }).getByRole('row');
  const withStatus = (status: string) => rows.getByText(status, { exact: true });
  await withStatus('Pass').first().waitFor();
  await expectAccessible(page, 'run-list');
  const status = page.getByLabel('Status');
  await status.selectOption('fail');
  await page.waitForURL((url) => url.search === '?status=fail');
  await withStatus('Pass').first().waitFor({ state: 'detached' });
  // A choice in another field is a step of its own.
  await page.getByLabel('Trigger').focus();
  await page.getByLabel('Trigger').selectOption('scheduled');
  await page.waitForURL(/trigger=scheduled/);
  await page.goBack();
  await page.waitForURL((url) => url.search === '?status=fail');
  await expect.poll(() => page.getByLabel('Trigger').inputValue()).toBe('');
  await page.goBack();
  await withStatus('Pass').first().waitFor();
  await expect.poll(() => status.inputValue()).toBe('');
  await page.goForward();
  await withStatus('Pass').first().waitFor({ state: 'detached' });
  await expect.poll(() => status.inputValue()).toBe('fail');

  const csv = await page.getByRole('link', { name: 'Export as CSV' }).getAttribute('href');
  const answer = await page.request.get(new URL(csv ?? '', app.url).href);
  expect(answer.headers()['content-type']).toContain('text/csv');
  const lines = (await answer.text()).trim().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.slice(1).every((line) => /\bfail\b/.test(line))).toBe(true);

  await page.getByLabel('Search', { exact: true }).fill('no run has this text');
  await page.getByText('No runs match your filters.').waitFor();
  await expectAccessible(page, 'run-list-filtered-empty');
  await page.getByRole('link', { name: 'Clear filters' }).last().click();
  await withStatus('Pass').first().waitFor();
});

it('lists runs on the narrowest phone, in the dark, and without scripts', async ({
  app,
  workspace,
  openOwnersPage,
}) => {
  await seedRuns(app.database.ownerUrl, workspace.orgId, 60, { others: 0 });
  const page = await openOwnersPage({ viewport: { width: 320, height: 700 }, colorScheme: 'dark' });
  await page.goto(`${workspace.url}/runs`);
  await page.getByRole('row').nth(5).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await expectAccessible(page, 'run-list-320');

  const plain = await openOwnersPage({ javaScriptEnabled: false });
  await plain.goto(`${workspace.url}/runs`);
  await plain.getByLabel('Status').selectOption('pass');
  await plain.getByRole('button', { name: 'Apply' }).click();
  await plain.waitForURL(/status=pass/);
  expect(await plain.getByRole('row').getByText('Fail', { exact: true }).count()).toBe(0);
});
