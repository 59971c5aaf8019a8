import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
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
