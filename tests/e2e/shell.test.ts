import { Client } from 'pg';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished } from 'vitest';
import { type Role, roles } from '../../domain/role/role.ts';
import type { TestApp } from '../support/browser/app.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { connectShop, createWorkflow, signUp, type Workspace } from '../support/browser/workspace.ts';

it.override('expectedComplaints', [
  /the server responded with a status of (400|401|403|404|409|422)/,
  /net::ERR_(INTERNET_DISCONNECTED|FAILED)/,
]);

const waiting = { timeout: 60_000 };
const phone = { viewport: { width: 390, height: 844 } };
const title = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

/** `name=value` of the session of a person with that role. */
async function cookieOf(app: TestApp, { orgId, cookie }: Workspace, role: Role): Promise<string> {
  if (role === 'owner') return cookie;
  const person = await signUp(app);
  await app.deps.db.member.create({ data: { orgId, userId: person.ctx.actor.id, role } });
  return person.cookie;
}

/** By React, which then listens to keys and clicks. */
const hydrated = (page: Page) =>
  page.waitForFunction(() => Object.keys(document.body).some((key) => key.startsWith('__reactFiber')));

describe('the navigation', () => {
  it('leads every role to the same pages, and offers each what it may create', async ({ page, workspace, app }) => {
    const created: { [role: string]: string[] } = {};
    for (const role of roles) {
      const [name = '', value = ''] = (await cookieOf(app, workspace, role)).split(/=(.*)/);
      await page.context().addCookies([{ name, value, url: app.url }]);
      await page.goto(`${workspace.url}/workflows`);
      await title(page, 'Workflows').waitFor();
      const entries = await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts();
      expect(entries).toEqual(
        expect.arrayContaining([
          'Incidents',
          'Proposals',
          'Workflows',
          'Runs',
          'Monitors',
          'Servers',
          'Alerts',
          'Status page',
        ]),
      );
      await hydrated(page);
      await page.keyboard.press('Control+k');
      const dialog = page.getByRole('dialog', { name: 'Search and commands' });
      await dialog.getByRole('option', { name: 'Sign out' }).waitFor();
      const options = await dialog.getByRole('option').allInnerTexts();
      created[role] = options.filter((text) => /^(Create|Add|Connect)/.test(text));
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
    const editor = ['Create workflow', 'Add monitors', 'Create alert rule'];
    expect(created).toEqual({
      viewer: ['Create API key'],
      editor: [...editor, 'Create API key'],
      admin: [...editor, 'Connect server', 'Create API key'],
      owner: [...editor, 'Connect server', 'Create API key'],
    });
  });

  it('is a drawer on a phone, which closes on the way', async ({ openOwnersPage, workspace }) => {
    const page = await openOwnersPage(phone);
    await page.goto(`${workspace.url}/workflows`);
    const runs = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Runs' });
    expect(await runs.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Menu' }).click();
    await runs.waitFor();
    await expectAccessible(page, 'drawer');
    await page.keyboard.press('Escape');
    await runs.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Menu' }).click();
    await runs.click();
    await title(page, 'Runs').waitFor();
    await runs.waitFor({ state: 'hidden' });
  });

  it('works without scripts: drawer, workspaces, sign-out', async ({ openOwnersPage, workspace, app }) => {
    const page = await openOwnersPage({ ...phone, javaScriptEnabled: false });
    await page.goto(`${workspace.url}/workflows`);
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: 'Incidents' }).click();
    await title(page, 'Incidents').waitFor();
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: workspace.owner.name }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${app.url}/sign-in`);
  });

  it('stays collapsed, and keeps the chosen theme, on the server too', async ({ page, workspace }) => {
    await page.goto(`${workspace.url}/workflows`);
    const rail = page.getByRole('complementary', { name: 'Navigation' });
    await hydrated(page);
    await page.getByRole('button', { name: 'Collapse navigation' }).click();
    await expect.poll(async () => (await rail.boundingBox())?.width, waiting).toBe(56);
    await expectAccessible(page, 'rail-collapsed');
    await page.reload();
    expect((await rail.boundingBox())?.width).toBe(56);
    await hydrated(page);
    await page.getByRole('button', { name: workspace.owner.name }).click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.locator('html[data-theme=dark]').waitFor();
    await page.reload();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await expectAccessible(page, 'rail-dark');
  });

  it('opens the last workspace, and settings at their old addresses', async ({ page, workspace, app }) => {
    await page.goto(`${workspace.url}/workflows`);
    await page.goto(app.url);
    await page.waitForURL(new RegExp(`^${workspace.url}(/|$)`));
    for (const name of ['keys', 'models']) {
      await page.goto(`${workspace.url}/${name}`);
      await page.waitForURL(`${workspace.url}/settings/${name}`);
      await title(page, 'Settings').waitFor();
    }
    await expectAccessible(page, 'settings');
  });
});

describe('a navigation', () => {
  it('moves the focus to the heading and announces the title', async ({ page, workspace }) => {
    await page.goto(`${workspace.url}/workflows`);
    await hydrated(page);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.getByRole('link', { name: 'Runs' }).focus();
    await page.keyboard.press('Enter');
    await title(page, 'Runs').waitFor();
    await expect.poll(() => focused(page), waiting).toBe('Runs');
    await page.getByRole('status').filter({ hasText: 'Runs · Armature' }).waitFor({ state: 'attached' });
  });

  it('without a network shows a page inside the frame, and goes on when it is back', async ({ page, workspace }) => {
    await page.goto(`${workspace.url}/workflows`);
    await hydrated(page);
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'Incidents' }).click();
    await title(page, 'You are offline').waitFor();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    expect(await page.title()).toBe('You are offline · Armature');
    await expectAccessible(page, 'offline');
    await page.getByRole('button', { name: 'Retry' }).click();
    await title(page, 'You are offline').waitFor();
    await page.context().setOffline(false);
    await title(page, 'Incidents').waitFor();
  });

  it('to what does not exist or is not allowed stays inside the frame', async ({ page, workspace, app }) => {
    for (const address of [
      `${workspace.url}/nothing`,
      `${app.url}/o/nobody/runs`,
      `${app.url}/nowhere`,
      `${workspace.url}/runs/01a21d5c-e494-7000-8000-000000000000`,
    ]) {
      expect((await page.goto(address))?.status(), address).toBe(404);
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      await page.getByText('Request id').waitFor();
      expect(await page.title(), address).toMatch(/^(Page not found|There is no|The run|No such).* · Armature$/);
    }
    await page.getByRole('link', { name: 'All runs' }).click();
    await title(page, 'Runs').waitFor();
    await expectAccessible(page, 'not-found-in-frame');
  });
});

describe('a page that fails', () => {
  it.extend('expectedComplaints', [/the server responded with a status of 500/])(
    'stays inside the frame with its request id, and works again after Retry',
    async ({ page, workspace, app }) => {
      const owner = new Client({ connectionString: app.database.ownerUrl });
      await owner.connect();
      onTestFinished(() => owner.end());
      await owner.query('ALTER TABLE "StatusPage" RENAME TO "Gone"');
      onTestFinished(async () => {
        await owner.query('ALTER TABLE IF EXISTS "Gone" RENAME TO "StatusPage"');
      });
      expect((await page.goto(`${workspace.url}/status-page`))?.status()).toBe(500);
      await title(page, 'Something went wrong on our side').waitFor();
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      await page.getByText(/^Request id/).waitFor();
      expect(await page.getByText(/StatusPage|prisma|relation/i).count()).toBe(0);
      await expectAccessible(page, 'server-error');
      await hydrated(page);
      await owner.query('ALTER TABLE "Gone" RENAME TO "StatusPage"');
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByRole('heading', { name: /^Status page/, level: 1 }).waitFor();
    },
  );
});

describe('the command palette', () => {
  it('finds, goes and runs, by keyboard alone', async ({ page, workspace, shop }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    await createWorkflow(workspace.ctx, {
      name: 'Order a mug',
      serverId,
      prompt: 'call search_products {"query": "mug"}',
      criteria: [{ text: 'no tool call fails', isRequired: true }],
    });
    await page.goto(`${workspace.url}/workflows`);
    await hydrated(page);
    const dialog = page.getByRole('dialog', { name: 'Search and commands' });
    await page.keyboard.press('/');
    await dialog.waitFor();
    await page.keyboard.type('mug');
    await dialog.getByRole('option', { name: /^Order a mug/ }).waitFor();
    await expectAccessible(page, 'palette');
    await page.keyboard.press('Enter');
    await title(page, 'Order a mug').waitFor();

    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await title(page, 'Incidents').waitFor();
    await page.keyboard.press('Control+k');
    // What was opened before comes first.
    await dialog.getByRole('option').first().filter({ hasText: 'Order a mug' }).waitFor();
    await page.keyboard.type('mug');
    await dialog.getByRole('option', { name: 'Run Order a mug' }).click();
    await expect.poll(() => workspace.ctx.deps.db.run.count({ where: { orgId: workspace.orgId } }), waiting).toBe(1);

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Go to Incidents').waitFor();
    await expectAccessible(page, 'keys');
  });
});

describe('the documentation', () => {
  it('is readable by anyone, at any width and in both themes', async ({ openPage, app }) => {
    const page = await openPage();
    await page.goto(`${app.url}/docs`);
    await page.waitForURL(`${app.url}/docs/workflows`);
    await page.getByRole('navigation', { name: 'Documentation' }).getByRole('link', { name: 'Assertions' }).click();
    await title(page, 'Assertions').waitFor();
    await expectAccessible(page, 'docs', { hydrates: false });
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page, 'docs-dark', { hydrates: false });
    await page.getByRole('navigation', { name: 'On this page' }).getByRole('link').first().click();
    expect(new URL(page.url()).hash).not.toBe('');
    for (const width of [320, 768, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      for (const name of ['assertions', 'mcp-api', 'configuration']) {
        await page.goto(`${app.url}/docs/${name}`);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth),
          `${name} at ${width}`,
        ).toBeLessThanOrEqual(width);
      }
    }
    expect((await page.goto(`${app.url}/docs/nothing`))?.status()).toBe(404);
    await title(page, 'Page not found').waitFor();
  });
});
