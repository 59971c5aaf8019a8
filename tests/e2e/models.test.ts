import { expect } from 'vitest';
import { providerConfig } from '../../domain/model/provider.ts';
import { createModels } from '../../infra/models/index.ts';
import { startApp } from '../support/browser/app.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it as base } from '../support/browser/test.ts';
import { lowerRole } from '../support/browser/workspace.ts';
import { startProvider } from '../support/models/provider.ts';

const it = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads here which fixtures a fixture needs.
  .extend('provider', { scope: 'file' }, async ({}, { onCleanup }) => {
    const provider = await startProvider(({ model, response_format }) => {
      if (model === 'broken') return { status: 401, body: { error: { message: 'This key has expired.' } } };
      if (response_format?.type === 'json_schema')
        return { status: 500, body: { detail: 'Unknown <b>response_format</b>' } };
      return { answer: '{"sum": 5}' };
    });
    onCleanup(provider.close);
    return provider;
  })
  .extend('app', { scope: 'file' }, async ({ provider }, { onCleanup }) => {
    const models = [{ id: 'small', label: 'Small model', inputPrice: 1, outputPrice: 2.5 }, { id: 'broken' }];
    const providers = [
      { name: 'acme', baseUrl: provider.baseUrl, apiKey: 'sk-1', models },
      { name: 'keyless', baseUrl: provider.baseUrl, models: [{ id: 'm' }] },
    ].map((each) => providerConfig.parse(each));
    const app = await startApp({ models: createModels({ providers }), env: { ARMATURE_OPEN_SIGNUP: 'true' } });
    onCleanup(app.close);
    return app;
  });

it('lists models and shows what a test of one found', async ({ workspace, page }) => {
  await page.goto(`${workspace.url}/workflows`);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Models' }).click();
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  await row('acme/small').getByText('1 in, 2.5 out').waitFor();
  await row('keyless/m').getByText('No key').waitFor();
  expect(await row('builtin/assertions').getByRole('button').count()).toBe(0);
  await expectAccessible(page, 'models');

  await page.getByRole('button', { name: 'Test acme/small' }).click();
  const result = page.getByRole('alert');
  await result.getByText(/^acme\/small answered in/).waitFor();
  const said = await result.textContent();
  expect(said).toContain('No. It called no tool. It said: "{\\"sum\\": 5}"');
  expect(said).toContain('By JSON mode');
  expect(said).toContain('Not by JSON Schema: acme failed (500). It said: Unknown <b>response_format</b>');
  await expectAccessible(page, 'model-test');

  await page.getByRole('button', { name: 'Test acme/broken' }).click();
  await result.getByText('acme/broken does not answer.').waitFor();
  await result.getByText(/acme refused its API key \(401\).*It said: This key has expired\./).waitFor();
  await expectAccessible(page, 'model-test-failed');
});

it('lets only admins test', async ({ workspace, page }) => {
  await lowerRole(workspace, 'editor');
  await page.goto(`${workspace.url}/models`);
  await page.getByText('Small model').waitFor();
  expect(await page.getByRole('button', { name: /^Test / }).count()).toBe(0);
});
