import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { toMonth } from '../../domain/budget/month.ts';
import { newId } from '../../services/context/ids.ts';
import { getOrganizationSettings } from '../../services/organization/get-settings.ts';
import { startApp } from '../support/browser/app.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it as base } from '../support/browser/test.ts';
import { connectShop, createWorkflow, lowerRole, type Workspace } from '../support/browser/workspace.ts';
import { startProvider } from '../support/models/provider.ts';

const it = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads here which fixtures a fixture needs.
  .extend('provider', { scope: 'file' }, async ({}, { onCleanup }) => {
    const provider = await startProvider(() => ({ answer: '{"sum": 5}' }));
    onCleanup(provider.close);
    return provider;
  })
  // biome-ignore lint/correctness/noEmptyPattern: as above
  .extend('app', { scope: 'file' }, async ({}, { onCleanup }) => {
    const app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true', ARMATURE_MONTHLY_COST: '50' } });
    onCleanup(app.close);
    return app;
  });

/** A workflow whose one run has used this. @returns its id */
async function spend({ ctx, orgId }: Workspace, shop: { url: string }, tokens: number): Promise<string> {
  const serverId = await connectShop(ctx, shop);
  const workflowId = await createWorkflow(ctx, {
    name: 'Order a mug',
    serverId,
    prompt: 'call search_products {"query": "mug"}',
    criteria: [{ text: 'no tool call fails' }],
  });
  const { db } = ctx.deps;
  const { activeVersionId } = await db.workflow.findUniqueOrThrow({ where: { orgId_id: { orgId, id: workflowId } } });
  const now = new Date();
  await db.run.create({
    data: {
      id: newId(),
      orgId,
      workflowId,
      versionId: activeVersionId,
      serverId,
      model: 'acme/small',
      trigger: 'manual',
      status: 'pass',
      actorKind: 'system',
      actorId: 'test',
      inputTokens: tokens,
      cost: 1.5,
      startedAt: now,
      finishedAt: now,
    },
  });
  return workflowId;
}

it('saves the general settings of the owner, without JavaScript too', async ({ workspace, openOwnersPage }) => {
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/settings/general`);
  await page.getByLabel('Name').fill('Acme tests');
  await page.getByLabel(/Scripted steps/).check();
  await page.getByLabel('A person must apply').check();
  await page.getByLabel('Delete runs after days').fill('90');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('The settings are saved.').waitFor();
  expect(await getOrganizationSettings(workspace.ctx, {})).toMatchObject({
    name: 'Acme tests',
    defaultTesterModels: ['builtin/scripted'],
    defaultJudgeModel: null,
    runRetentionDays: 90,
    requirePersonToApply: true,
  });
  await page.getByLabel('Delete runs after days').fill('0');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('Keep runs for at least a day.').first().waitFor();
  expect(await page.getByLabel('Delete runs after days').inputValue()).toBe('0');
});

it('shows the general settings to others, and whom to ask', async ({ workspace, openOwnersPage }) => {
  await lowerRole(workspace, 'admin');
  const page = await openOwnersPage({ colorScheme: 'dark' });
  await page.goto(`${workspace.url}/settings/general`);
  await page.getByText('Only the owner changes these settings. Ask Another owner').waitFor();
  expect(await page.getByLabel('Name').isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Save settings' }).count()).toBe(0);
  await expectAccessible(page, 'settings-general-dark');
});

it('adds, edits, tests and deletes a provider', async ({ workspace, provider, page, shop }) => {
  await page.goto(`${workspace.url}/settings/models`);
  await expectAccessible(page, 'settings-models');
  await page.getByRole('link', { name: 'Add provider' }).click();
  await page.getByLabel('Name').fill('acme');
  await page.getByLabel('Base URL').fill('http://169.254.169.254/v1');
  await page.getByLabel('API key').fill('sk-secret-0001');
  await page.getByLabel('Headers').fill('X-Tenant: tenant-0001');
  await page.getByLabel('Model id').first().fill('small');
  await page.getByLabel('Input price').first().fill('1');
  await page.getByLabel('Output price').first().fill('2.5');
  await page.getByRole('button', { name: 'Add provider' }).click();
  await page
    .getByText(/never called|metadata|not allowed/i)
    .first()
    .waitFor();
  expect(await page.getByLabel('API key').getAttribute('value')).toBeNull();
  await expectAccessible(page, 'settings-provider-refused');
  await page.getByLabel('Base URL').fill(provider.baseUrl);
  await page.getByLabel('API key').fill('sk-secret-0001');
  await page.getByLabel('Headers').fill('X-Tenant: tenant-0001');
  await page.getByRole('button', { name: 'Add provider' }).click();

  const row = page.getByRole('row').filter({ hasText: 'acme/small' });
  await row.getByText('Of this workspace').waitFor();
  await row.getByText('1 in, 2.5 out').waitFor();
  await page.getByRole('button', { name: 'Test acme/small' }).click();
  await page.getByText(/^acme\/small answered in/).waitFor();
  expect(provider.received.at(-1)?.headers).toMatchObject({
    authorization: 'Bearer sk-secret-0001',
    'x-tenant': 'tenant-0001',
  });

  await createWorkflow(workspace.ctx, {
    name: 'Uses acme',
    serverId: await connectShop(workspace.ctx, shop),
    prompt: 'Order a mug.',
    criteria: [{ text: 'no tool call fails' }],
    testerModels: ['acme/small'],
  });
  await page.getByRole('link', { name: 'acme', exact: true }).click();
  await page.getByText('A key is stored.').waitFor();
  expect(await page.content()).not.toContain('sk-secret-0001');
  expect(await page.content()).not.toContain('tenant-0001');
  await page.getByLabel('Label').first().fill('Small model');
  await page.getByRole('button', { name: 'Save provider' }).click();
  await page.getByText('acme is saved.').waitFor();
  await expectAccessible(page, 'settings-provider');
  await page.getByRole('button', { name: 'Delete provider' }).first().click();
  await page.getByText('A workflow uses its models').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete provider' }).click();
  await page.getByText('None yet.').waitFor();
  expect(await workspace.ctx.deps.db.modelProvider.count({ where: { orgId: workspace.orgId } })).toBe(0);
});

it('adds a provider without JavaScript, for admins alone', async ({ workspace, openOwnersPage }) => {
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/settings/models/new`);
  await page.getByLabel('Name').fill('plain');
  await page.getByLabel('Base URL').fill('https://models.example.com/v1');
  await page.getByLabel('Model id').first().fill('m');
  await page.getByRole('button', { name: 'Add provider' }).click();
  await page.getByRole('link', { name: 'plain' }).waitFor();
  await lowerRole(workspace, 'editor');
  await page.goto(`${workspace.url}/settings/models`);
  await page.getByRole('link', { name: 'plain' }).click();
  await page.getByText('Admins of the workspace change its providers.').waitFor();
  expect(await page.getByRole('button', { name: 'Delete provider' }).count()).toBe(0);
});

