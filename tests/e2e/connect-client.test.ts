import { createServer } from 'node:http';
import { expect } from 'vitest';
import { startApp } from '../support/browser/app.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it as base } from '../support/browser/test.ts';
import { signUp } from '../support/browser/workspace.ts';
import { createClient, createMemory } from '../support/oauth/signing-in.ts';
import { listen } from '../support/targets/http.ts';

const it = base
  .override('expectedComplaints', [/the server responded with a status of (403|409)/])
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads here which fixtures a fixture needs.
  .override('app', { scope: 'file' }, async ({}, { onCleanup }) => {
    const app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true', ARMATURE_OAUTH: 'true' } });
    onCleanup(app.close);
    return app;
  });

/** A client on this machine that waits for its code, as command lines do. */
async function startClient(url: string) {
  let receive: (parameters: URLSearchParams) => void = () => {};
  const received = new Promise<URLSearchParams>((resolve) => {
    receive = resolve;
  });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
    if (pathname === '/callback') receive(searchParams);
    response.setHeader('content-type', 'text/html').end('<title>Done</title>You can close this page.');
  });
  const listening = await listen(server);
  const memory = createMemory(`${listening.origin}/callback`);
  const first = createClient(url, memory);
  await first.client.connect(first.transport).catch(() => {});
  return {
    close: listening.close,
    address: memory.asked?.href ?? '',
    async connect() {
      await first.transport.finishAuth(await received);
      const { client, transport } = createClient(url, memory);
      await client.connect(transport);
      return client;
    },
  };
}

it('asks the person who signs in, and lists the client among the keys, where it is revoked', async ({
  app,
  workspace,
  openPage,
  onTestFinished,
}) => {
  const agent = await startClient(`${app.url}/api/mcp`);
  onTestFinished(agent.close);
  const page = await openPage();
  await page.goto(agent.address);
  // Nobody is signed in yet. After the sign-in the request goes on.
  await page.getByLabel('E-mail').fill(workspace.owner.email);
  await page.getByLabel('Password').fill(workspace.owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Connect An agent?' }).waitFor();
  await page.getByText('Access is given to a program on this computer').waitFor();
  await expectAccessible(page, 'connect-client');
  expect(await page.getByLabel('Editor').isChecked()).toBe(true);
  await page.getByLabel('Viewer').check();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('You can close this page.').waitFor();

  const client = await agent.connect();
  const answer = await client.callTool({ name: 'list_workflows', arguments: {} });
  expect(answer.structuredContent).toMatchObject({ workflows: [] });

  await page.goto(`${workspace.url}/settings/keys`);
  const row = page.getByRole('row').filter({ hasText: 'An agent' });
  await row.getByText('Signed in with OAuth').waitFor();
  expect(await row.textContent()).toContain('Viewer');
  await row.getByRole('link', { name: 'Revoke An agent' }).click();
  await page.getByRole('button', { name: 'Revoke it' }).click();
  await page.getByText('"An agent" was revoked.').waitFor();
  await expect(client.callTool({ name: 'list_workflows', arguments: {} })).rejects.toThrow('Unauthorized');
  await page.goto(`${workspace.url}/settings/audit`);
  await page.locator('main').getByText('Allow client sign in').last().waitFor();
});

it('works without scripts, with several workspaces, and can be denied', async ({
  app,
  workspace,
  openPage,
  onTestFinished,
}) => {
  const agent = await startClient(`${app.url}/api/mcp`);
  onTestFinished(agent.close);
  const other = await signUp(app, 'Another shop');
  await app.deps.db.member.create({
    data: { orgId: other.orgId, userId: workspace.ctx.actor.id, role: 'viewer' },
  });
  const page = await openPage({ javaScriptEnabled: false });
  const [name = '', value = ''] = workspace.cookie.split(/=(.*)/);
  await page.context().addCookies([{ name, value, url: app.url }]);
  await page.goto(agent.address);
  await page.getByLabel('Another shop').check();
  await page.getByLabel('Admin').check();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('yours is viewer').first().waitFor();
  expect(await page.getByLabel('Another shop').isChecked()).toBe(true);
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('An agent was refused.').waitFor();
  await page.getByRole('link', { name: 'Continue to An agent' }).click();
  await page.waitForURL('**/callback?error=access_denied*');
});

it('says what to do where the request was answered or is of another browser', async ({
  app,
  openOwnersPage,

  onTestFinished,
}) => {
  const agent = await startClient(`${app.url}/api/mcp`);
  onTestFinished(agent.close);
  const page = await openOwnersPage();
  await page.goto(agent.address);
  const address = page.url();
  const stranger = await openOwnersPage();
  await stranger.goto(address);
  await stranger.getByText('Connect again from the client.').waitFor();
  expect(await stranger.getByRole('button', { name: 'Allow' }).count()).toBe(0);
});
