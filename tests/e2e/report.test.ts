import { expect } from 'vitest';
import { syncServer } from '../../services/catalog/sync.ts';
import { makeDueReport } from '../../services/report/make.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { connectShop } from '../support/browser/workspace.ts';

it('reports on a server, and accepts a finding', async ({ page, workspace, shop }) => {
  const serverId = await connectShop(workspace.ctx, shop);
  await page.goto(`${workspace.url}/servers/${serverId}/report`);
  await page.getByText('No report yet').waitFor();
  await expectAccessible(page, 'report-empty');
  await syncServer(workspace.ctx, { serverId });
  const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
  await makeDueReport(workspace.ctx.deps, { orgId: workspace.orgId, serverId, attempt });
  await page.goto(`${workspace.url}/servers/${serverId}/report`);
  await page.getByRole('heading', { name: 'Conformance' }).waitFor();
  await expectAccessible(page, 'report');
  const accept = page.getByText('Accept this finding').first();
  await accept.click();
  await page.getByLabel('Reason').first().fill('It is a demo.');
  await page
    .getByRole('button', { name: /^Accept: / })
    .first()
    .click();
  await page.getByText('The finding is accepted.').waitFor();
  await page.getByText('for good: It is a demo.').waitFor();
  await page.goto(`${workspace.url}/servers/${serverId}/report?severity=must`);
  await page.getByRole('heading', { name: /^Findings/ }).waitFor();
  expect(await page.getByText('Advice', { exact: true }).count()).toBeLessThan(2);
});
