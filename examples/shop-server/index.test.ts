import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ShopServer, startShopServer } from './index.ts';

let shop: ShopServer;
let client: Client;
const reference = () => `test-${crypto.randomUUID()}`;

async function connect(url: string): Promise<Client> {
  const connected = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await connected.connect(new StreamableHTTPClientTransport(new URL(url)));
  return connected;
}

const read = <T extends z.ZodRawShape>(result: { structuredContent?: unknown }, shape: T) =>
  z.object(shape).parse(result.structuredContent);
const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args });
const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(shop.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(body),
  });
const rawCall = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_shop_status' } };

beforeAll(async () => {
  shop = await startShopServer({ port: 0 });
  client = await connect(shop.url);
});
afterEach(() => {
  shop.control.reset();
});
afterAll(async () => {
  await client.close();
  await shop.close();
});

describe('the example shop', () => {
  it('speaks revision 2026-07-28 with a current client', () => {
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    expect(client.getServerVersion()?.name).toBe('shop-server');
  });

  it('speaks the older revision with a client of SDK v1', async () => {
    const older = new V1Client({ name: 'older', version: '1' });
    const transport = new V1Transport(new URL(shop.url));
    // SDK v1's own types don't match under exactOptionalPropertyTypes.
    await older.connect(transport as Parameters<V1Client['connect']>[0]);
    const { tools } = await older.listTools();
    expect(tools).toHaveLength(9);
    const result = await older.callTool({ name: 'search_products', arguments: { query: 'mug' } });
    expect(result.structuredContent).toMatchObject({ total: 2, products: [{ sku: 'MUG-001' }, { sku: 'MUG-002' }] });
    const { resources } = await older.listResources();
    expect(resources.map(({ uri }) => uri)).toContain('shop://catalog');
    expect(transport.protocolVersion).toBe('2025-11-25');
    await older.close();
  });

  it('annotates the effects of each tool', async () => {
    const { tools } = await client.listTools();
    const hints = Object.fromEntries(
      tools.map(({ name, annotations }) => [
        name,
        annotations?.readOnlyHint ? 'read-only' : annotations?.idempotentHint ? 'idempotent' : 'not idempotent',
      ]),
    );
    expect(hints).toEqual({
      search_products: 'read-only',
      get_product: 'read-only',
      check_stock: 'read-only',
      create_order: 'not idempotent',
      get_order: 'read-only',
      list_orders: 'read-only',
      refund_order: 'not idempotent',
      update_stock: 'idempotent',
      get_shop_status: 'read-only',
    });
  });

  it('returns results that the next call can use, from search to look-up of an order', async () => {
    const name = reference();
    const matches = await call('search_products', { query: 'mug' });
    const { sku } = read(matches, { products: z.tuple([z.object({ sku: z.string() })], z.unknown()) }).products[0];
    expect((await call('check_stock', { sku })).structuredContent).toMatchObject({ in_stock: true, quantity: 120 });
    const ordered = await call('create_order', { sku, quantity: 1, reference: name });
    const { order_id } = read(ordered, { order_id: z.string() });
    const order = await call('get_order', { order_id });
    expect(order.structuredContent).toMatchObject({
      order_id,
      status: 'confirmed',
      reference: name,
      total_cents: 1490,
    });
    expect(shop.calls({ reference: name }).map(({ tool }) => tool)).toEqual(['create_order', 'get_order']);
  });

  it('isolates the state of each reference', async () => {
    const [mine, other] = [reference(), reference()];
    await call('create_order', { sku: 'MUG-001', quantity: 20, reference: mine });
    await call('update_stock', { sku: 'MUG-002', quantity: 3, reference: mine });
    const quantity = async (sku: string, owner: string) =>
      read(await call('check_stock', { sku, reference: owner }), { quantity: z.int() }).quantity;
    expect(await quantity('MUG-001', mine)).toBe(100);
    expect(await quantity('MUG-001', other)).toBe(120);
    expect(await quantity('MUG-002', mine)).toBe(3);
    expect(await quantity('MUG-002', other)).toBe(64);
    expect((await call('list_orders', { reference: other })).structuredContent).toMatchObject({ total: 0, orders: [] });
  });

  it('refunds an order once', async () => {
    const ordered = await call('create_order', { sku: 'KET-001', quantity: 2, reference: reference() });
    const { order_id } = read(ordered, { order_id: z.string() });
    expect((await call('refund_order', { order_id })).structuredContent).toMatchObject({
      status: 'refunded',
      refund: { amount_cents: 11980 },
    });
    const again = await call('refund_order', { order_id });
    expect(again.isError).toBe(true);
    expect(again.content).toMatchObject([{ text: expect.stringContaining('already refunded') }]);
  });

  it('serves its catalogue, its policy and orders as resources', async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(['shop://catalog', 'shop://policies/refunds']);
    const { contents } = await client.readResource({ uri: 'shop://catalog' });
    expect(contents).toMatchObject([{ mimeType: 'application/json', text: expect.stringContaining('MUG-001') }]);
    await expect(client.readResource({ uri: 'shop://orders/ord_0' })).rejects.toThrow('ord_0');
  });

  it('requires the token that it was started with', async () => {
    const shopWithToken = await startShopServer({ port: 0, token: 'open-sesame' });
    const status = async (authorization: string) =>
      (await fetch(shopWithToken.url, { method: 'POST', headers: { authorization }, body: '{}' })).status;
    expect(await status('Bearer wrong')).toBe(401);
    expect(await status('Bearer open-sesame')).not.toBe(401);
    await shopWithToken.close();
  });
});

