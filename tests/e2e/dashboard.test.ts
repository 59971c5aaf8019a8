import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findFreePort } from '../../scripts/port.ts';
import { readSetupCode } from '../../services/account/setup-code.ts';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { startApp } from '../support/browser/app.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createWorkflow, type Workspace } from '../support/browser/workspace.ts';

// A wrong password, an unknown address and a refused save are answered with their HTTP status, which the console
// reports.
it.override('expectedComplaints', [/the server responded with a status of (400|401|404|409|422)/]);

const workflowName = 'Order a mug';
const prompt = [
  'call search_products {"query": "mug"}',
  'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
  'call get_order {"order_id": "$2.order_id"}',
].join('\n');
const criteria = ['calls `create_order` exactly once', '`get_order` result field `status` equals "confirmed"'];

/** Connects the shop and creates a workflow that orders a mug. */
async function createMugWorkflow({ ctx }: Workspace, shop: { url: string }): Promise<string> {
  const serverId = await connectShop(ctx, shop);
  return createWorkflow(ctx, { name: workflowName, serverId, prompt, criteria: criteria.map((text) => ({ text })) });
}

/** Starts a run of the workflow and waits until it has passed. */
async function passRun({ ctx }: Workspace, workflowId: string): Promise<void> {
  const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: newId() });
  const ids = runs.map(({ runId }) => runId);
  await expect.poll(() => ctx.deps.db.run.count({ where: { id: { in: ids }, status: 'pass' } })).toBe(1);
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });

it('leads a first visitor to the first account, and from there to connecting a server', async ({ openPage }) => {
  const app = await startApp();
  const page = await openPage();
  try {
    await page.goto(app.url);
    await page.waitForURL(`${app.url}/sign-up`);
    await expectAccessible(page, 'sign-up');
    await page.getByLabel('Setup code').fill(await readSetupCode(app.deps));
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password').fill('a long password');
    await page.getByLabel('Workspace').fill('Acme Shop');
    await page.getByRole('button', { name: 'Create workspace' }).click();
    await page.waitForURL(`${app.url}/o/acme-shop/servers/new`);
  } finally {
    // Else it complains that its stream is gone.
    await page.close();
    await app.close();
  }
});

it('shows exactly how a connection fails, and saves nothing', async ({ page, workspace, shop, app }) => {
  await page.goto(`${workspace.url}/servers/new`);
  await page.getByLabel('Name', { exact: true }).fill('Nobody');
  await page.getByLabel('URL of the MCP endpoint').fill(`http://127.0.0.1:${await findFreePort()}/mcp`);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'Check that the server is running' }).waitFor();
  await page.getByRole('button', { name: 'Save anyway' }).waitFor();
  await expectAccessible(page, 'connect-failed');
  await page.getByText('Transport, headers and limits').click();
  await page.getByLabel('Extra headers (optional)').fill('X Team: 1');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('"X Team" is not a header name.').first().waitFor();
  // Corrected, the same form works.
  await page.getByLabel('Extra headers (optional)').fill('');
  await page.getByLabel('URL of the MCP endpoint').fill(shop.url);
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByRole('alert').filter({ hasText: 'answered in' }).waitFor();
  expect(await app.deps.db.server.count({ where: { orgId: workspace.orgId } })).toBe(0);
});

it('says which values are no secrets, refuses a weak credential, and hides a secret of the path', async ({
  page,
  workspace,
  shop,
}) => {
  await page.goto(`${workspace.url}/servers/new`);
  await page.getByLabel('Name', { exact: true }).fill('Hidden');
  const { origin } = new URL(shop.url);
  await page.getByLabel('URL of the MCP endpoint').fill(`${origin}/s/path-secret-1?debug=true`);
  await page.getByText('Transport, headers and limits').click();
  await page.getByLabel('Extra headers (optional)').fill('X-Env: production\nX-Key: k-12345678');
  await page.getByText('debug has fewer than 8 characters.').waitFor();
  await page.getByText('X-Env is a common word.').waitFor();
  expect(await page.getByRole('listitem').filter({ hasText: 'X-Key' }).count()).toBe(0);
  await page.getByLabel('Authentication').selectOption('bearer');
  await page.getByLabel('Bearer token').last().fill('short');
  await page.getByLabel('Secret in the path (optional)').fill('path-secret-1');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('This credential has fewer than 8 characters').first().waitFor();
  await expectAccessible(page, 'connect-weak');
  await page.getByLabel('Bearer token').last().fill('long-enough-1');
  await page.getByLabel('Secret in the path (optional)').fill('path-secret-1');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('button', { name: 'Save anyway' }).waitFor();
  await page.getByLabel('Bearer token').last().fill('long-enough-1');
  await page.getByLabel('Secret in the path (optional)').fill('path-secret-1');
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await heading(page, 'Hidden').waitFor();
  await page.getByText(`${origin}/s/…`).first().waitFor();
  expect(await page.content()).not.toContain('path-secret-1');
});

