import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { newId } from '../../services/context/ids.ts';
import { setMonitorState } from '../../services/monitor/set-state.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { it as base } from '../support/browser/test.ts';
import { connectShop, createMonitor, createWorkflow, type Workspace } from '../support/browser/workspace.ts';
import { startTestWorker } from '../support/setup/worker.ts';

// A stream that is refused or cut is reported by the browser.
const it = base.extend('expectedComplaints', [/status of (401|503)/, /ERR_FAILED/]);

const createMugWorkflow = async ({ ctx }: Workspace, shop: { url: string }) =>
  createWorkflow(ctx, {
    name: 'Order a mug',
    serverId: await connectShop(ctx, shop),
    prompt:
      'call search_products {"query": "mug"}\ncall create_order {"sku": "MUG-001", "quantity": 1, "reference": "{{run.short_id}}"}',
    criteria: [{ text: 'no tool call fails', isRequired: true }],
  });

async function openIncident({ ctx, orgId }: Workspace): Promise<void> {
  const now = new Date();
  await ctx.deps.db.incident.create({
    data: {
      id: newId(),
      orgId,
      subjectKind: 'installation',
      subjectKey: 'test',
      level: 'bad',
      summary: 'The worker is gone',
      cause: {},
      openedAt: now,
      lastFailedAt: now,
    },
  });
}

const incidentCount = (page: Page) => page.getByRole('link', { name: /Incidents/ });

describe('an open page', () => {
  it('shows a run that was started elsewhere: pending, running, passed', async ({
    app,
    workspace,
    shop,
    page,
    openOwnersPage,
    onTestFinished,
  }) => {
    const workflowId = await createMugWorkflow(workspace, shop);
    shop.control.set({ hold: ['create_order'] });
    const other = await openOwnersPage();
    await page.goto(`${workspace.url}/runs`);
    await page.getByText('No runs yet').waitFor();
    await other.goto(`${workspace.url}/workflows/${workflowId}`);
    await other.getByRole('button', { name: 'Run now' }).click();
    await other.waitForURL(/\/runs\//);
    await page.getByRole('row').filter({ hasText: 'Pending' }).waitFor();
    await other.getByRole('main').getByText('Pending').first().waitFor();
    const worker = await startTestWorker(app.deps);
    onTestFinished(() => worker.stop());
    await page.getByRole('row').filter({ hasText: 'Running' }).waitFor();
    await other.locator('#call-2').getByText('Waiting').waitFor();
    shop.control.reset();
    await page.getByRole('row').filter({ hasText: 'Pass' }).waitFor();
    await other.getByRole('heading', { level: 1 }).locator('..').getByText('Pass', { exact: true }).waitFor();
  });

  it('shows what another person changes, in both directions', async ({ workspace, shop, page, openOwnersPage }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    await createMonitor(workspace.ctx, serverId, { tool: 'get_product', arguments: { sku: 'MUG-001' } });
    const other = await openOwnersPage();
    for (const one of [page, other]) await one.goto(`${workspace.url}/monitors`);
    for (const [one, watching, button] of [
      [page, other, 'Pause'],
      [other, page, 'Resume'],
    ] as const) {
      await one.getByRole('checkbox').last().check();
      await one.getByRole('button', { name: button }).click();
      const row = watching.getByRole('row').filter({ hasText: 'get_product' });
      await row.getByText('Paused').waitFor({ state: button === 'Pause' ? 'visible' : 'detached' });
    }
  });

  it('counts in the navigation without touching a form', async ({ workspace, page, shop }) => {
    const workflowId = await createMugWorkflow(workspace, shop);
    await page.goto(`${workspace.url}/workflows/${workflowId}/edit`);
    await page.getByLabel('Description (optional)').fill('Typed');
    await expect.poll(() => incidentCount(page).textContent()).not.toContain('1');
    await openIncident(workspace);
    await expect.poll(() => incidentCount(page).textContent()).toContain('1');
    expect(await page.getByLabel('Description (optional)').inputValue()).toBe('Typed');
  });

  it('shows what happened while its tab was hidden', async ({ workspace, shop, page }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    const monitorId = await createMonitor(workspace.ctx, serverId, {
      tool: 'get_product',
      arguments: { sku: 'MUG-001' },
    });
    await page.goto(`${workspace.url}/monitors`);
    const row = page.getByRole('row').filter({ hasText: 'get_product' });
    await row.waitFor();
    const setVisibility = (state: 'hidden' | 'visible') =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await setVisibility('hidden');
    await setMonitorState(workspace.ctx, { monitorIds: [monitorId], state: 'paused' });
    await setVisibility('visible');
    await row.getByText('Paused').waitFor();
  });

  it('says that it reconnects, and catches up', async ({ workspace, page, shop }) => {
    const serverId = await connectShop(workspace.ctx, shop);
    let streams = 0;
    const address = /\/o\/[^/]+\/live/;
    await page.route(address, (route) =>
      ++streams === 1
        ? route.fulfill({ contentType: 'text/event-stream', body: 'retry: 200\nevent: ping\ndata:\n\n' })
        : route.abort(),
    );
    await page.goto(`${workspace.url}/monitors`);
    await page.getByText('Reconnecting', { exact: true }).waitFor();
    await createMonitor(workspace.ctx, serverId, { tool: 'get_product', arguments: { sku: 'MUG-001' } });
    await page.unroute(address);
    await page.getByRole('row').filter({ hasText: 'get_product' }).waitFor();
    await page.getByText('Reconnecting', { exact: true }).waitFor({ state: 'detached' });
  });

  it('asks now and then where there is no stream', async ({ workspace, page, shop }) => {
    const workflowId = await createMugWorkflow(workspace, shop);
    let refused = 0;
    await page.route(/\/o\/[^/]+\/live/, (route) => {
      refused += 1;
      return route.fulfill({ status: 503 });
    });
    await page.goto(`${workspace.url}/runs`);
    await page.getByText('No runs yet').waitFor();
    await dispatchRun(workspace.ctx, { workflowId, idempotencyKey: newId() });
    await page.getByRole('row').filter({ hasText: 'Pending' }).waitFor();
    expect(refused).toBeGreaterThan(0);
  });
});
