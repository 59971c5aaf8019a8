import { expect } from 'vitest';
import { createApiKey } from '../../services/api-key/create.ts';
import type { Context } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { proposePatch } from '../../services/proposal/propose.ts';
import { rejectProposal } from '../../services/proposal/reject.ts';
import { searchRuns } from '../../services/run/reading/search.ts';
import { getWorkflow } from '../../services/workflow/reading/get.ts';
import { saveWorkflow } from '../../services/workflow/save.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { connectShop, createWorkflow, lowerRole, type Workspace } from '../support/browser/workspace.ts';

const definition = (name: string, serverId: string) => ({
  name,
  serverId,
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: 'call search_products {"query": "mug"}\ncall list_orders {}',
  criteria: [{ text: 'calls `search_products` once' }, { text: 'no tool call fails' }],
});

type Changes = NonNullable<Parameters<typeof proposePatch>[1]['changes']>;

/** A workflow `Order a mug` on the shop, and the workspace's agent, which may propose changes of it. */
async function createWorkflowWithAgent({ ctx, orgId }: Workspace, shop: { url: string }) {
  const serverId = await connectShop(ctx, shop);
  const workflowId = await createWorkflow(ctx, definition('Order a mug', serverId));
  const { id } = await createApiKey(ctx, { name: 'Editor agent' });
  const agent: Context = {
    ...ctx,
    actor: { kind: 'api_key', id, orgId, role: 'owner' },
    intent: 'Repair what the rename broke.',
  };
  const activeVersion = async () => (await getWorkflow(ctx, { workflowId })).version;
  return {
    serverId,
    workflowId,
    agent,
    activeVersion,
    /** @returns the proposal's id. */
    async propose(changes: Changes, rationale: string): Promise<string> {
      const { id: baseVersionId } = await activeVersion();
      return (await proposePatch(agent, { workflowId, baseVersionId, changes, rationale })).proposalId;
    },
  };
}

const somebodyElse = ({ ctx, orgId }: Workspace): Context => ({
  ...ctx,
  actor: { kind: 'system', id: 'drift', orgId },
});

/** A run that failed at its first call, written directly. @returns its id */
async function insertFailedRun(
  { ctx: { deps }, orgId }: Workspace,
  { workflowId, serverId, versionId }: { workflowId: string; serverId: string; versionId: string },
): Promise<string> {
  const [runId, at] = [newId(), new Date()];
  await deps.db.run.create({
    data: {
      id: runId,
      orgId,
      workflowId,
      versionId,
      serverId,
      model: 'builtin/scripted',
      trigger: 'manual',
      status: 'running',
      actorKind: 'system',
      actorId: 'test',
    },
  });
  await deps.db.toolCall.create({
    data: { orgId, runId, index: 0, turn: 1, tool: 'search_products', arguments: {}, outcome: 'ok', startedAt: at },
  });
  await deps.db.run.updateMany({ where: { orgId, id: runId }, data: { status: 'fail', callCount: 1, finishedAt: at } });
  return runId;
}

it('says what will be here while there is nothing', async ({ page, workspace }) => {
  await page.goto(`${workspace.url}/proposals`);
  await page.getByText('No proposals yet').waitFor();
  await expectAccessible(page, 'proposals-empty');
});