it('connects the example server: probe first, then its page with its tools', async ({ page, workspace, shop, app }) => {
  await page.goto(`${workspace.url}/servers/new`);
  await page.getByLabel('Name', { exact: true }).fill('Shop');
  await page.getByLabel('URL of the MCP endpoint').fill(shop.url);
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByRole('alert').filter({ hasText: 'answered in' }).getByText('create_order').waitFor();
  expect(await app.deps.db.server.count({ where: { orgId: workspace.orgId } })).toBe(0);
  await expectAccessible(page, 'connect-probed');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await heading(page, 'Shop').waitFor();
  const parent = page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link');
  expect(await parent.getAttribute('href')).toBe(`/o/${workspace.slug}/servers`);
  await page.getByText('Reachable').waitFor();
  await page.getByRole('link', { name: /^Tools/ }).click();
  await page.getByRole('link', { name: 'create_order' }).click();
  await page.getByRole('dialog', { name: 'create_order' }).waitFor();
  await page.getByRole('link', { name: 'Close' }).click();
  await expectAccessible(page, 'server');
  await page.getByRole('link', { name: 'Servers' }).first().click();
  await heading(page, 'Servers').waitFor();
  await expectAccessible(page, 'servers');
});

it('shows a run live: its trace grows while a call is held, then verdicts come with evidence that leads into the trace', async ({
  page,
  workspace,
  shop,
}) => {
  const workflowId = await createMugWorkflow(workspace, shop);
  shop.control.set({ hold: ['get_order'] });
  await page.goto(`${workspace.url}/workflows/${workflowId}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const waiting = page.locator('#call-3').getByText('Waiting');
  await waiting.waitFor();
  await page.getByText('Graded when the agent has finished.').waitFor();
  await page.getByRole('heading', { level: 1 }).locator('..').getByText('Running', { exact: true }).waitFor();
  const steps = page.getByRole('list', { name: 'Steps' }).locator('> li');
  const before = await steps.count();
  await expectAccessible(page, 'run-live');
  shop.control.reset();
  await page.getByText('Graded by assertion').first().waitFor();
  await waiting.waitFor({ state: 'detached' });
  expect(await steps.count()).toBeGreaterThan(before);
  await page.getByRole('heading', { level: 1 }).locator('..').getByText('Pass', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'call 2 create_order', exact: true }).first().click();
  await page.waitForURL(/#call-2$/);
  await page.getByLabel('Arguments of call 2').first().waitFor();
  await page.getByLabel('Result of call 2').first().getByText('order_id').waitFor();
  await expectAccessible(page, 'run');
});

it('lists runs, by filters that the address keeps', async ({ page, workspace, shop }) => {
  await passRun(workspace, await createMugWorkflow(workspace, shop));
  await page.goto(`${workspace.url}/servers`);
  await page.getByRole('link', { name: 'Runs' }).first().click();
  await heading(page, 'Runs').waitFor();
  await page.getByRole('row').filter({ hasText: workflowName }).waitFor();
  await expectAccessible(page, 'runs');
  await page.getByLabel('Status').selectOption('fail');
  await page.waitForURL(/status=fail/);
  await page.getByText('No runs match your filters.').waitFor();
  await page.goBack();
  await page.getByRole('row').filter({ hasText: workflowName }).waitFor();
});

it('lists workflows with their pass rate, readable in the dark as well', async ({ page, workspace, shop }) => {
  await passRun(workspace, await createMugWorkflow(workspace, shop));
  await page.goto(`${workspace.url}/servers`);
  await page.getByRole('link', { name: 'Workflows' }).first().click();
  await page.getByText('100 %').waitFor();
  await expectAccessible(page, 'workflows');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'workflows-dark');
});

it('cancels a run', async ({ page, workspace, shop }) => {
  const workflowId = await createMugWorkflow(workspace, shop);
  shop.control.set({ hold: ['get_order'] });
  await page.goto(`${workspace.url}/workflows/${workflowId}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.locator('#call-3').getByText('Waiting').waitFor();
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByText('Canceled by you').waitFor();
  await expectAccessible(page, 'run-canceled');
});

it('says plainly that a password is wrong', async ({ page, workspace, app }) => {
  await page.goto(`${workspace.url}/servers`);
  await page.getByRole('button', { name: 'Ada Lovelace' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${app.url}/sign-in`);
  await page.getByLabel('E-mail').fill(workspace.owner.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'The e-mail address or the password is wrong.' }).waitFor();
  await expectAccessible(page, 'sign-in-wrong');
});

it('signs in without scripts, back to the page that was asked for', async ({ openPage, workspace, shop }) => {
  await passRun(workspace, await createMugWorkflow(workspace, shop));
  const page = await openPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/runs`);
  await page.getByLabel('E-mail').fill(workspace.owner.email);
  await page.getByLabel('Password').fill('wrong as well');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'is wrong' }).waitFor();
  await page.getByLabel('Password').fill(workspace.owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${workspace.url}/runs`);
  await page.getByRole('row').filter({ hasText: workflowName }).first().waitFor();
  expect((await page.goto(`${workspace.url}/runs/no-id`))?.status()).toBe(404);
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
});

it('answers an address that leads nowhere with a page', async ({ page, app }) => {
  const answer = await page.goto(`${app.url}/nowhere`);
  expect(answer?.status()).toBe(404);
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await expectAccessible(page, 'not-found');
});
