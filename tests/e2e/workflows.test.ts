import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { createRule } from '../../services/alert-rule/create.ts';
import { syncServer } from '../../services/catalog/sync.ts';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { saveWorkflow } from '../../services/workflow/save.ts';
import { tagWorkflow } from '../../services/workflow/tag.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { itWithWorker as it } from '../support/browser/test.ts';
import { connectShop, createWorkflow, lowerRole, type Workspace } from '../support/browser/workspace.ts';

const prompt = 'call search_products {"query": "mug"}';

async function createWorkflows({ ctx }: Workspace, shop: { url: string }, names: string[]): Promise<string[]> {
  const serverId = await connectShop(ctx, shop);
  const ids: string[] = [];
  for (const name of names)
    ids.push(await createWorkflow(ctx, { name, serverId, prompt, criteria: [{ text: 'no tool call fails' }] }));
  return ids;
}

async function passRun({ ctx }: Workspace, workflowId: string): Promise<void> {
  const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: newId() });
  const where = { id: { in: runs.map(({ runId }) => runId) }, status: 'pass' };
  await expect.poll(() => ctx.deps.db.run.count({ where })).toBe(1);
}

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const select = (page: Page, name: string) => page.getByRole('checkbox', { name: `Select ${name}` }).check();
const statesOf = async ({ ctx, orgId }: Workspace) =>
  Object.fromEntries(
    (await ctx.deps.db.workflow.findMany({ where: { orgId } })).map(({ name, state, tags }) => [
      name,
      [state, ...tags].join(' '),
    ]),
  );

describe('the list of workflows', () => {
  it('pauses, tags, runs and archives what is selected, and takes a pause and an archiving back', async ({
    page,
    workspace,
    shop,
  }) => {
    await createWorkflows(workspace, shop, ['Order a mug', 'Refund a mug', 'Find a mug']);
    await page.goto(`${workspace.url}/workflows`);
    await expectAccessible(page, 'workflow-list');
    const actions = page.getByRole('group', { name: 'With the selected workflows' });
    await select(page, 'Order a mug');
    await select(page, 'Refund a mug');
    await page.getByText('2 workflows selected').waitFor();
    await expectAccessible(page, 'workflow-list-selected');
    await actions.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('2 workflows paused.').waitFor();
    await row(page, 'Order a mug').getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 workflows resumed.').waitFor();
    expect(await statesOf(workspace)).toMatchObject({ 'Order a mug': 'active', 'Refund a mug': 'active' });

    await select(page, 'Find a mug');
    await actions.getByRole('button', { name: 'Tag …' }).click();
    await page.getByLabel('Tag to add or remove').fill('smoke');
    await page.keyboard.press('Enter');
    await page.getByText('1 workflow tagged “smoke”.').waitFor();
    await row(page, 'Find a mug').getByText('smoke').waitFor();

    await select(page, 'Order a mug');
    await actions.getByRole('button', { name: 'Run now' }).click();
    await row(page, 'Order a mug').getByText('Pass', { exact: true }).waitFor();

    await select(page, 'Order a mug');
    await select(page, 'Find a mug');
    await actions.getByRole('button', { name: 'Archive' }).click();
    await row(page, 'Order a mug').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'Order a mug').waitFor();
    expect(await statesOf(workspace)).toEqual({
      'Order a mug': 'active',
      'Refund a mug': 'active',
      'Find a mug': 'active smoke',
    });
  });

  it('keeps its filters in the address, with back and forward', async ({ page, workspace, shop }) => {
    const [order = '', refund = ''] = await createWorkflows(workspace, shop, ['Order a mug', 'Refund a mug']);
    await tagWorkflow(workspace.ctx, { workflowId: order, tags: ['smoke'] });
    await tagWorkflow(workspace.ctx, { workflowId: refund, tags: ['nightly'] });
    await passRun(workspace, order);
    await page.goto(`${workspace.url}/workflows`);
    await page.getByLabel('Tag', { exact: true }).selectOption('nightly');
    await row(page, 'Order a mug').waitFor({ state: 'detached' });
    expect(page.url()).toContain('?tag=nightly');
    await page.getByLabel('Tag', { exact: true }).selectOption('');
    await row(page, 'Order a mug').waitFor();
    await page.getByLabel('Last run').selectOption('pass');
    await row(page, 'Refund a mug').waitFor({ state: 'detached' });
    await page.goBack();
    await row(page, 'Refund a mug').waitFor();
    expect(await page.getByLabel('Last run').inputValue()).toBe('');
    await page.goForward();
    await row(page, 'Refund a mug').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Last run').inputValue()).toBe('pass');
    await page.getByRole('link', { name: 'Workflows tagged smoke' }).click();
    await page.waitForURL(/\?tag=smoke$/);
  });

  it('shows a viewer the same without what they may not do', async ({ page, workspace, shop }) => {
    const [order = ''] = await createWorkflows(workspace, shop, ['Order a mug']);
    await passRun(workspace, order);
    await lowerRole(workspace, 'viewer');
    await page.goto(`${workspace.url}/workflows`);
    await row(page, 'Order a mug').getByText('100 %').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'New workflow' }).count()).toBe(0);
    const answer = await page.request.post(`${workspace.url}/workflows.data`, {
      form: { intent: 'pause', workflow: order },
      headers: { origin: new URL(workspace.url).origin },
    });
    expect(answer.status()).toBe(403);
    expect(await answer.text()).toContain('needs the role editor');
    expect(await statesOf(workspace)).toEqual({ 'Order a mug': 'active' });
  });

  it('works without scripts', async ({ openOwnersPage, workspace, shop }) => {
    await createWorkflows(workspace, shop, ['Order a mug', 'Refund a mug']);
    const page = await openOwnersPage({ javaScriptEnabled: false });
    await page.goto(`${workspace.url}/workflows`);
    await select(page, 'Order a mug');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('1 workflow paused.').waitFor();
    expect(await statesOf(workspace)).toEqual({ 'Order a mug': 'paused', 'Refund a mug': 'active' });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('No workflows are selected.').waitFor();
  });
});