it('lists a proposal, shows what it changes and why, and applies it with one click', async ({
  page,
  workspace,
  shop,
}) => {
  const { propose, activeVersion } = await createWorkflowWithAgent(workspace, shop);
  await propose(
    {
      prompt: 'call search_products {"query": "cup"}\ncall list_orders {}',
      criteria: [
        { op: 'update', position: 0, text: 'calls `search_products` at least once' },
        { op: 'add', position: 2, text: 'never calls `refund_order`', isRequired: false },
      ],
      limits: { turns: 5 },
    },
    'The catalog has cups now.\nNothing else changed.',
  );
  await page.goto(`${workspace.url}/proposals`);
  const row = page.getByRole('row').filter({ hasText: 'Order a mug' });
  for (const text of ['Open', 'Editor agent', 'Limits, Prompt, Success criteria', 'The catalog has cups now.'])
    await row.getByText(text).waitFor();
  await expectAccessible(page, 'proposals');

  await row.getByRole('link', { name: 'Order a mug' }).click();
  await page.getByRole('heading', { level: 1, name: 'Change to Order a mug' }).waitFor();
  const changes = page.locator('section, div').filter({ has: page.getByRole('heading', { name: 'Changes' }) });
  const shown = (await changes.last().textContent()) ?? '';
  expect(shown).toContain('call search_products {"query": "cup"}');
  // Names between backticks are shown as names.
  expect(shown).toContain('calls search_products at least once');
  expect(shown).toContain('never calls refund_order (optional)');
  expect(shown).not.toContain('`');
  await page.getByText('Repair what the rename broke.').waitFor();
  await expectAccessible(page, 'proposal');

  await page.getByRole('button', { name: 'Apply change' }).click();
  await page.getByRole('alert').filter({ hasText: 'Applied: version 2.' }).waitFor();
  await page.getByText('Applied by Ada Lovelace.').waitFor();
  expect(await page.getByRole('button', { name: 'Apply change' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Reject' }).count()).toBe(0);
  await expectAccessible(page, 'proposal-applied');
  await page.getByRole('link', { name: 'version 2' }).click();
  await page.getByRole('heading', { name: 'Version 2', exact: true }).waitFor();
  await page.getByText('Changes since version 1').waitFor();
  await page.getByText('call search_products {"query": "cup"}').first().waitFor();
  expect((await activeVersion()).number).toBe(2);
});

it('refuses one whose workflow has changed since, says what to do, and takes a rejection', async ({
  page,
  workspace,
  shop,
}) => {
  const { propose, activeVersion, workflowId } = await createWorkflowWithAgent(workspace, shop);
  const proposalId = await propose({ description: 'Orders a mug.' }, 'Say what it does.');
  await page.goto(`${workspace.url}/proposals/${proposalId}`);
  await page.getByRole('button', { name: 'Apply change' }).waitFor();
  // Somebody else saves the workflow while this page is being read.
  const { id: baseVersionId } = await activeVersion();
  await saveWorkflow(workspace.ctx, { workflowId, baseVersionId, changes: { description: 'Another one.' } });
  await page.getByRole('button', { name: 'Apply change' }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  const message = (await alert.textContent()) ?? '';
  expect(message).toMatch(/version/);
  expect(message).not.toMatch(/base_version_stale|undefined|[0-9a-f]{8}-[0-9a-f]{4}/);
  await page.getByText('The workflow has changed.').waitFor();
  expect(await page.getByRole('button', { name: 'Apply change' }).count()).toBe(0);
  await expectAccessible(page, 'proposal-stale');
  expect((await activeVersion()).number).toBe(2);

  // The owner's key proposed it, so turning it down is withdrawing it.
  await page.getByRole('button', { name: 'Withdraw …' }).click();
  await page.getByLabel('Reason (optional)').fill('Done already.');
  await page.getByRole('button', { name: 'Withdraw', exact: true }).click();
  await page.getByText('Rejected by Ada Lovelace.').waitFor();
  await page.getByText('Done already.').waitFor();
  await expectAccessible(page, 'proposal-rejected');
  await page.goto(`${workspace.url}/proposals?state=rejected`);
  await page.getByRole('row').filter({ hasText: 'Say what it does.' }).waitFor();
});

it('shows what a rejection says, and takes it back', async ({ page, workspace, shop }) => {
  const { workflowId, activeVersion } = await createWorkflowWithAgent(workspace, shop);
  const { proposalId } = await proposePatch(somebodyElse(workspace), {
    workflowId,
    baseVersionId: (await activeVersion()).id,
    changes: { description: 'Orders a mug.' },
    rationale: 'Say what it does.',
  });
  await page.goto(`${workspace.url}/proposals/${proposalId}`);
  const opener = page.getByRole('button', { name: 'Reject …' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Not now.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Rejected by Ada Lovelace.').waitFor();
  await page.getByText('Not now.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Apply change' }).waitFor();
  expect(await page.getByText('Not now.').count()).toBe(0);
});

it('applies a change and runs the workflow in one step', async ({ page, workspace, shop }) => {
  const { propose, activeVersion, workflowId } = await createWorkflowWithAgent(workspace, shop);
  const proposalId = await propose({ description: 'Orders a mug.' }, 'Say what it does.');
  await page.goto(`${workspace.url}/proposals/${proposalId}`);
  await page.getByRole('button', { name: 'Apply and run' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  expect((await activeVersion()).number).toBe(2);
  const { runs } = await searchRuns(workspace.ctx, { workflowId });
  expect(runs.map(({ versionNumber, trigger }) => ({ versionNumber, trigger }))).toEqual([
    { versionNumber: 2, trigger: 'manual' },
  ]);
});

it('links what it is based on', async ({ page, workspace, shop }) => {
  const { agent, workflowId, activeVersion, serverId } = await createWorkflowWithAgent(workspace, shop);
  const { id: versionId } = await activeVersion();
  const runId = await insertFailedRun(workspace, { workflowId, serverId, versionId });
  const { criteria } = (await getWorkflow(workspace.ctx, { workflowId })).definition;
  const { proposalId } = await proposePatch(agent, {
    workflowId,
    baseVersionId: versionId,
    changes: { description: 'Orders a mug.' },
    rationale: 'It failed.',
    evidence: [runId, 'call-1', criteria[0]?.id ?? ''],
  });
  await page.goto(`${workspace.url}/proposals/${proposalId}`);
  const evidence = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Evidence' }) });
  await evidence.getByText('Fail', { exact: true }).waitFor();
  await evidence.getByText('search_products').waitFor();
  await evidence.getByRole('link', { name: /^Run of/ }).waitFor();
  await expectAccessible(page, 'proposal-evidence');
  await evidence.getByRole('link', { name: 'Call 1' }).click();
  await page.waitForURL(`**/runs/${runId}?step=call-1#call-1`);
});

it('offers a viewer nothing that a viewer may not do', async ({ page, workspace, shop }) => {
  const { workflowId, activeVersion } = await createWorkflowWithAgent(workspace, shop);
  const change = { workflowId, baseVersionId: (await activeVersion()).id, changes: { description: 'Orders a mug.' } };
  const { proposalId } = await proposePatch(somebodyElse(workspace), { ...change, rationale: 'Say what it does.' });
  await lowerRole(workspace, 'viewer');
  await page.goto(`${workspace.url}/proposals/${proposalId}`);
  await page.getByRole('heading', { level: 1, name: 'Change to Order a mug' }).waitFor();
  for (const name of ['Apply change', 'Apply and run', 'Reject …', 'Withdraw …'])
    expect(await page.getByRole('button', { name }).count()).toBe(0);
});

it('shows how a proposal ends while it is being read', async ({ page, workspace, shop }) => {
  const { propose, agent } = await createWorkflowWithAgent(workspace, shop);
  const proposalId = await propose({ description: 'Orders a mug.' }, 'Say what it does.');
  await page.goto(`${workspace.url}/proposals/${proposalId}`);
  await page.getByRole('button', { name: 'Apply change' }).waitFor();
  await rejectProposal(agent, { proposalId, reason: 'A better one is on its way.' });
  await page.getByText('Withdrawn by Editor agent.').waitFor();
  await page.getByText('A better one is on its way.').waitFor();
});

it('creates a new workflow from one', async ({ page, workspace, shop }) => {
  const { agent, serverId } = await createWorkflowWithAgent(workspace, shop);
  const { proposalId } = await proposePatch(agent, {
    serverId,
    definition: definition('List what was ordered', serverId),
    rationale: 'Nobody looks at the orders.',
  });
  await page.goto(`${workspace.url}/proposals/${proposalId}`);
  await page.getByRole('heading', { level: 1, name: 'New workflow: List what was ordered' }).waitFor();
  expect(await page.locator('main').textContent()).not.toContain(serverId);
  await expectAccessible(page, 'proposal-new');
  await page.getByRole('button', { name: 'Create workflow' }).click();
  await page.getByRole('alert').filter({ hasText: 'Applied: version 1.' }).waitFor();
  await page.getByRole('link', { name: 'List what was ordered' }).click();
  await page.getByRole('heading', { level: 1, name: 'List what was ordered' }).waitFor();
});

it('applies one without scripts', async ({ openOwnersPage, workspace, shop }) => {
  const { propose, activeVersion } = await createWorkflowWithAgent(workspace, shop);
  const proposalId = await propose({ name: 'Order a cup' }, 'It orders a cup by now.');
  const page = await openOwnersPage({ javaScriptEnabled: false });
  await page.goto(`${workspace.url}/proposals`);
  await page.getByRole('row').filter({ hasText: 'It orders a cup by now.' }).getByRole('link').first().click();
  await page.getByRole('button', { name: 'Apply change' }).click();
  await page.getByRole('alert').filter({ hasText: 'Applied: version 2.' }).waitFor();
  expect(page.url()).toContain(proposalId);
  expect((await activeVersion()).number).toBe(2);
});

it('shows what is covered and what is not, and leads from a gap to a workflow', async ({ page, workspace, shop }) => {
  const { serverId } = await createWorkflowWithAgent(workspace, shop);
  await createWorkflow(workspace.ctx, {
    ...definition('Only orders', serverId),
    toolPolicy: { allowedTools: ['list_orders'] },
  });
  await page.goto(`${workspace.url}/servers/${serverId}`);
  await page.getByRole('main').getByRole('link', { name: 'Coverage', exact: true }).click();
  const coveredTools = page.getByRole('table', { name: 'Covered tools' });
  const covered = coveredTools.getByRole('row').filter({ hasText: 'list_orders' });
  await covered.getByText('Allowed by policy').waitFor();
  await covered.getByRole('link', { name: 'Only orders' }).waitFor();
  await page.getByRole('heading', { name: /^Not covered \(\d+\)$/ }).waitFor();
  expect(await page.getByRole('link', { name: 'Draft a workflow for list_orders' }).count()).toBe(0);
  await expectAccessible(page, 'coverage');

  await page.getByRole('link', { name: 'Draft a workflow for create_order' }).click();
  await page.getByRole('heading', { level: 1, name: 'New workflow' }).waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Exercise create_order');
  expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toMatch(/^call `create_order` \{/);
  await expectAccessible(page, 'coverage-draft');
  expect(await page.getByLabel('Criterion 1', { exact: true }).inputValue()).toBe('calls `create_order`');
  await page.getByRole('button', { name: 'Create workflow' }).click();
  await page.getByRole('heading', { level: 1, name: 'Exercise create_order' }).waitFor();

  await page.goto(`${workspace.url}/servers/${serverId}/coverage`);
  const added = coveredTools.getByRole('row').filter({ hasText: 'create_order' });
  await added.getByRole('link', { name: 'Exercise create_order' }).waitFor();
});
