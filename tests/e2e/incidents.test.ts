import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { createRule } from '../../services/alert-rule/create.ts';
import { newId } from '../../services/context/ids.ts';
import { addIncidentNote } from '../../services/incident/add-note.ts';
import { observeChecksIn } from '../../services/incident/recording/observe-checks.ts';
import { expectAccessible, waitForHydration } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { connectShop, createMonitor, lowerRole, type Workspace } from '../support/browser/workspace.ts';

const minute = 60_000;
const message = 'The warehouse says: stock is <b>empty</b>';

/** A monitor of the shop with an open incident, an earlier one, a rule that notified, and what changed before. */
async function createIncident({ ctx, orgId }: Workspace, shop: { url: string }) {
  const { db, now } = ctx.deps;
  const ago = (minutes: number) => new Date(now().getTime() - minutes * minute);
  const serverId = await connectShop(ctx, shop);
  const monitorId = await createMonitor(ctx, serverId, {
    tool: 'check_stock',
    name: 'Mug is in stock',
    arguments: { sku: 'MUG-001' },
  });
  const earlierId = newId();
  await db.incident.create({
    data: {
      ...{ id: earlierId, orgId, subjectKind: 'monitor', subjectKey: monitorId, monitorId, serverId, level: 'bad' },
      summary: 'No answer within 10 seconds.',
      cause: { outcome: 'error', errorKind: 'timeout' },
      openedAt: ago(4 * 1440),
      lastFailedAt: ago(4 * 1440),
      closedAt: ago(4 * 1440 - 30),
      closeReason: 'recovered',
    },
  });
  await db.toolChange.create({
    data: {
      ...{ id: newId(), orgId, serverId, tool: 'check_stock', kind: 'input_schema_changed', breaking: true },
      diff: {},
      source: 'sync',
      seenAt: ago(40),
    },
  });
  await createRule(ctx, {
    name: 'On call',
    target: { kind: 'monitor', id: monitorId },
    destination: { kind: 'email', address: 'ops@example.com' },
  });
  const failing = {
    monitorId,
    name: 'Mug is in stock',
    outcome: 'fail' as const,
    errorKind: null,
    serverFailure: null,
  };
  for (const minutes of [20, 10, 1]) {
    const check = { ...failing, at: ago(minutes), message, latencyMs: 12, degradedBy: [] };
    await db.$transaction((tx) => observeChecksIn(tx, ctx.deps, { orgId, serverId, checks: [check] }));
  }
  const error = 'Resend: the address is on the suppression list.';
  await db.delivery.updateMany({ where: { orgId, kind: 'opened' }, data: { state: 'failed', error } });
  const { id: incidentId } = await db.incident.findFirstOrThrow({ where: { orgId, monitorId, closedAt: null } });
  return { serverId, monitorId, incidentId, earlierId };
}

const rows = (page: Page) => page.getByRole('table').first().getByRole('row').filter({ hasText: 'Mug is in stock' });

describe('the list of incidents', () => {
  it('is filtered by its address, which back and forward restore', async ({ page, workspace, shop }) => {
    await createIncident(workspace, shop);
    await page.goto(`${workspace.url}/incidents`);
    await page.getByRole('link', { name: 'Incidents 1 open' }).waitFor();
    await expect.poll(() => rows(page).count()).toBe(2);
    await expectAccessible(page, 'incidents');
    await page.getByLabel('State').selectOption('closed');
    await expect.poll(() => rows(page).count()).toBe(1);
    expect(new URL(page.url()).search).toBe('?state=closed');
    await page.getByLabel('Opened').focus();
    await page.getByLabel('Opened').selectOption('24h');
    await page.getByText('No incidents match your filters.').waitFor();
    await page.goBack();
    await rows(page).getByText('Recovered').waitFor();
    expect(await page.getByLabel('Opened').inputValue()).toBe('');
    await page.goBack();
    await expect.poll(() => rows(page).count()).toBe(2);
    expect(await page.getByLabel('State').inputValue()).toBe('');
    await page.goForward();
    await expect.poll(() => page.getByLabel('State').inputValue()).toBe('closed');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await page.getByLabel('Assigned to me').click();
    await page.getByText('No incidents match your filters.').waitFor();
    await page.getByLabel('Assigned to me').click();
    await page.getByLabel('State').selectOption('new');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByLabel('State').selectOption('acknowledged');
    await page.getByText('No incidents match your filters.').waitFor();
  });
});

