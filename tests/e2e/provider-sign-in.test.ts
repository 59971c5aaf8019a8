import type { Page } from 'playwright-core';
import { startApp } from '../support/browser/app.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it as base } from '../support/browser/test.ts';
import { startDashboardProvider } from '../support/oauth/dashboard-provider.ts';

const it = base
  .override('expectedComplaints', [/the server responded with a status of (403|409)/])
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads here which fixtures a fixture needs.
  .override('app', { scope: 'file' }, async ({}, { onCleanup }) => {
    const provider = await startDashboardProvider();
    const app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true', ...provider.env } });
    onCleanup(async () => {
      await app.close();
      await provider.close();
    });
    provider.register(app.url);
    return app;
  });

/** Signs in at the provider as that person. */
async function signInThere(page: Page, address: string, user: string): Promise<void> {
  // The provider's pages load a font of the internet.
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => route.fulfill({ body: '' }),
  );
  await page.goto(address);
  await page.getByRole('link', { name: 'Sign in with 127.0.0.1' }).click();
  await page.locator('input[name=login]').fill(user);
  await page.locator('input[name=password]').fill('x');
  await page.locator('button[type=submit]').click();
  await page.locator('form input[name=prompt][value=consent]').waitFor({ state: 'attached' });
  await page.locator('button[type=submit]').click();
}

it('signs in at the provider, and leads to the page that was wanted', async ({ app, workspace, openPage }) => {
  await app.deps.db.user.update({ where: { email: workspace.owner.email }, data: { emailVerified: true } });
  const page = await openPage();
  await page.goto(`${workspace.url}/settings/team`);
  await page.waitForURL('**/sign-in?to=*');
  await expectAccessible(page, 'sign-in-provider');
  await signInThere(page, page.url(), workspace.owner.email);
  await page.waitForURL(`${workspace.url}/settings/team`);
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
});

it('says why somebody is not signed in, and where to go', async ({ app, openPage }) => {
  const page = await openPage();
  await signInThere(page, `${app.url}/sign-in`, 'ada@unverified.example.com');
  await page.getByText('Your provider has not verified your e-mail address.').waitFor();
  await expectAccessible(page, 'sign-in-provider-refused');
  await page.getByRole('link', { name: 'Back to the sign-in page' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
});

it('lets nobody end a sign-in that another browser began, or that another provider answers', async ({
  app,
  openPage,
}) => {
  const page = await openPage();
  await signInThere(page, `${app.url}/sign-in`, 'mallory@unverified.example.com');
  await page.getByText('Your provider has not verified your e-mail address.').waitFor();
  const address = page.url();
  const victim = await openPage();
  await victim.goto(address);
  await victim.getByText('This sign-in was not started in this browser').waitFor();
  await page.goto(address.replace(/iss=[^&]*/, `iss=${encodeURIComponent('https://other.example.com')}`));
  await page.getByText('did not sign you in').waitFor();
});