describe('the call log', () => {
  it('contains each call with its arguments, outcome and times', async () => {
    const name = reference();
    await call('create_order', { sku: 'GRD-001', quantity: 10, reference: name });
    const [logged] = shop.calls({ reference: name });
    expect(logged).toMatchObject({
      tool: 'create_order',
      arguments: { sku: 'GRD-001', quantity: 10, reference: name },
      outcome: 'error',
    });
    expect(Date.parse(logged?.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(logged?.at ?? ''));
  });

  it('distinguishes invalid arguments from unknown tools', async () => {
    const name = reference();
    expect((await call('create_order', { sku: 'MUG-001', reference: name })).isError).toBe(true);
    await expect(call('create_orders', { reference: name })).rejects.toThrow('Unknown tool');
    expect(shop.calls({ reference: name }).map(({ outcome }) => outcome)).toEqual([
      'invalid_arguments',
      'unknown_tool',
    ]);
  });

  it('can be read over HTTP, by tool and reference', async () => {
    const name = reference();
    await call('list_orders', { reference: name });
    const response = await fetch(`http://127.0.0.1:${shop.port}/calls?reference=${name}&tool=list_orders`);
    expect(await response.json()).toMatchObject({ total: 1, calls: [{ tool: 'list_orders', outcome: 'ok' }] });
  });
});

describe('the switches', () => {
  it('rename a tool', async () => {
    shop.control.set({ rename: { check_stock: 'stock_level' } });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('stock_level');
    expect((await call('stock_level', { sku: 'MUG-001' })).structuredContent).toMatchObject({ quantity: 120 });
    await expect(call('check_stock', { sku: 'MUG-001' })).rejects.toThrow('Unknown tool');
  });

  it('change a schema so that old arguments stay valid, or become invalid', async () => {
    const properties = async () =>
      Object.keys(
        (await client.listTools()).tools.find(({ name }) => name === 'check_stock')?.inputSchema.properties ?? {},
      );
    shop.control.set({ schema: { check_stock: 'compatible' } });
    expect(await properties()).toEqual(['sku', 'reference', 'locale']);
    expect((await call('check_stock', { sku: 'MUG-001' })).isError).toBeFalsy();
    shop.control.set({ schema: { check_stock: 'breaking' } });
    expect(await properties()).toEqual(['product_id', 'reference']);
    expect((await call('check_stock', { sku: 'MUG-001' })).isError).toBe(true);
    expect((await call('check_stock', { product_id: 'MUG-001' })).structuredContent).toMatchObject({ quantity: 120 });
  });

  it('make a tool fail without carrying it out', async () => {
    const name = reference();
    shop.control.set({ fail: { create_order: 'The till is closed.' } });
    const failed = await call('create_order', { sku: 'MUG-001', quantity: 1, reference: name });
    expect(failed).toMatchObject({ isError: true, content: [{ text: 'The till is closed.' }] });
    expect((await call('list_orders', { reference: name })).structuredContent).toMatchObject({ total: 0 });
  });

  it('slow a tool down', async () => {
    shop.control.set({ slow: { get_shop_status: 120 } });
    const from = performance.now();
    await call('get_shop_status');
    expect(performance.now() - from).toBeGreaterThanOrEqual(119);
  });

  it('hold a call, pending in the log, until it is released', async () => {
    const name = reference();
    shop.control.set({ hold: ['create_order'] });
    const held = call('create_order', { sku: 'MUG-001', quantity: 1, reference: name });
    await expect.poll(() => shop.calls({ reference: name })).toMatchObject([{ outcome: 'pending' }]);
    shop.control.set({ hold: [] });
    expect((await held).structuredContent).toMatchObject({ status: 'confirmed' });
    expect(shop.calls({ reference: name })).toMatchObject([{ outcome: 'ok' }]);
  });

  it('release a held call when its caller disconnects', async () => {
    const name = reference();
    shop.control.set({ hold: ['list_orders'] });
    const leaving = new AbortController();
    const held = client.callTool({ name: 'list_orders', arguments: { reference: name } }, { signal: leaving.signal });
    await expect.poll(() => shop.calls({ reference: name })).toHaveLength(1);
    leaving.abort();
    await expect(held).rejects.toThrow();
    await expect.poll(() => shop.calls({ reference: name })).toMatchObject([{ outcome: 'canceled' }]);
  });

  it.each([
    { when: 'before', orders: 0 },
    { when: 'after', orders: 1 },
  ] as const)('drop the connection $when the call is carried out', async ({ when, orders }) => {
    const name = reference();
    shop.control.set({ drop: { create_order: when } });
    await expect(call('create_order', { sku: 'MUG-001', quantity: 1, reference: name })).rejects.toThrow();
    expect(shop.calls({ reference: name })).toMatchObject([{ outcome: `dropped_${when}` }]);
    expect((await call('list_orders', { reference: name })).structuredContent).toMatchObject({ total: orders });
  });

  it('answer all requests with 401', async () => {
    shop.control.set({ unauthorized: true });
    const response = await post(rawCall);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="shop"');
  });

  it.each([
    { kind: 'not_json', text: '{"jsonrpc":"2.0","resu' },
    { kind: 'html', text: '<!doctype html><h1>It works!</h1>' },
    { kind: 'not_jsonrpc', text: '{"hello":"world"}' },
    { kind: 'wrong_result', text: '{"jsonrpc":"2.0","id":1,"result":{"content":"no list","tools":7}}' },
  ] as const)('answer garbage: $kind', async ({ kind, text }) => {
    shop.control.set({ garbage: { get_shop_status: kind } });
    const response = await post(rawCall);
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect(shop.calls({ tool: 'get_shop_status' }).at(-1)).toMatchObject({ outcome: 'garbage' });
  });

  it('are set, read and reset over HTTP', async () => {
    const send = (path: string, body?: unknown) =>
      fetch(`${shop.controlUrl}${path}`, { method: 'POST', body: JSON.stringify(body ?? {}) });
    expect(await (await send('', { slow: { get_order: 5 } })).json()).toMatchObject({ slow: { get_order: 5 } });
    expect(shop.control.get()).toMatchObject({ slow: { get_order: 5 } });
    expect((await send('', { slow: { no_such_tool: 5 } })).status).toBe(400);
    expect((await send('', { no_such_switch: true })).status).toBe(400);
    expect((await send('/reset')).status).toBe(200);
    expect(await (await fetch(shop.controlUrl)).json()).toMatchObject({ slow: {}, unauthorized: false });
  });

  it('refuse web pages of other origins', async () => {
    const response = await fetch(shop.controlUrl, { headers: { origin: 'https://attacker.example' } });
    expect(response.status).toBe(403);
  });
});