describe('an incident', () => {
  it('says what failed, what changed before, and who was notified', async ({
    page,
    workspace,
    shop,
    openOwnersPage,
  }) => {
    const { incidentId, monitorId, serverId, earlierId } = await createIncident(workspace, shop);
    await page.goto(`${workspace.url}/incidents`);
    await rows(page).getByRole('link').first().click();
    await page.waitForURL(`${workspace.url}/incidents/${incidentId}`);
    await page.getByText('stock is <b>empty</b>').first().waitFor();
    const before = page.getByRole('region', { name: 'Before it opened' });
    await before.getByText('takes other arguments').waitFor();
    await before.getByText('Breaking').waitFor();
    const since = page.getByRole('region', { name: 'Since it opened' });
    await since.getByText('Notified by the rule').waitFor();
    await since.getByText('Resend: the address is on the suppression list.').waitFor();
    await expectAccessible(page, 'incident');
    const facts = page.getByRole('complementary', { name: 'Facts' });
    expect(await facts.getByRole('link', { name: 'Shop' }).getAttribute('href')).toContain(`/servers/${serverId}`);
    await page.getByRole('table', { name: 'Earlier incidents' }).getByRole('link').click();
    await page.waitForURL(`${workspace.url}/incidents/${earlierId}`);
    await page.goBack();
    await facts.getByRole('link', { name: 'Mug is in stock' }).click();
    await page.waitForURL(new RegExp(`/monitors/${monitorId}`));
    const dark = await openOwnersPage({ colorScheme: 'dark' });
    for (const path of ['incidents', `incidents/${incidentId}`]) {
      await dark.goto(`${workspace.url}/${path}`);
      await expectAccessible(dark, `dark-${path.split('/').length}`);
    }
  });

  it('is acknowledged, assigned, noted, and its rules are muted, which another browser sees', async ({
    page,
    openOwnersPage,
    workspace,
    shop,
  }) => {
    const { incidentId } = await createIncident(workspace, shop);
    const other = await openOwnersPage();
    for (const each of [page, other]) {
      await each.goto(`${workspace.url}/incidents/${incidentId}`);
      await waitForHydration(each);
    }
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await other.getByText('acknowledged it').waitFor();
    await other.getByText('Acknowledged', { exact: true }).waitFor();
    await page.getByText('no reminders are sent').waitFor();
    await page.getByLabel('Assignee').selectOption({ label: 'Ada Lovelace (you)' });
    await page.getByRole('button', { name: 'Assign' }).click();
    await other.getByText('took it over').waitFor();
    // What the other one writes is not lost when the page is loaded again.
    await other.getByLabel('Add a note').fill('Half a sen');
    await page.getByLabel('Add a note').fill('The warehouse team\nis on it.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await other.getByText('is on it.').waitFor();
    expect(await other.getByLabel('Add a note').inputValue()).toBe('Half a sen');
    await expect.poll(() => page.getByLabel('Add a note').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByText('The rule is muted.').waitFor();
    await other.getByText(/muted until/).waitFor();
    await expectAccessible(page, 'incident-muted');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('button', { name: 'Take acknowledgement back' }).click();
    await other.getByText('took the acknowledgement back').waitFor();
  });

  it('is closed by keyboard, after a question that Escape takes back', async ({ page, workspace, shop }) => {
    const { incidentId } = await createIncident(workspace, shop);
    await page.goto(`${workspace.url}/incidents/${incidentId}`);
    await waitForHydration(page);
    const close = page.getByRole('button', { name: 'Close incident' }).first();
    await close.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Close the incident?' }).waitFor();
    await expectAccessible(page, 'incident-close');
    await page.keyboard.press('Escape');
    expect(await close.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Close incident' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The incident is closed.').waitFor();
    await page.getByText('Closed by Ada Lovelace').waitFor();
    await page.getByRole('link', { name: 'Incidents', exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    await expectAccessible(page, 'incident-closed');
  });

  it.extend('expectedComplaints', [/status of 403/])(
    'offers a viewer nothing, and takes nothing from one',
    async ({ page, workspace, shop }) => {
      const { incidentId } = await createIncident(workspace, shop);
      await addIncidentNote(workspace.ctx, { incidentId, text: 'Seen by all.' });
      await lowerRole(workspace, 'viewer');
      await page.goto(`${workspace.url}/incidents/${incidentId}`);
      await page.getByText('Seen by all.').waitFor();
      for (const name of ['Acknowledge', 'Close incident', 'Assign', 'Add note', 'Mute'])
        expect(await page.getByRole('button', { name }).count(), name).toBe(0);
      await page.getByText('Nobody', { exact: true }).waitFor();
      await expectAccessible(page, 'incident-viewer');
      const forced = await page.evaluate(async () => {
        const body = new URLSearchParams({ intent: 'acknowledge' });
        return (await fetch(location.href, { method: 'POST', body })).status;
      });
      expect(forced).toBe(403);
    },
  );

  it('works without JavaScript', async ({ openOwnersPage, workspace, shop }) => {
    const { incidentId } = await createIncident(workspace, shop);
    const page = await openOwnersPage({ javaScriptEnabled: false });
    await page.goto(`${workspace.url}/incidents`);
    await page.getByLabel('State').selectOption('open');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/state=open/);
    await rows(page).getByRole('link').first().click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('acknowledged it').waitFor();
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByText('Enter a note.').first().waitFor();
    await page.getByLabel('Add a note').fill('On my way.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.waitForURL(`${workspace.url}/incidents/${incidentId}`);
    await page.getByText('On my way.').first().waitFor();
  });
});
