import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { connectServer } from '../../services/server/connect.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';
import { type Scripted, startScripted } from '../support/targets/scripted.ts';

const schema = { type: 'object', properties: {} };
const name80 = 'n'.repeat(80);
const name512 = 'm'.repeat(512);
const tools = [
  { name: 'good', inputSchema: schema },
  { name: name80, inputSchema: { ...schema, required: null } },
  { name: name512, description: 'x '.repeat(500), inputSchema: { ...schema, properties: { a: { type: 'str' } } } },
  { name: 'later', inputSchema: schema, execution: { taskSupport: 'required' } },
  { name: 'bad', inputSchema: null },
  { name: 'o'.repeat(600), inputSchema: { type: 'array' } },
  { name: 'good', inputSchema: schema },
];

async function withServer(answers: Parameters<typeof startScripted>[0], work: (server: Scripted) => Promise<void>) {
  const server = await startScripted(answers);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/** Nothing of the page's content is beside the screen of a phone, but what scrolls by itself. */
async function expectToFit(page: Page): Promise<void> {
  const beside = await page
    .locator('main *')
    .evaluateAll((elements) =>
      elements
        .filter(
          (element) => element.getBoundingClientRect().right > 390 && !element.closest('nav, table, pre, .sr-only'),
        )
        .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 60)}`),
    );
  expect(beside).toEqual([]);
}

it('shows what is wrong with tools in a probe, on the page of the server and in the wizard, also on a phone', async ({
  openOwnersPage,
  workspace,
}) => {
  await withServer({ 'tools/list': () => ({ result: { tools } }) }, async (server) => {
    const page = await openOwnersPage({ viewport: { width: 390, height: 800 } });
    await page.goto(`${workspace.url}/servers/new`);
    await page.getByLabel('Name', { exact: true }).fill('Odd');
    await page.getByLabel('URL of the MCP endpoint').fill(server.url);
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText("3 tools can't be used").waitFor();
    await page.getByText('inputSchema is null. It must be an object.').waitFor();
    await page.getByText('The name has 600 characters. At most 512 can be used.').waitFor();
    await page.getByText('inputSchema.type is the string "array". It must be "object".').waitFor();
    await page.getByText('Another tool has the same name. The first one is used.').waitFor();
    await page.getByText('3 tools have warnings').click();
    await page.getByText('inputSchema.required is null.').first().waitFor();
    await expectToFit(page);
    await expectAccessible(page, 'bad-tools-probe');

    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('Odd is connected.').waitFor();
    await page.getByText("3 tools can't be used").waitFor();
    await page.getByRole('link', { name: 'View tools' }).click();
    await page.getByText('Tasks only').waitFor();
    expect(await page.getByText(name512, { exact: true }).count()).toBeGreaterThan(0);
    await expectToFit(page);
    await expectAccessible(page, 'bad-tools-server');

    await page.getByRole('link', { name: 'Add monitors' }).click();
    await page.getByText('It can only be called as a task, so a plain call fails.').waitFor();
    await expectToFit(page);
    await expectAccessible(page, 'bad-tools-wizard');
    await page.locator(`input[name=tool][value=${name512}]`).check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Set the arguments for each tool.').waitFor();
    await expectToFit(page);
  });
});

it('says that a server does not declare tools', async ({ page, workspace }) => {
  const initialize = () => ({
    result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'bare', version: '1' } },
  });
  await withServer({ initialize }, async (server) => {
    const { serverId } = await connectServer(workspace.ctx, {
      name: 'Bare',
      transport: 'streamable_http',
      url: server.url,
      auth: { kind: 'none' },
    });
    await page.goto(`${workspace.url}/servers/${serverId}`);
    await page.getByText('The server does not declare the capability').waitFor();
  });
});

it('shows what a server said when it refused the probe, as its own words', async ({ openOwnersPage, workspace }) => {
  const words = `Access is only allowed at localhost:4126 ${'w'.repeat(300)}`;
  await withServer(
    {
      initialize: (_, response) => {
        response.writeHead(403, {
          'content-type': 'text/plain',
          'www-authenticate': 'Bearer error="insufficient_scope", scope="write:orders"',
        });
        response.end(words);
        return undefined;
      },
    },
    async (server) => {
      const page = await openOwnersPage({ viewport: { width: 390, height: 800 } });
      await page.goto(`${workspace.url}/servers/new`);
      await page.getByLabel('Name', { exact: true }).fill('Refusing');
      await page.getByLabel('URL of the MCP endpoint').fill(server.url);
      await page.getByRole('button', { name: 'Test the connection' }).click();
      const said = page.getByRole('region', { name: 'What the server said' });
      await said.getByText(words).waitFor();
      await said.getByText('403').waitFor();
      await said.getByText('insufficient_scope').waitFor();
      await said.getByText('write:orders').waitFor();
      await expectToFit(page);
      await expectAccessible(page, 'bad-tools-refused');
      await page.getByRole('button', { name: 'Save anyway' }).click();
      await page.getByRole('heading', { level: 1, name: 'Refusing' }).waitFor();
      await page.getByRole('region', { name: 'What the server said' }).getByText(words).waitFor();
    },
  );
});
