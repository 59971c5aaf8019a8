import { expect } from 'vitest';
import { connectServer } from '../../services/server/connect.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { startProtectedServer } from '../support/oauth/protected-server.ts';
import { startProvider } from '../support/oauth/provider.ts';

it('signs a profile in at the authorization server, and shows whom it acts as and the trace', async ({
  app,
  workspace,
  page,
  openPage,
  onTestFinished,
}) => {
  const provider = await startProvider();
  const server = await startProtectedServer(provider);
  onTestFinished(async () => {
    await server.close();
    await provider.close();
  });
  const { serverId } = await connectServer(workspace.ctx, {
    name: 'Protected',
    transport: 'streamable_http',
    url: server.url,
    auth: { kind: 'none' },
    saveAnyway: true,
  });
  // The authorization server's pages load a font of the internet.
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => route.fulfill({ body: '' }),
  );
  await page.goto(`${workspace.url}/servers/${serverId}/auth/new`);
  await expectAccessible(page, 'oauth-new');
  await page.getByRole('button', { name: 'Add profile' }).click();
  await page.getByText('Not signed in').waitFor();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();

  // It isn't public: a person has to confirm it.
  await page.getByRole('alert').getByText("isn't a public address").waitFor();
  await expectAccessible(page, 'oauth-confirm');
  await page.getByRole('button', { name: 'Use this authorization server' }).click();
  await page.waitForURL(`${provider.origin}/**`);
  await page.locator('input[name=login]').fill('grace');
  await page.locator('input[name=password]').fill('x');
  await page.locator('button[type=submit]').click();
  await page.locator('form input[name=prompt][value=consent]').waitFor({ state: 'attached' });
  await page.locator('button[type=submit]').click();

  await page.waitForURL(`${workspace.url}/servers/${serverId}/auth/*?signed=in`);
  await page.getByText('Signed in.', { exact: true }).waitFor();
  expect(await page.getByText(provider.issuer, { exact: true }).count()).toBe(1);
  await expectAccessible(page, 'oauth-signed-in');
  await page.getByText('Trace of the latest sign-ins').waitFor();
  await page.locator('summary').filter({ hasText: 'Signed in' }).first().click();
  await page.getByText('Exchange the code for tokens').waitFor();
  await page.getByRole('button', { name: 'Test connection' }).click();
  await expect.poll(() => server.statuses.at(-1)).toBe(200);

  // A link with an answer makes nobody else sign in, and leads nowhere else.
  const stranger = await openPage();
  const answer = await stranger.request.get(`${app.url}/oauth/callback?code=x&state=y&iss=https://evil.example`, {
    maxRedirects: 0,
  });
  expect([answer.status(), answer.headers().location]).toEqual([403, undefined]);
  const own = await page.request.get(`${app.url}/oauth/callback?code=x&state=stolen&next=https://evil.example`, {
    maxRedirects: 0,
  });
  expect([own.status(), own.headers().location]).toEqual([400, undefined]);
  const document = await page.request.get(`${app.url}/oauth/client.json`);
  expect(document.status()).toBe(404);
});
