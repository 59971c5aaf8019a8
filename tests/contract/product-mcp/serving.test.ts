import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { setProductState } from '../../../services/product-mcp/set-state.ts';
import { chooseTools } from '../../../services/product-mcp/tools/choose.ts';
import { editTool } from '../../../services/product-mcp/tools/edit.ts';
import { getProductUsage } from '../../../services/product-mcp/usage/get.ts';
import type { ProductView } from '../../../services/product-mcp/view.ts';
import { bearer, connectAgent, pathOf, publish, startApi } from '../../support/product-mcp/publish.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../support/setup/context.ts';
import { modern, send } from '../mcp/endpoint.ts';

const ada = 'shop-key-ada-4711';
const grace = 'shop-key-grace-4712';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
let api: Awaited<ReturnType<typeof startApi>>;
let document: unknown;
let product: ProductView;
let url: string;

const publishShop = (of: Partial<Parameters<typeof publish>[1]> = {}) =>
  publish(org.ctx, { document, baseUrl: shop.apiUrl, connection: { check: { kind: 'endpoint', path: '/me' } }, ...of });
const at = (of: ProductView) => `${api.origin}${pathOf(of)}`;
const textOf = (result: { content?: unknown }): string => JSON.stringify(result.content);

beforeAll(async () => {
  test = await testDeps({
    env: {
      ARMATURE_PRODUCT_MCP_DOMAIN: 'tools.example.com',
      ARMATURE_PRODUCT_MCP_CALLER_REQUESTS_PER_MINUTE: '100000',
    },
  });
  org = await testOrg(test.deps, { role: 'editor' });
  shop = await startShopServer();
  document = await (await fetch(shop.documentUrl)).json();
  api = await startApi(test.deps);
  product = await publishShop();
  url = at(product);
});
afterEach(() => {
  shop.control.reset();
});
afterAll(async () => {
  await api?.close();
  await shop?.close();
  await test?.close();
});

describe.each(['new', 'old'] as const)('a client of the %s generation', (era) => {
  it('lists the tools of the document in its order', async () => {
    const agent = await connectAgent(url, bearer(ada), era);
    const { tools } = await agent.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'getAccount',
      'listProducts',
      'getProduct',
      'getStock',
      'setStock',
      'listOrders',
      'createOrder',
      'getOrder',
      'refundOrder',
    ]);
    expect(tools.find(({ name }) => name === 'setStock')?.annotations).toMatchObject({
      readOnlyHint: false,
      idempotentHint: true,
    });
    await agent.close();
  });

  it("calls the API with each caller's own credential", async () => {
    const [first, second] = [await connectAgent(url, bearer(ada), era), await connectAgent(url, bearer(grace), era)];
    expect((await first.callTool({ name: 'getAccount', arguments: {} })).structuredContent).toEqual({
      customer: 'ada',
    });
    expect((await second.callTool({ name: 'getAccount', arguments: {} })).structuredContent).toEqual({
      customer: 'grace',
    });
    const ordered = await first.callTool({ name: 'createOrder', arguments: { sku: 'MUG-001', quantity: 1 } });
    expect(ordered.structuredContent).toMatchObject({ status: 'confirmed', quantity: 1 });
    await Promise.all([first.close(), second.close()]);
  });

  it('gets wrong arguments and refusals of the API as results', async () => {
    const agent = await connectAgent(url, bearer(ada), era);
    const wrong = await agent.callTool({
      name: 'createOrder',
      arguments: { sku: 'MUG-001', quantity: 0, color: 'red' },
    });
    expect(wrong.isError).toBe(true);
    expect(textOf(wrong)).toContain('quantity');
    expect(textOf(wrong)).toContain('color: There is no such argument.');
    const missing = await agent.callTool({ name: 'getProduct', arguments: { sku: 'NOPE' } });
    expect(missing.isError).toBe(true);
    expect(textOf(missing)).toContain('404');
    await expect(agent.callTool({ name: 'dropTables', arguments: {} })).rejects.toThrow('Unknown tool');
    await agent.close();
  });
});

