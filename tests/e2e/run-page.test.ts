import { brotliCompressSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { isTerminal, runStatuses } from '../../domain/run/run.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createWorkflow, lowerRole, type Workspace } from '../support/browser/workspace.ts';

const prompt = [
  'call search_products {"query": "mug"}',
  'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
  'call get_order {"order_id": "$2.order_id"}',
].join('\n');
const criteria = ['calls `create_order` exactly once', '`get_order` result field `status` equals "confirmed"'];

type Changes = Partial<Parameters<typeof createWorkflow>[1]>;

async function createMugWorkflow({ ctx }: Workspace, shop: { url: string }, changes: Changes = {}): Promise<string> {
  const serverId = await connectShop(ctx, shop);
  const all = ['no tool call fails', ...criteria].map((text) => ({ text }));
  return createWorkflow(ctx, { name: 'Order a mug', serverId, prompt, criteria: all, ...changes });
}

/** Starts a run. @returns its id */
async function start({ ctx }: Workspace, workflowId: string): Promise<string> {
  const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: newId() });
  return runs[0]?.runId ?? '';
}

async function run(workspace: Workspace, workflowId: string): Promise<string> {
  const runId = await start(workspace, workflowId);
  const { db } = workspace.ctx.deps;
  await expect
    .poll(
      async () => isTerminal(oneOf(runStatuses, (await db.run.findFirstOrThrow({ where: { id: runId } })).status)),
      { timeout: 60_000 },
    )
    .toBe(true);
  return runId;
}

/** Nothing of the page is beyond its right edge, and no id or name of code is among its words. */
async function expectPlain(page: Page, width: number): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  const text = await page.locator('main').textContent();
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  expect(text).not.toMatch(/\b(tool_error|not_offered|misconfigured|call-\d|event-\d|toolCalls)\b/);
}

it('says why a run failed and leads to its repair: a fix, a regression test, the comparison', async ({
  page,
  app,
  workspace,
  shop,
}) => {
  const workflowId = await createMugWorkflow(workspace, shop);
  const passed = await run(workspace, workflowId);
  shop.control.set({ rename: { create_order: 'place_order' } });
  const failed = await run(workspace, workflowId);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${workspace.url}/runs/${failed}`);
  await page.getByText('2 of 3 criteria failed').or(page.getByText('3 of 3 criteria failed')).waitFor();
  const why = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Why it failed' }) });
  await why.getByText('place_order').first().waitFor();
  await expectPlain(page, 1440);
  await expectAccessible(page, 'run-failed');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'run-failed-dark');
  await page.emulateMedia({ colorScheme: 'light' });

  // The evidence opens its step in the trace, whose number is that of the prompt.
  await why.getByRole('link', { name: 'call 2 create_order' }).first().click();
  await page.waitForURL(/step=call-2#call-2$/);
  await page.getByLabel('Arguments of call 2').first().waitFor();
  await page.getByText('Not offered', { exact: true }).or(page.getByText('Not offered')).first().waitFor();

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await why.getByRole('button', { name: 'Copy repair prompt' }).click();
  const readCopied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(readCopied).toContain(`${workspace.url}/runs/${failed}`);
  expect(await readCopied()).toContain('create_order');

  await why.getByRole('link', { name: 'Edit workflow' }).waitFor();
  await why.getByRole('button', { name: 'Draft a fix' }).click();
  await page.waitForURL(/\/proposals\//);
  await page.getByText('place_order').first().waitFor();
  await page.goBack();
  await why.getByRole('button', { name: 'Draft regression' }).click();
  await page.waitForURL(/\/proposals\//);
  await page.getByRole('heading', { level: 1, name: /New workflow/ }).waitFor();
  expect(await app.deps.db.proposal.count({ where: { orgId: workspace.orgId } })).toBe(2);
  await page.goBack();
  await why.getByRole('link', { name: 'Compare with last pass' }).click();
  await page.waitForURL(new RegExp(`compare\\?baseline=${passed}&candidate=${failed}`));
  await page.getByText('Regressed').first().waitFor();
  await page.getByRole('listitem').filter({ hasText: 'place_order' }).getByText('Added').waitFor();
  await expectPlain(page, 1440);
  await expectAccessible(page, 'compare');
  await page.setViewportSize({ width: 320, height: 700 });
  await expectPlain(page, 320);
  await page.getByRole('link', { name: 'Swap' }).click();
  await page.getByText('Fixed').first().waitFor();
  await expectAccessible(page, 'compare-320');
  // Either run can be another one, here the same twice.
  await page.getByRole('combobox', { name: 'Before' }).selectOption(passed);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByText('Both runs made the same calls, with the same results.').waitFor();
});

it('shows a passed run on a phone, with its tabs, and the runs before and after', async ({
  openOwnersPage,
  workspace,
  shop,
}) => {
  const workflowId = await createMugWorkflow(workspace, shop);
  const first = await run(workspace, workflowId);
  const second = await run(workspace, workflowId);
  const page = await openOwnersPage({ viewport: { width: 390, height: 844 } });
  const answer = await page.goto(`${workspace.url}/runs/${second}`);
  expect(brotliCompressSync((await answer?.body()) ?? '').length).toBeLessThan(15_000);
  await page.getByText('All 3 criteria passed').waitFor();
  await expectPlain(page, 390);
  await expectAccessible(page, 'run-passed-390');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'run-passed-390-dark');
  for (const [tab, words] of [
    ['Prompt', 'call search_products'],
    ['Transcript', 'Model turn 1'],
    ['Judge', 'No judge was asked'],
    ['Raw', 'Export as OpenTelemetry'],
  ] as const) {
    await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: tab }).click();
    await page.waitForURL(new RegExp(`/${tab.toLowerCase()}$`));
    await page.getByRole('main').getByText(words).last().waitFor();
    await expectAccessible(page, `run-${tab.toLowerCase()}-390`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  }
  const facts = page.getByRole('complementary', { name: 'Facts' });
  await facts.getByText('The latest run').waitFor();
  await facts.getByText('Previous run').locator('..').getByRole('link').click();
  await page.waitForURL(`${workspace.url}/runs/${first}`);
  await facts.getByText('The first run').waitFor();
});

it('is read with the keyboard: j and k go from step to step, and the address names the step', async ({
  page,
  workspace,
  shop,
}) => {
  const runId = await run(workspace, await createMugWorkflow(workspace, shop));
  await page.goto(`${workspace.url}/runs/${runId}#call-1`);
  await page.getByLabel('Result of call 1').first().waitFor();
  expect(page.url()).toContain('step=call-1');
  const steps = page.getByRole('list', { name: 'Steps' });
  await steps.getByRole('link', { name: /^Call 1 search_products/ }).focus();
  await page.keyboard.press('j');
  await page.waitForURL(/step=event-/);
  await page.keyboard.press('j');
  await page.waitForURL(/step=call-2/);
  await page.getByLabel('Arguments of call 2').first().waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  await page.waitForURL(/step=call-1/);
  await expectAccessible(page, 'run-inspected');
  await page.getByLabel('Search the trace').fill('get_order');
  await steps.getByRole('link', { name: /^Call 3 get_order/ }).waitFor();
  await steps.getByRole('link', { name: /^Call 1/ }).waitFor({ state: 'detached' });
  await page.getByLabel('Errors only').check();
  await page.getByText('No step matches.').waitFor();
});

