import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { saveWorkflow } from '../../services/workflow/save.ts';
import { expectAccessible, waitForHydration } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createWorkflow, lowerRole, type Workspace } from '../support/browser/workspace.ts';

// A refused form is answered with its HTTP status, which the console reports.
it.override('expectedComplaints', [/the server responded with a status of (400|403|409|422)/]);

const prompt = [
  'call search_products {"query": "mug"}',
  'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
].join('\n');

async function createMugWorkflow({ ctx }: Workspace, shop: { url: string }): Promise<string> {
  return createWorkflow(ctx, {
    name: 'Order a mug',
    serverId: await connectShop(ctx, shop),
    prompt,
    criteria: [{ text: 'calls `create_order` exactly once' }],
    toolPolicy: { allowedTools: [], blockedTools: ['refund_order'] },
  });
}

async function passRun({ ctx }: Workspace, workflowId: string): Promise<void> {
  const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: newId() });
  const where = { id: { in: runs.map(({ runId }) => runId) }, status: 'pass' };
  await expect.poll(() => ctx.deps.db.run.count({ where })).toBe(1);
}

async function definitionOf({ ctx }: Workspace, workflowId: string) {
  const { activeVersionId } = await ctx.deps.db.workflow.findFirstOrThrow({ where: { id: workflowId } });
  return ctx.deps.db.workflowVersion.findFirstOrThrow({ where: { id: activeVersionId } });
}

const criterion = (page: Page, number: number) => page.getByLabel(`Criterion ${number}`, { exact: true });
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });

