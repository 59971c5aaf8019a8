/**
 * `npm run pictures`, beside a running `npm start` with the workspace of `npm run demo`: writes docs/images, each page
 * light and dark, as wide as a desk's screen; some as a phone shows them.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { startBrowser, waitForHydration } from '../../tests/support/browser/browser.ts';
import { findHome } from '../operation/installation.ts';

const folder = fileURLToPath(new URL('../../docs/images', import.meta.url));
const screens = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const themes = ['light', 'dark'] as const;

/** Each page is reached by the links that begin so, one after the other. */
const pictures: { name: string; path: string; open?: string[]; onPhone?: true }[] = [
  { name: 'home', path: '', onPhone: true },
  { name: 'workflow', path: '/workflows', open: ['Answer where an order is'] },
  { name: 'run', path: '/runs?status=fail&trigger=scheduled', open: ['Answer where an order is'], onPhone: true },
  { name: 'monitors', path: '/monitors' },
  { name: 'incident', path: '/incidents?state=closed', open: ['Orders'] },
  { name: 'changes', path: '/servers', open: ['Orders', 'Changes'] },
];

const { url, email, password } = z
  .object({ url: z.string(), email: z.string(), password: z.string() })
  .parse(JSON.parse(readFileSync(join(findHome(process.env), 'credentials.json'), 'utf8')));
mkdirSync(folder, { recursive: true });
const browser = await startBrowser();
try {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/o\//);
  for (const picture of pictures) await takePictures(page, picture);
} finally {
  await browser.close();
}

async function takePictures(page: Page, { name, path, open = [], onPhone }: (typeof pictures)[number]): Promise<void> {
  await page.setViewportSize(screens.desk);
  await page.goto(`${url}/o/northwind${path}`);
  await waitForHydration(page);
  for (const link of open) {
    const before = page.url();
    await page
      .getByRole('main')
      .getByRole('link', { name: new RegExp(`^${link}`) })
      .first()
      .click();
    await page.waitForURL(({ href }) => href !== before);
    await page.getByText('Loading', { exact: true }).waitFor({ state: 'detached' });
  }
  for (const theme of themes)
    for (const [screen, size] of Object.entries(screens)) {
      if (screen === 'phone' && !onPhone) continue;
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await settle(page);
      const file = [name, ...(screen === 'phone' ? [screen] : []), theme].join('-');
      await page.screenshot({ path: join(folder, `${file}.png`) });
      console.log(`docs/images/${file}.png`);
    }
}

/** The live stream never ends, so the network is never idle: fonts are there, and nothing moves in two frames. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
    await new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)));
  });
}
