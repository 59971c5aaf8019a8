import { describe, expect } from 'vitest';
import { it } from '../support/browser/test.ts';
import { connectShop } from '../support/browser/workspace.ts';

const tokyo = { timezoneId: 'Asia/Tokyo', locale: 'de-DE' };

describe('the reader of a page', () => {
  it('sees times in their zone, from the server on after the first visit', async ({
    app,
    openOwnersPage,
    workspace,
    shop,
  }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    // Midnight in Tokyo.
    await app.deps.db.server.updateMany({
      where: { id: serverId },
      data: { createdAt: new Date('2020-05-01T15:00:00Z') },
    });
    const page = await openOwnersPage(tokyo);
    await page.goto(`${workspace.url}/servers/${serverId}`);
    await expect
      .poll(async () => (await page.context().cookies()).map(({ name, value }) => [name, value]))
      .toEqual(
        expect.arrayContaining([
          ['armature_zone', 'Asia%2FTokyo'],
          ['armature_locale', 'de-DE'],
        ]),
      );
    const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const html = await (await fetch(`${workspace.url}/servers/${serverId}`, { headers: { cookie: cookies } })).text();
    const stamps = [...html.matchAll(/<time dateTime="([^"]*)"[^>]*>([^<]*)</g)];
    expect(stamps.length).toBeGreaterThan(0);
    for (const [, , text] of stamps) expect(text).not.toContain('UTC');
    // The browser keeps what the server sent: a difference would be a complaint, which fails the test.
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
  });

  it('sees relative times move on', async ({ openOwnersPage, workspace, shop }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    const page = await openOwnersPage();
    await page.clock.install();
    await page.goto(`${workspace.url}/servers/${serverId}`);
    await page
      .getByText(/^(just now|\d+ s ago)$/)
      .first()
      .waitFor();
    await page.clock.fastForward('01:00:00');
    await page.getByText('1 h ago').first().waitFor();
  });

  it('sees the theme they chose, and that of the system without a choice', async ({ app, openPage }) => {
    const page = await openPage({ colorScheme: 'light' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.goto(`${app.url}/sign-in`);
    const light = await background();
    await page.context().addCookies([{ name: 'armature_theme', value: 'dark', url: app.url }]);
    await page.reload();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.context().addCookies([{ name: 'armature_theme', value: 'light', url: app.url }]);
    await page.reload();
    expect(await background()).toBe(light);
    await page.context().clearCookies({ name: 'armature_theme' });
    await page.reload();
    expect(await background()).toBe(dark);
  });

  it('chooses a theme in the menu without scripts, and stays on the page', async ({ openOwnersPage, workspace }) => {
    const page = await openOwnersPage({ colorScheme: 'light', javaScriptEnabled: false });
    await page.goto(`${workspace.url}/runs?status=fail`);
    await page.getByRole('button', { name: workspace.owner.name }).click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.getByRole('button', { name: 'Apply theme' }).click();
    await page.waitForURL(`${workspace.url}/runs?status=fail`);
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  });
});
