import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import type { Context } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { proposePatch } from '../../services/proposal/propose.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { getWorkflow } from '../../services/workflow/get.ts';
import { saveWorkflow } from '../../services/workflow/save.ts';
import { startApp, type TestApp } from '../support/browser/app.ts';
import { openPage, seriousFindings, startBrowser } from '../support/browser/browser.ts';

let app: TestApp;
let shop: ShopServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let owner: Context;
/** The same workspace's agent, by an API key. */
let agent: Context;
let serverId: string;
let workflowId: string;

const base = () => `${app.url}/o/acme`;
/** Where screenshots go, to be looked at; nowhere when it is not set. */
const shots = process.env.ARMATURE_SCREENSHOTS;
const shoot = async (name: string) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};

beforeAll(async () => {
  [app, shop, browser] = await Promise.all([startApp(), startShopServer(), startBrowser()]);
  context = await browser.newContext({ reducedMotion: 'reduce' });
  // A refused change is answered with its HTTP status, which the console tells.
  ({ page, complaints } = await openPage(context, { expected: [/the server responded with a status of 409/] }));
  page.setDefaultTimeout(20_000);
  await page.goto(`${app.url}/sign-up`);
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('a long password');
  await page.getByLabel('Workspace').fill('Acme');
  await page.getByRole('button', { name: 'Make the workspace' }).click();
  await page.waitForURL(`${base()}/**`);

  const { deps } = app;
  const { orgId, userId } = await deps.db.member.findFirstOrThrow();
  owner = { deps, actor: { kind: 'member', id: userId, orgId, role: 'owner' }, requestId: newId() };
  const { id } = await createApiKey(owner, { name: 'Editor agent' });
  agent = { ...owner, actor: { kind: 'api_key', id, orgId, role: 'owner' }, intent: 'Repair what the rename broke.' };
  const connected = await connectServer(owner, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  serverId = connected.serverId ?? '';
  const { workflow } = await createWorkflow(owner, { definition: definition('Order a mug') });
  workflowId = workflow.id;
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await app?.close();
});
afterEach(() => expect(complaints.splice(0)).toEqual([]));

const definition = (name: string) => ({
  name,
  serverId,
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: 'call search_products {"query": "mug"}\ncall list_orders {}',
  criteria: [{ text: 'calls `search_products` once' }, { text: 'no tool call fails' }],
});

const active = async () => (await getWorkflow(owner, { workflowId })).version;
const propose = async (changes: NonNullable<Parameters<typeof proposePatch>[1]['changes']>, rationale: string) => {
  const { id } = await active();
  return (await proposePatch(agent, { workflowId, baseVersionId: id, changes, rationale })).proposalId;
};

it('says what will be here while there is nothing', async () => {
  await page.goto(`${base()}/proposals`);
  await page.getByText('No proposal yet').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
});

it('lists a proposal, shows what it changes and why, and applies it with one click', async () => {
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
  await page.goto(`${base()}/proposals`);
  const row = page.getByRole('row').filter({ hasText: 'Order a mug' });
  for (const text of ['Open', 'Editor agent', 'Limits, Prompt, Success criteria', 'The catalog has cups now.'])
    await row.getByText(text).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('proposals');

  await row.getByRole('link', { name: 'Order a mug' }).click();
  await page.getByRole('heading', { level: 1, name: 'Change of Order a mug' }).waitFor();
  const changes = page.locator('section, div').filter({ has: page.getByRole('heading', { name: 'What it changes' }) });
  const shown = (await changes.last().textContent()) ?? '';
  expect(shown).toContain('call search_products {"query": "cup"}');
  // Names between backticks are shown as names.
  expect(shown).toContain('calls search_products at least once');
  expect(shown).toContain('never calls refund_order (optional)');
  expect(shown).not.toContain('`');
  await page.getByText('Repair what the rename broke.').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('proposal');

  await page.getByRole('button', { name: 'Apply the change' }).click();
  await page.getByRole('alert').filter({ hasText: 'Applied: version 2.' }).waitFor();
  await page.getByText('Applied by Ada Lovelace.').waitFor();
  expect(await page.getByRole('button', { name: 'Apply the change' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Reject' }).count()).toBe(0);
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('link', { name: 'version 2' }).click();
  await page.getByRole('heading', { level: 1, name: 'Version 2' }).waitFor();
  await page.getByText('What differs from version 1').waitFor();
  await page.getByText('call search_products {"query": "cup"}').first().waitFor();
  expect((await active()).number).toBe(2);
});

it('refuses one that the workflow has left behind, and says what to do', async () => {
  const proposalId = await propose({ description: 'Orders a mug.' }, 'Say what it does.');
  await page.goto(`${base()}/proposals/${proposalId}`);
  await page.getByRole('button', { name: 'Apply the change' }).waitFor();
  // Somebody else saves the workflow while this page is being read.
  const { id } = await active();
  await saveWorkflow(owner, { workflowId, baseVersionId: id, changes: { description: 'Another one.' } });
  await page.getByRole('button', { name: 'Apply the change' }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  const said = (await alert.textContent()) ?? '';
  expect(said).toMatch(/version/);
  expect(said).not.toMatch(/base_version_stale|undefined|[0-9a-f]{8}-[0-9a-f]{4}/);
  await page.getByText('The workflow has moved on.').waitFor();
  expect(await page.getByRole('button', { name: 'Apply the change' }).count()).toBe(0);
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('proposal-stale');
  expect((await active()).number).toBe(3);

  await page.getByLabel('Why not (optional)').fill('Done already.');
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByText('Rejected by Ada Lovelace.').waitFor();
  await page.getByText('Done already.').waitFor();
  await page.goto(`${base()}/proposals?state=rejected`);
  await page.getByRole('row').filter({ hasText: 'Say what it does.' }).waitFor();
});

it('makes a new workflow of one', async () => {
  const { proposalId } = await proposePatch(agent, {
    serverId,
    definition: definition('List what was ordered'),
    rationale: 'Nobody looks at the orders.',
  });
  await page.goto(`${base()}/proposals/${proposalId}`);
  await page.getByRole('heading', { level: 1, name: 'New workflow: List what was ordered' }).waitFor();
  expect(await page.locator('main').textContent()).not.toContain(serverId);
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('proposal-new');
  await page.getByRole('button', { name: 'Make the workflow' }).click();
  await page.getByRole('alert').filter({ hasText: 'Applied: version 1.' }).waitFor();
  await page.getByRole('link', { name: 'List what was ordered' }).click();
  await page.getByRole('heading', { level: 1, name: 'List what was ordered' }).waitFor();
});

it('applies one without JavaScript', async () => {
  const proposalId = await propose({ name: 'Order a cup' }, 'It orders a cup by now.');
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  try {
    const tab = await plain.newPage();
    await tab.goto(`${base()}/proposals`);
    await tab.getByRole('row').filter({ hasText: 'It orders a cup by now.' }).getByRole('link').first().click();
    await tab.getByRole('button', { name: 'Apply the change' }).click();
    await tab.getByRole('alert').filter({ hasText: 'Applied: version 4.' }).waitFor();
    expect(tab.url()).toContain(proposalId);
  } finally {
    await plain.close();
  }
  expect((await active()).number).toBe(4);
});

it('shows what is covered and what is not, and leads from a gap to a workflow', async () => {
  await createWorkflow(owner, {
    definition: { ...definition('Only orders'), toolPolicy: { allowedTools: ['list_orders'] } },
  });
  await page.goto(`${base()}/servers/${serverId}`);
  await page.getByRole('link', { name: 'Coverage', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Coverage' }).waitFor();
  const covered = page
    .getByRole('region', { name: 'Covered tools' })
    .getByRole('row')
    .filter({ hasText: 'list_orders' });
  await covered.getByText('Allowed by policy').waitFor();
  await covered.getByRole('link', { name: 'Only orders' }).waitFor();
  await page.getByRole('heading', { name: /^Gaps \(\d+\)$/ }).waitFor();
  expect(await page.getByRole('link', { name: 'Draft a workflow for list_orders' }).count()).toBe(0);
  expect(await seriousFindings(page)).toEqual([]);
  await shoot('coverage');

  await page.getByRole('link', { name: 'Draft a workflow for create_order' }).click();
  await page.getByRole('heading', { level: 1, name: 'New workflow' }).waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Exercise create_order');
  expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toMatch(/^call `create_order` \{/);
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole('tab', { name: 'Success criteria' }).click();
  expect(await page.getByLabel('Criterion 1', { exact: true }).inputValue()).toBe('calls `create_order`');
  await page.getByRole('button', { name: 'Create the workflow' }).click();
  await page.getByRole('heading', { level: 1, name: 'Exercise create_order' }).waitFor();

  await page.goto(`${base()}/servers/${serverId}/coverage`);
  const now = page.getByRole('region', { name: 'Covered tools' }).getByRole('row').filter({ hasText: 'create_order' });
  await now.getByRole('link', { name: 'Exercise create_order' }).waitFor();
});