describe('a credential', () => {
  it.each([
    ['none', undefined],
    ['one without its scheme', ada],
    ['one of another scheme', `Token ${ada}`],
    ['one that the API refuses', 'Bearer shop-key-nobody-1'],
  ])('%s is refused with how to send it, and nothing of OAuth', async (_, authorization) => {
    const answer = await send(url, {
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      ...(authorization !== undefined && { headers: { authorization } }),
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(answer.body).toMatchObject({
      error: {
        code: 'unauthenticated',
        remediation: expect.stringContaining('the header "Authorization: Bearer <credential>"'),
      },
    });
  });

  it.each(['/p/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/p/a/b', '/p/a/b/c'])(
    'has no metadata at %s',
    async (path) => {
      const answer = await send(`${api.origin}${path}`, { method: 'GET' });
      expect(answer).toMatchObject({ status: 404, body: { error: { code: expect.any(String) } } });
    },
  );

  it('comes by a header or parameter of its own, and goes on as the API wants it', async () => {
    const seen: { url: string; cookie: string; authorization: string }[] = [];
    const { createServer } = await import('node:http');
    const upstream = createServer((request, response) => {
      const { cookie = '', authorization = '' } = request.headers;
      seen.push({ url: request.url ?? '', cookie, authorization });
      response.setHeader('content-type', 'application/json').end('{}');
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const address = upstream.address();
    const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const check = { kind: 'presence_only' } as const;
    const inHeader = await publishShop({
      baseUrl,
      connection: { source: { in: 'header', name: 'X-Shop-Key' }, target: { in: 'query', name: 'key' }, check },
    });
    const inQuery = await publishShop({
      baseUrl,
      connection: { source: { in: 'query', name: 'key' }, target: { in: 'cookie', name: 'sid' }, check },
    });
    const basic = await publishShop({ baseUrl, connection: { target: { in: 'basic' }, check } });
    const call = { name: 'getAccount', arguments: {} };
    for (const [target, headers] of [
      [at(inHeader), { 'x-shop-key': 'alpha beta' }],
      [`${at(inQuery)}?key=gamma;delta`, {}],
      [at(basic), { authorization: `Basic ${btoa('ada:secret')}` }],
    ] as const) {
      const agent = await connectAgent(target, headers);
      expect((await agent.callTool(call)).isError).toBeFalsy();
      await agent.close();
    }
    expect(seen).toEqual([
      { url: '/me?key=alpha+beta', cookie: '', authorization: '' },
      { url: '/me', cookie: 'sid=gamma%3Bdelta', authorization: '' },
      { url: '/me', cookie: '', authorization: `Basic ${btoa('ada:secret')}` },
    ]);
    upstream.close();
  });

  it('that can not be checked is neither valid nor invalid', async () => {
    shop.control.set({ apiDown: true });
    const answer = await modern(url, 'shop-key-never-seen', { method: 'tools/list' });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'credential_check_failed' } } });
  });
});

describe('an address', () => {
  it('that nobody has is not found', async () => {
    for (const path of ['/p/nobody/shop', `${pathOf(product)}-2`, '/p/UPPER/shop', `/p/${'x'.repeat(100)}/shop`])
      expect(await modern(`${api.origin}${path}`, ada, { method: 'tools/list' })).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found' } },
      });
  });

  it('of a paused one says so, and answers again when it is resumed', async () => {
    const other = await publishShop();
    expect(await modern(at(other), ada, { method: 'tools/list' })).toMatchObject({ status: 200 });
    await setProductState(org.ctx, { productMcpId: other.id, state: 'paused' });
    await expect
      .poll(async () => (await modern(at(other), ada, { method: 'tools/list' })).body)
      .toMatchObject({ error: { code: 'product_mcp_paused' } });
    await setProductState(org.ctx, { productMcpId: other.id, state: 'active' });
    await expect.poll(async () => (await modern(at(other), ada, { method: 'tools/list' })).status).toBe(200);
  });

  it('is also served by a host name of the workspace, and by no other', async () => {
    const byHost = async (host: string, path: string) => {
      const { request } = await import('node:http');
      return new Promise<{ status: number; text: string }>((resolve, reject) => {
        const { port } = new URL(api.origin);
        const sent = request(
          {
            host: '127.0.0.1',
            port,
            path,
            method: 'POST',
            headers: {
              host,
              ...bearer(ada),
              'content-type': 'application/json',
              accept: 'application/json, text/event-stream',
            },
          },
          async (response) => {
            const text = (await response.toArray()).join('');
            resolve({ status: response.statusCode ?? 0, text });
          },
        );
        sent.on('error', reject).end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }));
      });
    };
    const slug = pathOf(product).split('/')[2];
    expect(product.hostUrl).toBe(`http://mcp.${slug}.tools.example.com/${product.slug}`);
    const path = `/${product.slug}`;
    expect(await byHost(`mcp.${slug}.tools.example.com`, path)).toMatchObject({
      status: 200,
      text: expect.stringContaining('listProducts'),
    });
    expect((await byHost(`mcp.${slug}.tools.example.com`, '/api/mcp')).status).toBe(404);
    expect((await byHost(`mcp.${slug}.tools.example.com`, '/.well-known/oauth-protected-resource')).status).toBe(404);
    expect((await byHost(`mcp.nobody.tools.example.com`, path)).status).toBe(404);
    expect((await byHost(`mcp.${slug}.evil.example.com`, path)).text).not.toContain('listProducts');
  });
});