it('shows usage and sets budgets for the owner', async ({ workspace, shop, openOwnersPage }) => {
  await spend(workspace, shop, 1200);
  const page = await openOwnersPage({ colorScheme: 'dark' });
  await page.goto(`${workspace.url}/settings/plan`);
  await page.getByRole('row').filter({ hasText: 'acme/small' }).getByText('1,200').waitFor();
  await page.getByRole('row').filter({ hasText: 'Shop' }).getByText('$1.50').waitFor();
  await page.getByText('This workspace (ceiling of the operator)').waitFor();
  await page.getByLabel('Tokens a month').fill('1,400');
  await page.getByLabel('US dollars a month').fill('60');
  await page.getByRole('button', { name: 'Save budget' }).click();
  await page.getByText('The operator allows a workspace at most $50.00 a month.').waitFor();
  await expectAccessible(page, 'settings-plan-refused-dark');
  await page.getByLabel('US dollars a month').fill('');
  await page.getByRole('button', { name: 'Save budget' }).click();
  await page.getByText('The budget is saved.').waitFor();
  await page.getByRole('row').filter({ hasText: 'This workspace' }).getByText('Nearly used up').waitFor();
  expect(await workspace.ctx.deps.db.incident.findMany({ where: { orgId: workspace.orgId } })).toMatchObject([
    { subjectKind: 'budget', level: 'warn' },
  ]);
  await expectAccessible(page, 'settings-plan-dark');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`usage-${toMonth(new Date())}.csv`);
  expect(await readFile(await download.path(), 'utf8')).toMatch(
    /,runs,Order a mug,.*,acme\/small,Shop,.*,1,1200,0,1\.5,0,/,
  );

  await page.getByRole('button', { name: 'Remove the budget of the workspace' }).click();
  await page.getByText('The budget is removed.').waitFor();
});

it('sets a budget of a workflow without JavaScript', async ({ workspace, shop, openOwnersPage }) => {
  const workflowId = await spend(workspace, shop, 100);
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/settings/plan`);
  await page.getByLabel('Of', { exact: true }).selectOption('Order a mug');
  await page.getByLabel('Tokens a month').fill('100');
  await page.getByRole('button', { name: 'Save budget' }).click();
  await page.getByText('Used up: new runs end in an error').waitFor();
  const { orgId } = workspace;
  expect(await workspace.ctx.deps.db.budget.findMany({ where: { orgId } })).toMatchObject([
    { workflowId, monthlyTokens: 100n, monthlyCost: null },
  ]);
});

it('shows budgets to others, and whom to ask', async ({ workspace, page }) => {
  await lowerRole(workspace, 'admin');
  await page.goto(`${workspace.url}/settings/plan`);
  await page.getByText('The owner sees the usage and sets budgets. Ask Another owner').waitFor();
  await page.getByText('This workspace (ceiling of the operator)').waitFor();
  expect(await page.getByRole('button', { name: /budget/i }).count()).toBe(0);
  expect(await page.getByText('Download CSV').count()).toBe(0);
  await expectAccessible(page, 'settings-plan-admin');
  const csv = await page.request.get(`${workspace.url}/settings/plan.csv`);
  expect(csv.status()).toBe(403);
});