describe('the page of a workflow', () => {
  it('shows how it fared: by day, model and criterion, with the latest runs', async ({ page, workspace, shop }) => {
    const [workflowId = ''] = await createWorkflows(workspace, shop, ['Order a mug']);
    await passRun(workspace, workflowId);
    await page.goto(`${workspace.url}/workflows/${workflowId}`);
    await page.getByText('100 % of 1 run passed').waitFor();
    await page.getByText('0 of 1 failed').waitFor();
    await page.getByText('100 % of 1 passed').waitFor();
    await page.getByRole('table', { name: 'Runs' }).getByText('Pass').waitFor();
    await expectAccessible(page, 'workflow-overview');
    await page.getByText('Edit tags').click();
    await page.getByLabel('Tags', { exact: true }).fill('smoke, nightly');
    await page.getByRole('button', { name: 'Save tags' }).click();
    await page.getByRole('link', { name: 'nightly' }).waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page, 'workflow-overview-dark');
  });

  it('is paused, archived and restored, and each can be taken back', async ({ page, workspace, shop }) => {
    const [workflowId = ''] = await createWorkflows(workspace, shop, ['Order a mug']);
    await page.goto(`${workspace.url}/workflows/${workflowId}`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Workflow paused.').waitFor();
    // The buttons beside the menu change with what is loaded again, and move it.
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByText('Workflow archived.').waitFor();
    await page.getByRole('button', { name: 'Restore workflow' }).waitFor();
    await expectAccessible(page, 'workflow-archived');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(await statesOf(workspace)).toEqual({ 'Order a mug': 'paused' });
  });

  it('compares any two versions, and restores one', async ({ page, workspace, shop }) => {
    const [workflowId = ''] = await createWorkflows(workspace, shop, ['Order a mug']);
    const { db } = workspace.ctx.deps;
    for (const turns of [30, 40]) {
      const { activeVersionId } = await db.workflow.findFirstOrThrow({ where: { id: workflowId } });
      await saveWorkflow(workspace.ctx, {
        workflowId,
        baseVersionId: activeVersionId,
        changes: { limits: { turns }, schedule: turns === 40 ? '0 * * * *' : null },
      });
    }
    await page.goto(`${workspace.url}/workflows/${workflowId}/versions`);
    await page.getByLabel('Compare', { exact: true }).selectOption({ label: 'Version 1' });
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('From version 1 to version 3').waitFor();
    await page.getByText('20 → 40').waitFor();
    await page.getByText('Hourly').last().waitFor();
    await expectAccessible(page, 'versions-compared');
    await page.getByRole('link', { name: 'Version 2' }).click();
    await page.getByText('Changes since version 1').waitFor();
    expect(await page.getByRole('main').textContent()).not.toMatch(/toolCalls|[0-9a-f]{8}-[0-9a-f]{4}/);
    await page.getByRole('button', { name: 'Restore version 2' }).click();
    await page.getByText('Restored as version 4.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Restored as version 5.').waitFor();
    const { activeVersionId } = await db.workflow.findFirstOrThrow({ where: { id: workflowId } });
    const { definition } = await db.workflowVersion.findFirstOrThrow({ where: { id: activeVersionId } });
    expect(definition).toMatchObject({ limits: { turns: 40 }, schedule: '0 * * * *' });
  });

  it('lists the rules that reach it', async ({ page, workspace, shop }) => {
    const [workflowId = '', other = ''] = await createWorkflows(workspace, shop, ['Order a mug', 'Refund a mug']);
    await page.goto(`${workspace.url}/workflows/${workflowId}/alerts`);
    await page.getByText('No rule reaches this workflow').waitFor();
    const destination = { kind: 'email' as const, address: workspace.owner.email };
    for (const [name, target] of [
      ['All of them', { kind: 'all_workflows' as const }],
      ['Only this', { kind: 'workflow' as const, id: workflowId }],
      ['Only the other', { kind: 'workflow' as const, id: other }],
    ] as const)
      await createRule(workspace.ctx, { name, target, destination });
    await page.reload();
    await page.getByRole('row').filter({ hasText: 'Only this' }).waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    expect(await page.getByText('Only the other').count()).toBe(0);
    await expectAccessible(page, 'workflow-alerts');
  });

  it('warns of a tool that has changed, and drafts the fix', async ({ page, workspace, shop }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    const workflowId = await createWorkflow(workspace.ctx, {
      name: 'Check the stock',
      serverId,
      prompt: 'call check_stock {"sku": "MUG-001"}',
      criteria: [{ text: 'no tool call fails' }],
    });
    await passRun(workspace, workflowId);
    shop.control.set({ schema: { check_stock: 'breaking' } });
    await syncServer(workspace.ctx, { serverId });
    await page.goto(`${workspace.url}/workflows/${workflowId}`);
    await page.getByText('A tool that it uses has changed').waitFor();
    await page.getByRole('button', { name: 'Copy repair prompt' }).waitFor();
    await expectAccessible(page, 'workflow-tool-change');
    await page.getByRole('button', { name: 'Draft a fix' }).click();
    await page.getByRole('heading', { name: 'Change to Check the stock' }).waitFor();
    await page.getByText('product_id').first().waitFor();
  });

  it('has for a viewer the definition in place of the editor', async ({ page, workspace, shop }) => {
    const [workflowId = ''] = await createWorkflows(workspace, shop, ['Order a mug']);
    await lowerRole(workspace, 'viewer');
    await page.goto(`${workspace.url}/workflows/${workflowId}`);
    await page.getByRole('link', { name: 'Definition' }).click();
    await page.getByLabel('Prompt').getByText('call search_products').waitFor();
    for (const name of ['Run now', 'Pause', 'More actions', 'Restore'])
      expect(await page.getByRole('button', { name }).count(), name).toBe(0);
  });
});
