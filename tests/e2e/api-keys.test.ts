import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { legacy } from '../contract/mcp/endpoint.ts';
import { startApp, type TestApp } from '../support/browser/app.ts';
import { openPage, seriousFindings, startBrowser } from '../support/browser/browser.ts';

let app: TestApp;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), startBrowser()]);
  context = await browser.newContext({ reducedMotion: 'reduce' });
  ({ page, complaints } = await openPage(context));
  page.setDefaultTimeout(15_000);
  await page.goto(`${app.url}/sign-up`);
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('a long password');
  await page.getByLabel('Workspace').fill('Acme');
  await page.getByRole('button', { name: 'Make the workspace' }).click();
  await page.waitForURL(`${app.url}/o/acme/**`);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
afterEach(() => expect(complaints.splice(0)).toEqual([]));

it('makes a key, shows it once, and revokes it after asking', async () => {
  const endpoint = `${app.url}/api/mcp`;
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByText('No API key yet').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByLabel('Name').fill('Editor');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByRole('alert').filter({ hasText: '"Editor" was made, with the role owner.' }).waitFor();
  const key = (await page.getByLabel('The key', { exact: true }).textContent()) ?? '';
  expect(key).toMatch(/^amt_/);
  expect(await page.getByLabel('Configuration of an MCP client').textContent()).toContain(endpoint);
  expect(await seriousFindings(page)).toEqual([]);
  expect((await legacy(endpoint, key, 'ping')).status).toBe(200);

  await page.reload();
  const row = page.getByRole('row').filter({ hasText: 'Editor' });
  await row.getByText('Ada Lovelace').waitFor();
  expect(await row.textContent()).not.toContain('Never');
  expect(await page.content()).not.toContain(key);

  await row.getByRole('link', { name: 'Revoke Editor' }).click();
  await page.getByRole('heading', { name: 'Revoke Editor?' }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  expect((await legacy(endpoint, key, 'ping')).status).toBe(200);
  await page.getByRole('button', { name: 'Revoke it' }).click();
  await page.getByRole('alert').filter({ hasText: '"Editor" was revoked.' }).waitFor();
  expect((await legacy(endpoint, key, 'ping')).status).toBe(401);
  await page.getByText('No API key yet').waitFor();
});
