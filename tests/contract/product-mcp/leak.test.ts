import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../../infra/logger/index.ts';
import { readMetrics } from '../../../services/installation/metrics/read.ts';
import { testConnection } from '../../../services/product-mcp/test-connection.ts';
import { connectAgent, pathOf, publish, startApi } from '../../support/product-mcp/publish.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../support/setup/context.ts';
import { searchDatabase } from '../../support/setup/search-database.ts';
import { send } from '../mcp/endpoint.ts';

/** Nobody has it but the caller and the API. */
const marked = `mark${randomBytes(12).toString('hex')}`;

let test: TestDeps;
let org: TestOrg;
let api: Awaited<ReturnType<typeof startApi>>;
let upstream: Server;
let baseUrl: string;
let behavior: (request: IncomingMessage) => { status?: number; headers?: Record<string, string>; body?: string };
const logged: string[] = [];
const received: string[] = [];

beforeAll(async () => {
  const log = createLogger({ level: 'trace', process: 'test', to: { write: (line) => void logged.push(line) } });
  test = await testDeps({ log });
  org = await testOrg(test.deps);
  api = await startApi(test.deps);
  upstream = createServer((request, response) => {
    received.push(JSON.stringify([request.url, request.rawHeaders]));
    const { status = 200, headers = {}, body = '{}' } = behavior(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const address = upstream.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(async () => {
  await api?.close();
  upstream?.close();
  await test?.close();
});

const document = {
  openapi: '3.0.3',
  info: { title: 'Echo', version: '1' },
  paths: {
    '/echo': {
      get: {
        operationId: 'echo',
        parameters: [{ name: 'id', in: 'query', schema: { type: 'integer' } }],
        responses: {},
      },
    },
  },
};

it('is in the one header of the request to the API, and nowhere else', async () => {
  const target = { in: 'header', name: 'X-Secret', format: 'Key {credential}' } as const;
  const product = await publish(org.ctx, {
    document,
    baseUrl,
    connection: { target, check: { kind: 'endpoint', path: '/me' } },
  });
  const url = `${api.origin}${pathOf(product)}`;
  const told: string[] = [];
  behavior = () => ({});
  const agent = await connectAgent(url, { authorization: `Bearer ${marked}` });
  told.push(JSON.stringify(await agent.listTools()));

  const echo = JSON.stringify({ you: [`Key ${marked}`, { [marked]: marked }] });
  const behaviors: (typeof behavior)[] = [
    () => ({ body: echo, headers: { link: `<https://x.example/?k=${marked}>; rel=next` } }),
    () => ({ body: marked, headers: { 'content-type': 'text/plain' } }),
    () => ({ status: 401, body: echo }),
    () => ({ status: 404, body: `no ${marked}` }),
    () => ({ status: 500, body: echo, headers: { 'retry-after': marked } }),
    () => ({ status: 302, headers: { location: `https://other.example/${marked}` } }),
    () => ({ status: 302, headers: { location: `/again?key=${marked}` } }),
  ];
  for (const each of behaviors) {
    behavior = each;
    told.push(JSON.stringify(await agent.callTool({ name: 'echo', arguments: { id: 1 } })));
  }
  told.push(
    JSON.stringify(await agent.callTool({ name: 'echo', arguments: { id: marked, [marked]: 1 } })).replaceAll(
      `${marked}: There is`,
      '',
    ),
  );
  await agent.close();
  behavior = () => ({ status: 403, body: echo });
  const refused = await send(url, { body: '{}', headers: { authorization: `Bearer ${marked}2` } });
  told.push(refused.text, JSON.stringify([...refused.headers]));
  told.push(
    (await send(`${url}?key=${marked}`, { body: `{"${marked}":`, headers: { authorization: `Bearer ${marked}` } }))
      .text,
  );
  told.push(
    JSON.stringify(
      await testConnection(org.ctx, {
        productMcpId: product.id,
        credential: marked,
        connection: { target, check: { kind: 'endpoint', path: '/me' } },
      }),
    ),
  );
  await test.deps.productUsage.flush();
  told.push(
    JSON.stringify(await readMetrics({ deps: test.deps, actor: { kind: 'visitor', id: 'x' }, requestId: 'x' }, {})),
  );

  const headers = received.filter((each) => each.includes(marked));
  expect(headers.length).toBeGreaterThan(8);
  // The API itself repeated it in an address, and was asked there.
  for (const each of headers.filter((one) => !one.startsWith('["/again'))) expect(each.split(marked)).toHaveLength(2);
  expect(
    headers.every((each) => each.includes(`"X-Secret","Key ${marked}`) || each.includes(`"x-secret","Key ${marked}`)),
  ).toBe(true);

  expect(told.filter((each) => each.includes(marked))).toEqual([]);
  expect(logged.length).toBeGreaterThan(5);
  expect(logged.filter((each) => each.includes(marked))).toEqual([]);
  for (const database of [test.database.url, test.database.secretsUrl])
    expect(await searchDatabase(database, marked)).toEqual([]);
});
