import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startBrowser } from '../support/browser/browser.ts';
import { type Checkout, copyCheckout } from '../support/checkout.ts';

const waiting = { timeout: 60_000, interval: 100 };

let checkout: Checkout;
let browser: Browser;
beforeEach(async () => {
  [checkout, browser] = await Promise.all([copyCheckout(), startBrowser()]);
}, 120_000);
afterEach(async () => {
  await browser?.close();
  await checkout?.remove();
});

async function replaceIn(file: string, from: string, to: string): Promise<void> {
  const path = join(checkout.folder, file);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

/** Opens the page and waits until it is hydrated: only then can it be reloaded hot. */
async function openSignIn(page: Page): Promise<void> {
  await page.goto(`http://localhost:${checkout.ports.PORT}/sign-in`);
  await page.waitForLoadState('networkidle');
}

async function readRefusal(page: Page): Promise<string | null> {
  await openSignIn(page);
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page.getByText('or the password').textContent();
}

const isReady = () =>
  fetch(`http://127.0.0.1:${checkout.ports.PORT}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

it('npm run dev puts changes of a component on the open page, and restarts api and worker for others', async () => {
  const dev = await checkout.npm(['run', 'dev'], 'Changes take effect');
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await openSignIn(page);

  // What is typed stays: the page isn't reloaded.
  await page.getByLabel('E-mail').fill('somebody@example.com');
  await replaceIn('web/routes/account/sign-in.tsx', 'note="Armature tests', 'note="Hot tests');
  await page.getByText(/^Hot tests/).waitFor();
  expect(await page.getByLabel('E-mail').inputValue()).toBe('somebody@example.com');

  await replaceIn('services/account/sign-in.ts', 'or the password is wrong.', 'or the password is not right.');
  await expect.poll(dev.output, waiting).toContain('api restarts: services/account/sign-in.ts changed');
  expect(dev.output()).toContain('worker restarts: services/account/sign-in.ts changed');
  await expect.poll(isReady, waiting).toBe(true);
  expect(await readRefusal(page)).toContain('or the password is not right.');

  await replaceIn('services/account/session.ts', 'export const getSession', 'export const = getSession');
  await expect.poll(dev.output, waiting).toContain('api ended with code 1. It starts again');
  await replaceIn('services/account/session.ts', 'export const = getSession', 'export const getSession');
  await expect.poll(isReady, waiting).toBe(true);
});