describe('a new workflow', () => {
  it('is written with its lines checked as they are typed, and leads from a mistake to its field', async ({
    page,
    workspace,
    shop,
  }) => {
    await connectShop(workspace.ctx, shop);
    await page.goto(`${workspace.url}/workflows`);
    await page.getByRole('link', { name: 'New workflow' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Order a mug');
    await page.getByLabel('Slug (optional)').fill('mug');
    await page.getByLabel('Tags (optional)').fill('smoke');
    await page.getByLabel('Prompt', { exact: true }).fill('call search_product {"query": "mug"}');
    await page.getByText('which the server has no active tool for').waitFor();
    await page.getByRole('button', { name: 'Use it' }).click();
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toContain('call search_products {');
    await page.getByLabel('Prompt', { exact: true }).fill(prompt);

    await criterion(page, 1).fill('The order is confirmed');
    await page.getByText("The built-in judge can't read this.").waitFor();
    await criterion(page, 1).fill('calls `create_order` exactly onse');
    await page.getByText(/Not an assertion: after .* was expected\./).waitFor();
    await page.getByRole('button', { name: 'Use it' }).click();
    expect(await criterion(page, 1).inputValue()).toBe('calls `create_order` exactly once');
    await page.getByText('Graded by code, exactly and for free.').waitFor();
    await criterion(page, 1).press('Enter');
    await page.keyboard.type('calls `create_ordre` once');
    await page.getByText('The server has no active tool create_ordre.').waitFor();
    await expectAccessible(page, 'editor-checked');
    await page.getByRole('button', { name: 'Remove criterion 2' }).click();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Criterion 1');

    await page.getByLabel('Runs', { exact: true }).selectOption('custom');
    await page.getByLabel('Cron expression').fill('0 9');
    await page.getByText(/five fields/).waitFor();
    await page.getByLabel('Cron expression').fill('30 6 * * *');
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await page.getByText('Daily at 06:30 (Europe/Berlin)').waitFor();
    await page.getByText('In your time zone').waitFor();
    expect(await page.locator('#schedule time').count()).toBe(5);
    await page.getByText('About 30 runs in 30 days. The cost is known after the first runs.').waitFor();

    await page.getByLabel('Search tools').fill('refund_order');
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await page.getByLabel('Search tools').fill('');
    expect(await page.getByLabel('Rule for refund_order').inputValue()).toBe('blocked');
    expect(await page.getByLabel('Rule for search_products').inputValue()).toBe('open');
    await page.getByLabel('Model turns per run').fill('0');
    await page.getByRole('button', { name: 'Create workflow' }).click();
    await page.getByText('1 field needs attention').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('limits.turns');
    await expectAccessible(page, 'editor-refused');
    await page.getByLabel('Model turns per run').fill('20');
    await page.getByRole('button', { name: 'Create workflow' }).click();
    await page.getByText('No runs yet.').waitFor();
    const row = await workspace.ctx.deps.db.workflow.findFirstOrThrow({ where: { orgId: workspace.orgId } });
    expect(row).toMatchObject({ slug: 'mug', tags: ['smoke'] });
    expect((await definitionOf(workspace, row.id)).definition).toMatchObject({
      schedule: '30 6 * * *',
      timezone: 'Europe/Berlin',
      toolPolicy: { allowedTools: [], blockedTools: ['refund_order'] },
      criteria: [{ text: 'calls `create_order` exactly once' }],
    });
  });

  it('is created and run without scripts', async ({ openOwnersPage, workspace, shop }) => {
    await connectShop(workspace.ctx, shop);
    const page = await openOwnersPage({ javaScriptEnabled: false });
    await page.goto(`${workspace.url}/workflows/new`);
    await page.getByLabel('Name', { exact: true }).fill('Order a mug');
    await page.getByLabel('Prompt', { exact: true }).fill(prompt);
    await criterion(page, 2).fill('no tool call fails');
    await page.getByRole('button', { name: 'Create and run' }).click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    await expect.poll(() => workspace.ctx.deps.db.run.count({ where: { status: 'pass' } })).toBe(1);
  });
});

describe('the editor of a workflow', () => {
  it('checks against the last run, and completes tools, steps and paths of results', async ({
    page,
    workspace,
    shop,
  }) => {
    const workflowId = await createMugWorkflow(workspace, shop);
    await passRun(workspace, workflowId);
    await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
    await page.getByText('was called 1 time').waitFor();
    await page.getByRole('button', { name: 'Add a criterion' }).click();
    await page.keyboard.type('`search');
    await page.getByRole('option', { name: 'search_products' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type(' result field `sku');
    await page.getByRole('option', { name: /^products\[0\]\.sku/ }).waitFor();
    await expectAccessible(page, 'editor-completion');
    await page.keyboard.press('Tab');
    await page.keyboard.type(' equals "nothing"');
    expect(await criterion(page, 2).inputValue()).toBe(
      '`search_products` result field `products[0].sku` equals "nothing"',
    );
    await criterion(page, 2).locator('xpath=ancestor::li').getByText('Fail').waitFor();
    await page.getByLabel('Prompt', { exact: true }).press('Control+End');
    await page.keyboard.type('\ncall get_o');
    await page.getByRole('option', { name: 'get_order' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type(' {"order_id": "$2.');
    await page.getByRole('option', { name: /^order_id/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('order_id"}');
    await page.getByText('2 unsaved changes').waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page, 'editor-dark');
    await page.getByRole('button', { name: 'Save and run' }).click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    expect((await definitionOf(workspace, workflowId)).definition).toMatchObject({
      prompt: `${prompt}\ncall get_order {"order_id": "$2.order_id"}`,
    });
  });

  it('merges what two people change, and writes no field that nobody touched', async ({ page, workspace, shop }) => {
    const workflowId = await createMugWorkflow(workspace, shop);
    await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
    await page.getByLabel('Description (optional)').fill('Mine');
    await page.getByLabel('Name', { exact: true }).fill('My mug');
    const base = await definitionOf(workspace, workflowId);
    await saveWorkflow(workspace.ctx, {
      workflowId,
      baseVersionId: base.id,
      changes: { name: 'Their mug', limits: { turns: 33 } },
    });
    await save(page).click();
    await page.getByText('Ada Lovelace saved version 2 while you were editing.').waitFor();
    await page
      .getByRole('group', { name: /Limits/ })
      .getByText('Changed by them')
      .waitFor();
    await page
      .getByRole('group', { name: /Description/ })
      .getByText('Changed by you')
      .waitFor();
    await expectAccessible(page, 'editor-merge');
    await page.getByRole('button', { name: 'Save merged version' }).click();
    await page.getByText('Choose below for what both of you changed, then save.').waitFor();
    await page.getByRole('group', { name: /^Name/ }).getByLabel('Yours').check();
    await page.getByRole('button', { name: 'Save merged version' }).click();
    await page.getByText('Recent runs').waitFor();
    expect((await definitionOf(workspace, workflowId)).definition).toEqual({
      ...Object(base.definition),
      name: 'My mug',
      description: 'Mine',
      limits: { ...Object(base.definition).limits, turns: 33 },
    });
  });

  it('merges without scripts as well', async ({ openOwnersPage, workspace, shop }) => {
    const workflowId = await createMugWorkflow(workspace, shop);
    const page = await openOwnersPage({ javaScriptEnabled: false });
    await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
    await page.getByLabel('Description (optional)').fill('Mine');
    const { id: baseVersionId } = await definitionOf(workspace, workflowId);
    await saveWorkflow(workspace.ctx, { workflowId, baseVersionId, changes: { description: 'Theirs' } });
    await save(page).click();
    await page
      .getByRole('group', { name: /Description/ })
      .getByLabel('Version 2')
      .check();
    await page.getByRole('button', { name: 'Save merged version' }).click();
    await page.getByText('Recent runs').waitFor();
    // Theirs stays, so there was nothing to save.
    expect(await definitionOf(workspace, workflowId)).toMatchObject({
      number: 2,
      definition: { description: 'Theirs' },
    });
  });

  it('is not offered to a viewer, and refuses their form', async ({ page, workspace, shop }) => {
    const workflowId = await createMugWorkflow(workspace, shop);
    await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
    await page.getByLabel('Description (optional)').fill('Mine');
    await waitForHydration(page);
    await lowerRole(workspace, 'viewer');
    await save(page).click();
    await page.getByText(/needs the role editor/).waitFor();
    expect(await definitionOf(workspace, workflowId)).toMatchObject({ number: 1 });
    await page.goto(`${workspace.url}/workflows/${workflowId}`);
    await page.getByRole('link', { name: 'Definition' }).waitFor();
    expect(await page.getByRole('link', { name: 'Edit', exact: true }).count()).toBe(0);
  });
});

/** Presses Tab until what has the focus is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  while (seen.length < 150) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element && 'labels' in element && element.labels instanceof NodeList ? element.labels[0] : null;
      return (element?.getAttribute('aria-label') ?? label?.textContent ?? element?.textContent ?? '').trim();
    });
    if (focused === name) return;
    seen.push(focused);
  }
  throw new Error(`Nothing that can have the focus is called "${name}": ${seen.join(' | ')}`);
}

describe('by keyboard alone', () => {
  it('a workflow is created and run, its failure is read, and the fix is drafted and applied', async ({
    page,
    workspace,
    shop,
  }) => {
    await connectShop(workspace.ctx, shop);
    await page.goto(`${workspace.url}/workflows`);
    await waitForHydration(page);
    await tabTo(page, 'New workflow');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'New workflow' }).waitFor();
    await tabTo(page, 'Name');
    await page.keyboard.type('Check the stock');
    await tabTo(page, 'Prompt');
    await page.keyboard.type('call check_stock {"sku": "MUG-001"}');
    await tabTo(page, 'Criterion 1');
    await page.keyboard.type('no tool call fails');
    await tabTo(page, 'Create and run');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    const status = page.getByRole('heading', { level: 1 }).locator('..');
    await status.getByText('Pass', { exact: true }).waitFor();

    shop.control.set({ schema: { check_stock: 'breaking' } });
    const passed = page.url();
    await tabTo(page, 'Run again');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.href !== passed && url.pathname.includes('/runs/'));
    await status.getByText('Fail', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Why it failed' }).waitFor();
    await tabTo(page, 'Draft a fix');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Check the stock/ }).waitFor();
    await page.getByText('product_id').first().waitFor();
    await tabTo(page, 'Apply change');
    await page.keyboard.press('Enter');
    const { db } = workspace.ctx.deps;
    await expect
      .poll(() => db.workflowVersion.findFirst({ where: { orgId: workspace.orgId, number: 2 } }))
      .toMatchObject({ definition: { prompt: 'call check_stock {"product_id":"MUG-001"}' } });
  });
});
