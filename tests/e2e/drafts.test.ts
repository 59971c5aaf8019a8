import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { connectShop, createMonitor, createWorkflow, type Workspace } from '../support/browser/workspace.ts';

// 401 is what a form gets whose session has ended; a request without a network has no status.
it.override('expectedComplaints', [
  /the server responded with a status of (400|401|409|422)/,
  /net::ERR_INTERNET_DISCONNECTED/,
]);

const leaveQuestion = (page: Page) => page.getByRole('dialog', { name: 'Leave without saving?' });

async function openEditor(page: Page, workspace: Workspace, shop: { url: string }): Promise<string> {
  const serverId = await connectShop(workspace.ctx, shop);
  const workflowId = await createWorkflow(workspace.ctx, {
    name: 'Order a mug',
    serverId,
    prompt: 'call search_products {"query": "mug"}',
    criteria: [{ text: 'calls `search_products`', isRequired: true }],
  });
  await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
  return workflowId;
}

/** Types a name, and adds a criterion. */
async function change(page: Page): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill('Order two mugs');
  await page.getByRole('button', { name: 'Add a criterion' }).click();
  await page.getByLabel('Criterion 2', { exact: true }).fill('no tool call fails');
}

async function expectChange(page: Page): Promise<void> {
  await page.getByText('Your unsaved changes are back.').waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Order two mugs');
  expect(await page.getByLabel('Criterion 2', { exact: true }).inputValue()).toBe('no tool call fails');
}

const endSessions = async ({ ctx }: Workspace) => ctx.deps.db.session.deleteMany({ where: { userId: ctx.actor.id } });

describe('an editor with unsaved changes', () => {
  it('asks before it is left by a link, and has the changes again on return', async ({ page, workspace, shop }) => {
    const workflowId = await openEditor(page, workspace, shop);
    await page.getByText('No unsaved changes').waitFor();
    await change(page);
    await page.getByText('2 unsaved changes').waitFor();
    await page.getByRole('link', { name: 'Runs' }).click();
    await leaveQuestion(page).waitFor();
    await expectAccessible(page, 'leave-question');
    await page.getByRole('button', { name: 'Stay' }).click();
    await leaveQuestion(page).waitFor({ state: 'detached' });
    expect(page.url()).toContain('/edit');
    // The focus is back on the link.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Runs');

    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
    await expectChange(page);
    await expectAccessible(page, 'draft-restored');

    await page.getByRole('button', { name: 'Discard changes' }).click();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Order a mug');
    await page.reload();
    await page.getByLabel('Name', { exact: true }).waitFor();
    expect(await page.getByText('Your unsaved changes are back.').count()).toBe(0);
  });

  it('asks before it is left by Back', async ({ page, workspace, shop }) => {
    const workflowId = await openEditor(page, workspace, shop);
    await page.goto(`${workspace.url}/workflows/${workflowId}`);
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Prompt', { exact: true }).waitFor();
    await change(page);
    await page.goBack();
    await leaveQuestion(page).waitFor();
    await page.getByRole('button', { name: 'Stay' }).click();
    expect(await page.getByLabel('Criterion 2', { exact: true }).inputValue()).toBe('no tool call fails');
    await page.goBack();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByText('Recent runs').waitFor();
    await page.goForward();
    await expectChange(page);
  });

  it('is asked about by the browser before a reload, and has the changes again after it', async ({
    page,
    workspace,
    shop,
  }) => {
    await openEditor(page, workspace, shop);
    await change(page);
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await page.reload();
    expect(asked).toEqual(['beforeunload']);
    await expectChange(page);
  });

  it('is no draft any more once it is saved', async ({ page, workspace, shop }) => {
    const workflowId = await openEditor(page, workspace, shop);
    await change(page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Order two mugs', exact: true }).waitFor();
    await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
    await page.getByLabel('Prompt', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('draft')))).toEqual([]);
  });

  it('keeps its content while there is no network', async ({ page, workspace, shop }) => {
    await openEditor(page, workspace, shop);
    await change(page);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'You are offline. Nothing was sent.' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Order two mugs', exact: true }).waitFor();
  });
});

describe('a session that ends while editing', () => {
  it('is opened again on the page, which then saves', async ({ page, workspace, shop }) => {
    await openEditor(page, workspace, shop);
    await change(page);
    await endSessions(workspace);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    await expectAccessible(page, 'session-ended');
    await dialog.getByLabel('Password').fill('not the password');
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.getByText('The e-mail address or the password is wrong.').waitFor();
    await dialog.getByLabel('Password').fill(workspace.owner.password);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Order two mugs', exact: true }).waitFor();
    const { orgId } = workspace;
    const latest = { where: { orgId }, orderBy: { number: 'desc' } } as const;
    const { definition } = await workspace.ctx.deps.db.workflowVersion.findFirstOrThrow(latest);
    expect(definition).toMatchObject({
      name: 'Order two mugs',
      criteria: [{ text: 'calls `search_products`' }, { text: 'no tool call fails' }],
    });
  });

  it('without scripts leads to sign-in, which says that the form was not sent, and back to the form', async ({
    openOwnersPage,
    workspace,
    shop,
  }) => {
    const page = await openOwnersPage({ javaScriptEnabled: false });
    const workflowId = await openEditor(page, workspace, shop);
    await page.getByLabel('Name', { exact: true }).fill('Order two mugs');
    await endSessions(workspace);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Your session has ended, and your form was not sent.').waitFor();
    await page.getByLabel('E-mail').fill(workspace.owner.email);
    await page.getByLabel('Password').fill(workspace.owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${workspace.url}/workflows/${workflowId}/edit`);
    await page.getByLabel('Prompt', { exact: true }).waitFor();
  });
});

describe('the other editors', () => {
  it('keep what was typed', async ({ page, workspace, shop }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    const monitorId = await createMonitor(workspace.ctx, serverId, {
      tool: 'search_products',
      arguments: { query: 'mug' },
    });
    const forms = [
      ['servers/new', 'Name'],
      [`servers/${serverId}/edit`, 'Name'],
      ['alerts/rules/new', 'Name'],
      [`monitors/${monitorId}/edit`, 'Name'],
      [`monitors/new?server=${serverId}&tool=search_products`, 'query'],
    ] as const;
    for (const [path, label] of forms) {
      await page.goto(`${workspace.url}/${path}`);
      const field = page.getByRole('main').getByLabel(label).first();
      await field.fill('Typed, not saved');
      await page.getByRole('link', { name: 'Incidents' }).first().click();
      await page.getByRole('button', { name: 'Leave' }).click();
      await page.getByRole('heading', { name: 'Incidents', level: 1 }).waitFor();
      await page.goto(`${workspace.url}/${path}`);
      await page.getByText('Your unsaved changes are back.').waitFor();
      expect(await field.inputValue(), path).toBe('Typed, not saved');
    }
  });
});
