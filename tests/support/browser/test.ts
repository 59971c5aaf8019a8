import type { BrowserContextOptions } from 'playwright-core';
import { test as base, expect } from 'vitest';
import { startShopServer } from '../../../examples/shop-server/index.ts';
import { startTestWorker } from '../setup/worker.ts';
import { startApp } from './app.ts';
import { openTab, startBrowser } from './browser.ts';
import { signUp } from './workspace.ts';

/**
 * A test of the dashboard in a real browser. It has a workspace, a browser context, a page and an example shop of its
 * own; the tests of a file share the app, those of a process the browser. It fails on an unexpected complaint of the
 * browser.
 */
export const it = base
  // A refused form is answered with its HTTP status, which the console reports.
  .extend('expectedComplaints', [/the server responded with a status of (400|409|422)/])
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads here which fixtures a fixture needs.
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browser = await startBrowser();
    onCleanup(() => browser.close());
    return browser;
  })
  // biome-ignore lint/correctness/noEmptyPattern: as above
  .extend('app', { scope: 'file' }, async ({}, { onCleanup }) => {
    const app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true', ARMATURE_HEARTBEAT_SECONDS: '4' } });
    onCleanup(app.close);
    return app;
  })
  // biome-ignore lint/correctness/noEmptyPattern: as above
  .extend('shop', async ({}, { onCleanup }) => {
    const shop = await startShopServer();
    onCleanup(shop.close);
    return shop;
  })
  .extend('workspace', ({ app }) => signUp(app))
  .extend('openPage', async ({ browser, expectedComplaints }, { onCleanup }) => {
    const opened: Awaited<ReturnType<typeof openTab>>[] = [];
    onCleanup(async () => {
      await Promise.all(opened.map(({ page }) => page.context().close()));
      expect(opened.flatMap(({ complaints }) => complaints)).toEqual([]);
    });
    /** A page in a new browser context, where nobody is signed in. */
    return async (options: BrowserContextOptions = {}) => {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      const tab = await openTab(context, { expected: expectedComplaints });
      opened.push(tab);
      return tab.page;
    };
  })
  .extend('openOwnersPage', ({ app, openPage, workspace }) => {
    /** A page in a new browser context, where the owner of the workspace is signed in. */
    return async (options: BrowserContextOptions = {}) => {
      const page = await openPage(options);
      const [name = '', value = ''] = workspace.cookie.split(/=(.*)/);
      await page.context().addCookies([{ name, value, url: app.url }]);
      return page;
    };
  })
  .extend('page', ({ openOwnersPage }) => openOwnersPage());

/** The same with a worker, which carries out runs, checks and deliveries. */
export const itWithWorker = it.extend('worker', { scope: 'file', auto: true }, async ({ app }, { onCleanup }) => {
  const worker = await startTestWorker(app.deps);
  onCleanup(worker.stop);
  return worker;
});