it('follows a run that goes on, and says who canceled it', async ({ page, workspace, shop }) => {
  const workflowId = await createMugWorkflow(workspace, shop);
  shop.control.set({ hold: ['get_order'] });
  const runId = await start(workspace, workflowId);
  await page.goto(`${workspace.url}/runs/${runId}`);
  await page.locator('#call-3').getByText('Waiting').waitFor();
  await page.getByText('Graded when the agent has finished.').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'exactly once' }).getByText('Pending').waitFor();
  await page.getByText('3 calls so far').waitFor();
  await page.getByLabel('Follow').check();
  await expectAccessible(page, 'run-going');
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByText('Canceled by you').waitFor();
  await page.getByRole('button', { name: 'Run again' }).waitFor();
  expect(await page.getByRole('heading', { name: 'Why it failed' }).count()).toBe(0);
  await expectAccessible(page, 'run-canceled-by-you');
});

it('says once why a run could not be carried out', async ({ page, workspace, shop }) => {
  const runId = await run(workspace, await createMugWorkflow(workspace, shop, { prompt: 'Just be nice.' }));
  await page.goto(`${workspace.url}/runs/${runId}`);
  await page.getByText('Cannot run as configured').first().waitFor();
  await page.getByRole('link', { name: 'Edit workflow' }).first().waitFor();
  expect(await page.getByText(/Write one step a line/).count()).toBe(1);
  await expectPlain(page, page.viewportSize()?.width ?? 0);
  await expectAccessible(page, 'run-error');
});

it('marks the call of a blocked tool, and offers a viewer only what a viewer may do', async ({
  page,
  workspace,
  shop,
}) => {
  const workflowId = await createMugWorkflow(workspace, shop, {
    prompt: 'call get_shop_status {}\ncall refund_order {"order_id": "x"}',
    toolPolicy: { allowedTools: [], blockedTools: ['refund_order'] },
    criteria: [{ text: 'never calls `create_order`' }],
  });
  const runId = await run(workspace, workflowId);
  await lowerRole(workspace, 'viewer');
  await page.goto(`${workspace.url}/runs/${runId}`);
  await page.getByRole('link', { name: 'Called a blocked tool' }).click();
  await page.waitForURL(/step=call-2#call-2$/);
  await page.locator('#call-2').getByText('Blocked by policy').waitFor();
  await page.getByText('the call was not sent to the server').waitFor();
  await expectAccessible(page, 'run-flagged');
  for (const name of ['Run again', 'Cancel run'])
    expect(await page.getByRole('button', { name }).count(), name).toBe(0);
  expect(await page.getByRole('link', { name: 'Edit workflow' }).count()).toBe(0);
});

it('works without scripts: a step opens, and the run is started again', async ({ openOwnersPage, workspace, shop }) => {
  const runId = await run(workspace, await createMugWorkflow(workspace, shop));
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/runs/${runId}`);
  await page.getByRole('link', { name: /^Call 2 create_order/ }).click();
  await page.getByLabel('Result of call 2').first().waitFor();
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(runId) && /\/runs\/[0-9a-f-]{36}$/.test(url.pathname));
});
