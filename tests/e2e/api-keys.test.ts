import { expect } from 'vitest';
import { createApiKey } from '../../services/api-key/create.ts';
import { legacy } from '../contract/mcp/endpoint.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';

it('creates a key and shows it once', async ({ app, workspace, page }) => {
  const endpoint = `${app.url}/api/mcp`;
  await page.goto(`${workspace.url}/servers`);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.waitForURL(/\/settings\/general$/);
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.waitForURL(/\/settings\/keys$/);
  await page.getByText('No API keys yet').waitFor();
  await expectAccessible(page, 'api-keys-empty');
  await page.getByLabel('Name').fill('Editor');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('alert').filter({ hasText: '"Editor" was created with the role Owner.' }).waitFor();
  const key = (await page.getByRole('region', { name: 'The key', exact: true }).textContent()) ?? '';
  expect(key).toMatch(/^amt_/);
  for (const client of ['Claude Code', 'Cursor', 'VS Code', 'Codex', 'curl']) {
    const group = page.getByRole('group').filter({ has: page.getByText(client, { exact: true }) });
    if (client !== 'Claude Code') await group.getByText(client, { exact: true }).first().click();
    const code = (await group.locator('pre').textContent()) ?? '';
    expect(code).toContain(endpoint);
    expect(code).toContain(key);
  }
  await expectAccessible(page, 'api-key-created');
  expect((await legacy(endpoint, key, 'ping')).status).toBe(200);

  await page.reload();
  const row = page.getByRole('row').filter({ hasText: 'Editor' });
  await row.getByText('Ada Lovelace').waitFor();
  expect(await row.textContent()).not.toContain('Never');
  expect(await page.content()).not.toContain(key);
});

it('revokes a key only after asking', async ({ app, workspace, page }) => {
  const endpoint = `${app.url}/api/mcp`;
  const { key } = await createApiKey(workspace.ctx, { name: 'Editor' });
  await page.goto(`${workspace.url}/keys`);
  await page.getByRole('row').filter({ hasText: 'Editor' }).getByRole('link', { name: 'Revoke Editor' }).click();
  await page.getByRole('heading', { name: 'Revoke Editor?' }).waitFor();
  await expectAccessible(page, 'api-key-revoke');
  expect((await legacy(endpoint, key, 'ping')).status).toBe(200);
  await page.getByRole('button', { name: 'Revoke it' }).click();
  await page.getByRole('alert').filter({ hasText: '"Editor" was revoked.' }).waitFor();
  expect((await legacy(endpoint, key, 'ping')).status).toBe(401);
  await page.getByText('No API keys yet').waitFor();
});