describe('what people choose', () => {
  it('is served within a second', async () => {
    const own = await publishShop();
    const productMcpId = own.id;
    const agent = await connectAgent(at(own), bearer(ada));
    await chooseTools(org.ctx, { productMcpId, selection: { kind: 'patterns', patterns: ['GET /products*'] } });
    await editTool(org.ctx, {
      productMcpId,
      operation: 'GET /products',
      name: 'find_mugs',
      description: 'Finds mugs.',
    });
    await editTool(org.ctx, { productMcpId, operation: 'GET /products/{sku}/stock', isHidden: true });
    const raw = () => modern(at(own), ada, { method: 'tools/list' });
    await expect.poll(async () => JSON.stringify((await raw()).body)).toContain('find_mugs');
    const { body } = await raw();
    expect(body).toMatchObject({
      result: {
        ttlMs: 60_000,
        cacheScope: 'private',
        tools: [{ name: 'find_mugs', description: 'Finds mugs.' }, { name: 'getProduct' }],
      },
    });
    expect(await raw()).toMatchObject({ body });
    expect((await agent.callTool({ name: 'find_mugs', arguments: { query: 'mug' } })).structuredContent).toMatchObject({
      total: 2,
    });
    await agent.close();
  });

  it('can be search', async () => {
    const own = await publishShop();
    await chooseTools(org.ctx, { productMcpId: own.id, mode: 'search' });
    const agent = await connectAgent(at(own), bearer(ada));
    const { tools } = await agent.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'search_operations',
      'describe_operation',
      'call_read_operation',
      'call_write_operation',
    ]);
    const call = (name: string, args: object) => agent.callTool({ name, arguments: { ...args } });
    const found = await call('search_operations', { query: 'give the money back' });
    expect(textOf(await call('search_operations', { query: 'refund an order' }))).toContain('refundOrder');
    expect(textOf(found)).not.toContain('undefined');
    expect((await call('describe_operation', { operation: 'createOrder' })).structuredContent).toMatchObject({
      callWith: 'call_write_operation',
      arguments: { required: ['sku', 'quantity'] },
    });
    expect((await call('call_read_operation', { operation: 'getAccount' })).structuredContent).toEqual({
      customer: 'ada',
    });
    const refused = await call('call_read_operation', {
      operation: 'createOrder',
      arguments: { sku: 'MUG-001', quantity: 1 },
    });
    expect(textOf(refused)).toContain('call_write_operation');
    expect(textOf(await call('describe_operation', { operation: 'listOrder' }))).toContain('listOrders');
    expect(textOf(await call('search_operations', { words: 'x' }))).toContain('query');
    await agent.close();
  });
});

it('counts calls and what was wrong with them, and keeps nothing of their content', async () => {
  const own = await publishShop();
  const agent = await connectAgent(at(own), bearer(ada));
  await agent.callTool({ name: 'getAccount', arguments: {} });
  await agent.callTool({ name: 'getProduct', arguments: { sku: 'NOPE' } });
  await agent.callTool({ name: 'createOrder', arguments: { sku: 'MUG-001', 'my secret': 'x' } });
  await test.deps.productUsage.flush();
  const { tools, mistakes } = await getProductUsage(org.as('viewer'), { productMcpId: own.id });
  expect(tools).toEqual([
    expect.objectContaining({ tool: 'createOrder', calls: 1, invalidArguments: 1 }),
    expect.objectContaining({ tool: 'getAccount', calls: 1, succeeded: 1, averageBytes: 18 }),
    expect.objectContaining({ tool: 'getProduct', calls: 1, rejected: 1 }),
  ]);
  expect(mistakes.map(({ path, rule, count }) => [path, rule, count])).toEqual([
    ['*', 'additionalProperties', 1],
    ['quantity', 'required', 1],
  ]);
  await agent.close();
});
