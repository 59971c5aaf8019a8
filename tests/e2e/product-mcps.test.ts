import { describe, expect } from 'vitest';
import { startShopServer } from '../../examples/shop-server/index.ts';
import { createRule } from '../../services/alert-rule/create.ts';
import { createWebhook } from '../../services/destination/webhook/create.ts';
import { modern } from '../contract/mcp/endpoint.ts';
import { startFakeService } from '../support/alerts/fake-service.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it, itWithWorker } from '../support/browser/test.ts';
import { bearer, connectAgent, publish } from '../support/product-mcp/publish.ts';

const key = 'shop-key-ada-4711';

describe('a Product MCP', () => {
  it("goes from an uploaded document to an agent's call", async ({ page, workspace, shop, app }) => {
    const base = `${app.url}/o/${workspace.slug}`;
    const document = await (await fetch(shop.documentUrl)).text();
    await page.goto(`${base}/product-mcps`);
    await expectAccessible(page, 'product-mcps');
    await page.getByRole('link', { name: 'New Product MCP' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Shop');
    await page.getByLabel('Slug').fill('shop');
    await page.getByText(`Public address: ${app.url}/p/${workspace.slug}/shop`).waitFor();
    await page.getByLabel('Base URL of the API').fill(shop.apiUrl);
    await expectAccessible(page, 'product-mcps');
    await page.getByRole('button', { name: 'Create Product MCP' }).click();

    await page.getByText('No document yet').waitFor();
    await expectAccessible(page, 'product-mcps');
    const upload = async (text: string) => {
      await page.getByLabel('File').setInputFiles({
        name: 'openapi.json',
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      });
      await page.getByRole('button', { name: /^Upload/ }).click();
    };
    await upload('{"swagger": "2.0"}');
    await page.getByText('The file is a Swagger 2 document').waitFor();
    await upload(document);
    await page.getByRole('heading', { name: 'Example shop, version 1 Not active yet' }).waitFor();
    await expectAccessible(page, 'product-mcps');
    await page.getByRole('button', { name: 'Make this version active' }).click();
    await page.getByRole('heading', { name: 'Example shop, version 1 Active' }).waitFor();

    await page.getByRole('link', { name: 'Connection' }).first().click();
    await page.getByLabel('Path of the endpoint').fill('/me');
    await page.getByLabel('Credential', { exact: true }).fill('shop-key-wrong-1');
    await page.getByRole('button', { name: 'Try credential' }).click();
    await page.getByText('The API refuses this credential').waitFor();
    await page.getByLabel('Credential', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Try credential' }).click();
    await page.getByText('The API accepts this credential').waitFor();
    await expectAccessible(page, 'product-mcps');
    await page.getByRole('button', { name: 'Save connection' }).click();
    await page.getByText('Connection saved.').waitFor();
    expect(await page.content()).not.toContain(key);

    await page.getByRole('button', { name: 'Activate' }).click();
    await page.getByText('Active. Agents can connect.').waitFor();
    const url = `${app.url}/p/${workspace.slug}/shop`;
    const agent = await connectAgent(url, bearer(key));
    const ordered = await agent.callTool({ name: 'createOrder', arguments: { sku: 'MUG-001', quantity: 2 } });
    expect(ordered.structuredContent).toMatchObject({ status: 'confirmed', quantity: 2 });
    await agent.callTool({ name: 'createOrder', arguments: { sku: 'MUG-001' } });

    await page.getByRole('link', { name: 'Tools' }).first().click();
    await page.getByText('9 of 9 operations are tools').waitFor();
    await expectAccessible(page, 'product-mcps');
    await page.getByText('POST /orders', { exact: true }).click();
    await page.getByLabel('Name for agents').and(page.locator(':visible')).fill('order_product');
    await page.getByRole('button', { name: 'Save tool' }).and(page.locator(':visible')).click();
    await page.getByText('The tool is saved.').waitFor();
    await page.getByLabel('Operations', { exact: true }).selectOption('patterns');
    await page.getByLabel('Patterns').fill('GET *\nPOST /orders');
    await page.getByRole('button', { name: 'Save choice' }).click();
    await page.getByText('7 of 9 operations are tools').waitFor();
    await expect
      .poll(async () => (await modern(url, key, { method: 'tools/list' })).body)
      .toMatchObject({
        result: {
          tools: [
            'getAccount',
            'listProducts',
            'getProduct',
            'getStock',
            'listOrders',
            'order_product',
            'getOrder',
          ].map((name) => ({ name })),
        },
      });
    await agent.close();

    await app.deps.productUsage.flush();
    await page.getByRole('link', { name: 'Usage' }).click();
    await page.getByText('Arguments that models get wrong most').first().waitFor();
    await page.getByText("Say in the tool's description that quantity is required").waitFor();
    await expectAccessible(page, 'product-mcps');

    await page.getByRole('link', { name: 'API docs' }).first().click();
    const next = JSON.parse(document);
    delete next.paths['/orders'].post;
    await upload(JSON.stringify(next));
    await page.getByText('1 breaking change').waitFor();
    await page.getByRole('cell', { name: 'order_product' }).waitFor();
    await expectAccessible(page, 'product-mcps');

    await page.getByRole('link', { name: 'Endpoint' }).first().click();
    await page.getByText('Connect an agent').waitFor();
    await expectAccessible(page, 'product-mcps');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused. Callers get an error.').waitFor();
    await expect.poll(async () => (await fetch(url, { method: 'POST', headers: bearer(key) })).status).toBe(503);
  });

  itWithWorker(
    'is tested like any server: when its API breaks, an incident opens and an alert arrives',
    async ({ page, workspace, app }) => {
      const shop = await startShopServer();
      const document = await (await fetch(shop.documentUrl)).json();
      const { id, url } = await publish(workspace.ctx, {
        document,
        baseUrl: shop.apiUrl,
        connection: { check: { kind: 'presence_only' } },
      });
      expect(url).toContain(app.url);
      await page.goto(`${app.url}/o/${workspace.slug}/product-mcps/${id}`);
      await page.getByLabel('Credential for the tests').fill(key);
      await page.getByRole('button', { name: 'Connect as a server' }).click();
      await page.getByText('3 monitors and 2 workflows were created.').waitFor({ timeout: 60_000 });
      await page.getByRole('link', { name: 'Shop API' }).waitFor();
      await expectAccessible(page, 'product-mcps');

      const pager = await startFakeService();
      const { webhook } = await createWebhook(workspace.ctx, { name: 'Pager', url: pager.url });
      await createRule(workspace.ctx, {
        name: 'Monitors',
        target: { kind: 'all_monitors' },
        destination: { kind: 'webhook', webhookId: webhook.id },
      });
      const alerts = () => pager.received.map(({ body }) => body).join('\n');

      const { orgId } = workspace;
      const monitors = await app.deps.db.monitor.findMany({ where: { orgId } });
      expect(monitors.map(({ tool }) => tool).sort()).toEqual(['getAccount', 'listOrders', 'listProducts']);
      const monitor = monitors.find(({ tool }) => tool === 'getAccount');
      const checkNow = async () => {
        await page.goto(`${app.url}/o/${workspace.slug}/monitors/${monitor?.id}`);
        await page.getByRole('button', { name: /Check now/ }).click();
      };
      const outcome = async () =>
        (await app.deps.db.monitorHealth.findFirst({ where: { orgId, monitorId: monitor?.id ?? '' } }))?.outcome;
      await checkNow();
      await expect.poll(outcome, { timeout: 30_000 }).toBe('pass');
      shop.control.set({ apiDown: true });
      await checkNow();
      await expect.poll(outcome, { timeout: 30_000 }).toBe('fail');
      const incidentOf = () => app.deps.db.incident.findFirst({ where: { orgId, monitorId: monitor?.id ?? '' } });
      await expect.poll(incidentOf, { timeout: 30_000 }).toMatchObject({ closedAt: null });
      await expect.poll(alerts, { timeout: 30_000 }).toContain('getAccount');
      expect(alerts()).not.toContain(key);

      shop.control.set({ apiDown: false });
      await checkNow();
      await expect.poll(() => pager.received.length, { timeout: 30_000 }).toBeGreaterThan(1);
      expect(await incidentOf()).toMatchObject({ closedAt: expect.any(Date) });
      await pager.close();
      await shop.close();
    },
  );
});
