import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { activateDocument } from '../../../services/product-mcp/document/activate.ts';
import { uploadDocument } from '../../../services/product-mcp/document/upload.ts';
import type { ProductView } from '../../../services/product-mcp/view.ts';
import { bearer, connectAgent, pathOf, publish, startApi } from '../../support/product-mcp/publish.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../support/setup/context.ts';
import { modern } from '../mcp/endpoint.ts';

let test: TestDeps;
let org: TestOrg;
let api: Awaited<ReturnType<typeof startApi>>;
let upstream: Server;
let other: Server;
let product: ProductView;
let url: string;
/** The same with a time limit that only a slow API reaches. */
let hastyUrl: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
/** What a server got that no credential may reach. */
const stolen: string[] = [];

const start = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
};
const operation = (operationId: string) => ({ operationId, responses: { 200: { description: 'Done' } } });
const document = {
  openapi: '3.0.3',
  info: { title: 'Faults', version: '1' },
  paths: { '/read': { get: operation('read') }, '/write': { post: operation('write') } },
};
let otherUrl: string;

beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps);
  api = await startApi(test.deps);
  upstream = createServer((request, response) => answer(request, response));
  other = createServer((request, response) => {
    stolen.push(JSON.stringify(request.headers));
    response.end('{}');
  });
  const baseUrl = await start(upstream);
  otherUrl = await start(other);
  product = await publish(org.ctx, {
    document,
    baseUrl,
    connection: { check: { kind: 'endpoint', path: '/me' } },
  });
  url = `${api.origin}${pathOf(product)}`;
  const hasty = { check: { kind: 'presence_only' }, timeoutSeconds: 1 } as const;
  hastyUrl = `${api.origin}${pathOf(await publish(org.ctx, { document, baseUrl, connection: hasty }))}`;
});
beforeEach(() => {
  answer = (_request, response) => void response.setHeader('content-type', 'application/json').end('{"ok":true}');
});
afterAll(async () => {
  await api?.close();
  upstream?.closeAllConnections();
  upstream?.close();
  other?.close();
  await test?.close();
});

/** How the API behaves, but for its endpoint that checks credentials. */
const behave = (how: typeof answer): void => {
  answer = (request, response) => (request.url === '/me' ? void response.end('{}') : how(request, response));
};

async function call(name: string, at = url) {
  const agent = await connectAgent(at, bearer('credential-1'));
  const result = await agent.callTool({ name, arguments: {} });
  await agent.close();
  return { isError: result.isError === true, text: JSON.stringify(result.content), data: result.structuredContent };
}

const slow = "didn't answer within 1 seconds";
const slowChange = 'may have been carried out';

describe('an API', () => {
  it.each<[string, typeof answer, string, string]>([
    ['that is slow', () => {}, 'read', slow],
    ['that is slow to change something', () => {}, 'write', slowChange],
    [
      'that breaks off',
      (_request, response) =>
        void response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
      'read',
      'broke before',
    ],
    ['that hangs up', (request) => void request.socket.destroy(), 'read', 'broke before'],
    ['that fails', (_request, response) => void response.writeHead(500).end('Stack trace'), 'read', "API's fault"],
    [
      'that answers far too much',
      (_request, response) => void response.end(Buffer.alloc(11 * 1024 * 1024, 'x')),
      'read',
      'more than 10 MB',
    ],
    [
      'that redirects elsewhere',
      (_request, response) => void response.writeHead(302, { location: `${otherUrl}/x` }).end(),
      'read',
      'redirects to another address',
    ],
    [
      'that redirects a change',
      (_request, response) => void response.writeHead(307, { location: `${otherUrl}/x` }).end(),
      'write',
      'redirects to another address',
    ],
    [
      'that redirects for ever',
      (request, response) => void response.writeHead(302, { location: `${request.url}x` }).end(),
      'read',
      '',
    ],
  ])('%s is an error that says so', async (_, how, tool, text) => {
    behave(how);
    const seen = await call(tool, text === slow || text === slowChange ? hastyUrl : url);
    expect(seen).toMatchObject({ isError: true, text: expect.stringContaining(text) });
    expect(stolen).toEqual([]);
  });

  it.each<[string, string, string, string]>([
    ['HTML as JSON', 'application/json', '<html><body>Hello</body></html>', 'Hello'],
    ['JSON as HTML', 'text/html', '{"price": 12}', 'price'],
    ['text as an image', 'image/png', 'not an image', 'not an image'],
    ['nothing that is known', 'x/y; charset=nope', 'abc', ''],
    ['broken JSON', 'application/json', '{"a": ', '{'],
  ])('that calls %s is read as what it is', async (_, type, body, text) => {
    behave((_request, response) => void response.setHeader('content-type', type).end(body));
    const seen = await call('read');
    expect(seen).toMatchObject({ isError: false, text: expect.stringContaining(text) });
    expect(seen.text).not.toContain('"image"');
  });

  it('whose endpoint for credentials is down leaves callers who are known in peace, and says so to others', async () => {
    expect(await call('read')).toMatchObject({ isError: false });
    answer = (request, response) => void response.writeHead(request.url === '/me' ? 500 : 200).end('{}');
    expect(await call('read')).toMatchObject({ isError: false });
    expect(await modern(url, 'credential-new', { method: 'tools/list' })).toMatchObject({
      status: 503,
      body: { error: { code: 'credential_check_failed' } },
    });
  });
});

it('a document that changes under way: each call is of one version', async () => {
  const productMcpId = product.id;
  const next = {
    ...document,
    info: { title: 'Faults', version: '2' },
    paths: { '/other': { get: operation('other') } },
  };
  const uploaded = await uploadDocument(org.ctx, {
    productMcpId,
    source: { kind: 'text', text: JSON.stringify(next) },
  });
  const list = async () => {
    const { body } = await modern(url, 'credential-2', { method: 'tools/list' });
    return [...JSON.stringify(body).matchAll(/"name":"(\w+)"/g)].map(([, name]) => name).join();
  };
  const before = await list();
  const during = Promise.all(Array.from({ length: 40 }, list));
  await activateDocument(org.ctx, { productMcpId, documentId: uploaded.document.id });
  await expect.poll(list).not.toBe(before);
  const after = await list();
  expect([before.includes('read,write'), after.includes('other'), after.includes('read')]).toEqual([true, true, false]);
  for (const seen of await during) expect([before, after]).toContain(seen);
  const agent = await connectAgent(url, bearer('credential-1'));
  await expect(agent.callTool({ name: 'read', arguments: {} })).rejects.toThrow('Unknown tool');
  expect((await agent.callTool({ name: 'other', arguments: {} })).isError).toBeFalsy();
  await agent.close();
});

it('a caller who sends too much is slowed down, and no other', async () => {
  const few = await testDeps({ env: { ARMATURE_PRODUCT_MCP_CALLER_REQUESTS_PER_MINUTE: '25' } });
  const own = await testOrg(few.deps);
  const limited = await startApi(few.deps);
  const { url: published } = await publish(own.ctx, { document, baseUrl: otherUrl });
  const at = `${limited.origin}${new URL(published).pathname}`;
  const statuses: number[] = [];
  for (let count = 0; count < 7; count++)
    statuses.push((await modern(at, 'credential-many', { method: 'tools/list' })).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
  expect((await modern(at, 'credential-few', { method: 'tools/list' })).status).toBe(200);
  await limited.close();
  await few.close();
});
