import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { startApp } from '../support/browser/app.ts';
import { expectAccessible, waitForHydration } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';

const open = async (page: Page, url: string, theme: string, width: number, { hydrates = true } = {}) => {
  await page.context().addCookies([
    { name: 'armature_theme', value: theme, url },
    { name: 'armature_zone', value: 'Europe%2FBerlin', url },
    { name: 'armature_locale', value: 'en-GB', url },
  ]);
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${url}/dev/ui`);
  await page.getByRole('heading', { level: 1, name: 'Components' }).waitFor();
  if (hydrates) await waitForHydration(page);
};

/** Visible controls that are smaller than `side`, with their sizes. Text links in a sentence or cell are no targets. */
const smallTargets = (page: Page, selector: string, side: number) =>
  page.locator(selector).evaluateAll(
    (elements, side) =>
      elements.flatMap((element) => {
        const { width, height } = element.getBoundingClientRect();
        const isHidden = width === 0 || element.matches('[type=checkbox], [type=radio], [type=hidden]');
        return isHidden || (width >= side && height >= side)
          ? []
          : [`${element.tagName} ${element.textContent?.slice(0, 30)} ${Math.round(width)} × ${Math.round(height)}`];
      }),
    side,
  );

describe('the components', () => {
  it.for([
    ['light', 390],
    ['light', 1440],
    ['dark', 390],
    ['dark', 1440],
  ] as const)('are accessible in %s at %d px, with targets large enough', async ([theme, width], { app, openPage }) => {
    const page = await openPage({ colorScheme: theme === 'light' ? 'dark' : 'light' });
    await open(page, app.url, theme, width);
    await expectAccessible(page, `components-${theme}-${width}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const controls = 'main :is(button, input, select, textarea, summary, label:has(> input))';
    expect(await smallTargets(page, controls, width < 768 ? 44 : 24)).toEqual([]);
    expect(await smallTargets(page, 'main :is(nav, ol) a', 24)).toEqual([]);
  });

  it('fit a screen of 320 px, with names of 80 characters', async ({ app, openPage }) => {
    const page = await openPage();
    await open(page, app.url, 'light', 320);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    // What matters of a row is on the screen: nothing is wider than it.
    const row = page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(2);
    for (const cell of await row.getByRole('cell').all()) {
      const box = await cell.boundingBox();
      if (box) expect(box.x + box.width).toBeLessThanOrEqual(320);
    }
  });

  it('filter by the address: choices are steps, back restores them, and nothing empty is in it', async ({
    app,
    openPage,
  }) => {
    const page = await openPage();
    await open(page, app.url, 'light', 1440);
    await page.getByLabel('Status').selectOption('fail');
    await expect.poll(() => new URL(page.url()).search).toBe('?status=fail');
    await page.getByLabel('Search').pressSequentially('mug');
    await expect.poll(() => new URL(page.url()).search).toBe('?status=fail&search=mug');
    await page.getByLabel('Workflow', { exact: true }).fill('flow 12');
    await page.getByLabel('Workflow', { exact: true }).press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('workflow')).toBe('w11');
    await page.goBack();
    await expect.poll(() => new URL(page.url()).search).toBe('?status=fail&search=mug');
    await page.goBack();
    await expect.poll(() => new URL(page.url()).search).toBe('?status=fail');
    await expect.poll(() => page.getByLabel('Search').inputValue()).toBe('');
    expect(await page.getByLabel('Status').inputValue()).toBe('fail');
    await page.goForward();
    await expect.poll(() => page.getByLabel('Search').inputValue()).toBe('mug');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('');
  });

  it('filter by what is chosen before the scripts have come', async ({ app, openPage }) => {
    const page = await openPage();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await page.route(/\/assets\/.*\.js/, async (route) => {
      await released;
      await route.fallback();
    });
    await page.goto(`${app.url}/dev/ui`, { waitUntil: 'commit' });
    await page.getByLabel('Status').selectOption('fail');
    release();
    await expect.poll(() => new URL(page.url()).search).toBe('?status=fail');
    expect(await page.getByLabel('Status').inputValue()).toBe('fail');
  });

  it('filter by what was chosen before, whose page still loads', async ({ app, openPage }) => {
    const page = await openPage();
    await open(page, app.url, 'light', 1440);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await page.route(/\/dev\/ui\.data/, async (route) => {
      await released;
      await route.fallback();
    });
    const asked = page.waitForRequest(/\/dev\/ui\.data\?.*status=fail/);
    await page.getByLabel('Status').selectOption('fail');
    await asked;
    await page.getByLabel('Search').fill('mug');
    release();
    await expect.poll(() => new URL(page.url()).search).toBe('?status=fail&search=mug');
  });

  it('lead to the first wrong field, say each message once, and clear it while one types', async ({
    app,
    openPage,
  }) => {
    const page = await openPage();
    await open(page, app.url, 'light', 1440);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('alert').getByText('2 fields need attention').waitFor();
    const name = page.getByLabel('Name', { exact: true });
    await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByText('Name is empty. Give the server a name.').count()).toBe(1);
    await page.getByRole('alert').getByRole('button', { name: 'URL' }).click();
    expect(await page.getByLabel('URL').evaluate((field) => field === document.activeElement)).toBe(true);
    await name.fill('Shop');
    expect(await page.getByText('Name is empty. Give the server a name.').count()).toBe(0);
    expect(await page.getByText('Invalid URL.').count()).toBe(1);
  });

  it('show the figures of a chart by keyboard', async ({ app, openPage }) => {
    const page = await openPage();
    await open(page, app.url, 'light', 1440);
    const chart = page.getByRole('slider', { name: /^Runs per day/ });
    await chart.press('Home');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/: 10 pass$/);
    await page
      .getByRole('figure')
      .getByText(/: 10 pass$/)
      .waitFor();
  });

  it('ask for a typed name without JavaScript', async ({ app, openPage }) => {
    const page = await openPage({ javaScriptEnabled: false });
    await open(page, app.url, 'light', 1440, { hydrates: false });
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).first().click();
    const question = page.getByRole('dialog', { name: 'Delete Shop?' });
    const field = question.getByLabel(/^Type/);
    const isValid = () => field.evaluate((input) => input.matches(':valid'));
    await field.fill('Shop main');
    expect(await isValid()).toBe(false);
    await field.fill('Shop (main)');
    expect(await isValid()).toBe(true);
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'hidden' });
  });

  it('are not there in production', async () => {
    const production = await startApp({ env: { NODE_ENV: 'production' } });
    try {
      const answers = [await fetch(`${production.url}/dev/ui`), await fetch(`${production.url}/dev/ui.data`)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    } finally {
      await production.close();
    }
  });
});
