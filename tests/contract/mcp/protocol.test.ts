import { request } from 'node:http';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import manifest from '../../../package.json' with { type: 'json' };
import { createApiKey } from '../../../services/api-key/create.ts';
import { revokeApiKey } from '../../../services/api-key/revoke.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../support/setup/context.ts';
import { connect, type Endpoint, keyOf, legacy, modern, send, startEndpoint } from './endpoint.ts';
import { errorOf, rpcErrorOf } from './stage.ts';

let scenario: TestDeps;
let org: TestOrg;
let endpoint: Endpoint;
let key: string;

beforeAll(async () => {
  scenario = await testDeps({ env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '100000' } });
  org = await testOrg(scenario.deps);
  endpoint = await startEndpoint(scenario.deps);
  key = await keyOf(org, 'viewer');
});
afterAll(async () => {
  await endpoint?.close();
  await scenario?.close();
});

const names = ['list_mcp_servers', 'list_workflows'];

describe('clients of both eras', () => {
  it.each(['auto', 'legacy'] as const)('the v2 client, negotiating %s', async (era) => {
    const client = await connect(endpoint.url, key, era);
    expect(client.getNegotiatedProtocolVersion()).toBe(era === 'auto' ? '2026-07-28' : '2025-11-25');
    expect(client.getServerVersion()).toMatchObject({ name: 'armature', version: manifest.version });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const answer = await client.callTool({ name: 'list_workflows', arguments: {} });
    expect(answer.structuredContent).toEqual({ workflows: [], nextCursor: null });
    expect(answer.content).toEqual([{ type: 'text', text: JSON.stringify(answer.structuredContent) }]);
    const refused = await client.callTool({ name: 'list_workflows', arguments: { limit: 0, search: 5 } });
    expect(errorOf(refused)).toMatchObject({
      code: 'validation_failed',
      message: 'search: This must be text. limit: At least 1.',
      details: { fieldErrors: [{ field: 'search' }, { field: 'limit' }] },
    });
    await expect(client.callTool({ name: 'list_workflow', arguments: {} })).rejects.toMatchObject({
      code: -32602,
      data: { code: 'validation_failed', requestId: expect.any(String) },
    });
    expect((await client.listPrompts()).prompts).toHaveLength(2);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([
      'armature://catalog/models',
      'armature://schemas/workflow',
    ]);
    await client.close();
  });

  it('the v1 client', async () => {
    const client = new OldClient({ name: 'old', version: '1.0.0' });
    const transport = new OldTransport(new URL(endpoint.url), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    });
    // The package declares its own transport without `exactOptionalPropertyTypes` in mind.
    await client.connect(transport as Transport);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(await client.callTool({ name: 'list_mcp_servers', arguments: {} })).toMatchObject({
      structuredContent: { servers: [], nextCursor: null },
    });
    expect(errorOf(await client.callTool({ name: 'list_mcp_servers', arguments: { serverID: 'x' } }))).toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'serverID' }] },
    });
    await client.close();
  });
});

describe('?errors=json-rpc', () => {
  const call = (url: string, args: object) => legacy(url, key, 'tools/call', { name: 'diagnose_run', arguments: args });

  it('answers failed calls with errors of JSON-RPC', async () => {
    const url = `${endpoint.url}?errors=json-rpc`;
    for (const [args, code, told] of [
      [{}, -32602, 'validation_failed'],
      [{ runId: '019bd5a3-1111-7111-8111-111111111111' }, -32000, 'run_not_found'],
    ] as const) {
      const { body } = await call(url, args);
      expect(body).toMatchObject({ id: 1, error: { code, data: { code: told } } });
      rpcErrorOf(z.object({ error: z.unknown() }).parse(body).error);
    }
  });

  it('is the only form that an address can name', async () => {
    const refused = { status: 400, body: { error: { code: -32602, data: { code: 'validation_failed' } } } };
    for (const errors of ['result', 'JSON-RPC', ''])
      expect(await call(`${endpoint.url}?errors=${errors}`, {})).toMatchObject(errors === 'result' ? {} : refused);
  });
});

describe('revisions before 2026-07-28', () => {
  const typeOf = ({ headers }: { headers: Headers }) => headers.get('content-type');
  const list = { name: 'list_workflows', arguments: {} };

  it('answer calls that report progress with an event stream', async () => {
    const params = { name: 'run_workflow_now', arguments: {}, _meta: { progressToken: 1 } };
    expect(typeOf(await legacy(endpoint.url, key, 'tools/call', params))).toBe('text/event-stream');
  });

  it.each([
    ['that takes no event stream', { accept: 'application/json' }, 406],
    ['of no known revision', { 'mcp-protocol-version': '2019-01-01' }, 400],
    ['that is no JSON', { 'content-type': 'text/plain' }, 415],
  ])('refuse a read %s', async (_, headers, status) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: list });
    expect(await send(endpoint.url, { key, headers, body })).toMatchObject({ status, body: { error: {} } });
  });
});

describe('revision 2026-07-28', () => {
  it('describes itself at server/discover', async () => {
    const { status, body, headers } = await modern(endpoint.url, key, { method: 'server/discover' });
    expect(status).toBe(200);
    expect(headers.get('mcp-session-id')).toBeNull();
    expect(body).toMatchObject({
      id: 1,
      result: {
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
        instructions: expect.stringContaining('diagnose_run'),
      },
    });
  });

  it.each([
    ['the method', { 'mcp-method': 'tools/list' }],
    ['the name', { 'mcp-name': 'inspect_run' }],
    ['the revision', { 'mcp-protocol-version': '2025-11-25' }],
  ])('refuses a request whose headers and body disagree about %s', async (_, headers) => {
    const answer = await modern(endpoint.url, key, {
      method: 'tools/call',
      params: { name: 'list_workflows', arguments: {} },
      headers,
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { code: -32020 } });
  });

  it('lists its revisions to a client that asks for another', async () => {
    const answer = await modern(endpoint.url, key, { method: 'tools/list', version: '2031-01-01' });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      error: { code: -32022, data: { supported: expect.arrayContaining(['2026-07-28']), requested: '2031-01-01' } },
    });
  });

  it('refuses a request without its metadata', async () => {
    const answer = await send(endpoint.url, {
      key,
      headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
    expect(answer.body).toMatchObject({ error: { code: -32602 } });
  });

  it('serves no subscriptions, and says so', async () => {
    const answer = await modern(endpoint.url, key, { method: 'subscriptions/listen' });
    expect(answer).toMatchObject({ status: 404, body: { id: 1, error: { code: -32601 } } });
  });
});

describe('what comes before JSON-RPC', () => {
  const initialize = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

  it.each([
    ['no key', null, null],
    ['another scheme', null, 'Basic YWRhOnB3'],
    ['a malformed key', 'amt_nonsense', null],
    ['an unknown key', `amt_0123456789abcdef_${'a'.repeat(43)}`, null],
  ])('answers 401 to %s', async (_, bearer, authorization) => {
    const answer = await send(endpoint.url, {
      body: initialize,
      key: bearer,
      headers: authorization ? { authorization } : {},
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="armature"/);
    expect(answer.body).toEqual({
      error: {
        code: 'unauthenticated',
        message: expect.any(String),
        remediation: expect.any(String),
        requestId: answer.headers.get('x-request-id'),
      },
    });
  });

  it('answers 401 to the next request of a key that is revoked', async () => {
    const made = await createApiKey(org.ctx, { name: 'short-lived' });
    expect((await legacy(endpoint.url, made.key, 'ping')).status).toBe(200);
    await revokeApiKey(org.ctx, { keyId: made.id });
    expect((await legacy(endpoint.url, made.key, 'ping')).status).toBe(401);
  });

  it('takes no cookie for a key', async () => {
    const answer = await send(endpoint.url, { body: initialize, headers: { cookie: 'armature.session=x' } });
    expect(answer.status).toBe(401);
  });

  it.each([
    ['GET', '/.well-known'],
    ['GET', '/.well-known/oauth-protected-resource/api/mcp'],
    ['GET', '/.well-known/openid-configuration'],
    ['POST', '/register'],
    ['POST', '/token'],
    ['GET', '/authorize'],
  ])('answers %s %s with a 404 in JSON that says to send a key', async (method, path) => {
    const answer = await send(`${endpoint.origin}${path}`, { method });
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: 'resource_not_found', remediation: expect.stringContaining('Bearer amt_') } },
    });
  });

  it.each([
    ['Origin', { origin: 'https://evil.example' }],
    ['Origin', { origin: 'null' }],
  ])('refuses a foreign %s', async (_, headers) => {
    const answer = await send(endpoint.url, { body: initialize, key, headers });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } });
  });

  it('refuses a foreign Host, as DNS rebinding has it', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example', authorization: `Bearer ${key}` };
      request(endpoint.url, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('answers a page of its own', async () => {
    expect((await send(endpoint.url, { body: initialize, key, headers: { origin: endpoint.origin } })).status).toBe(
      200,
    );
  });

  it.each(['GET', 'DELETE', 'PUT'])('has nothing for %s', async (method) => {
    expect((await send(endpoint.url, { method, key })).status).toBe(405);
  });

  it.each([
    ['what is no JSON', '{', 400, -32700],
    ['an empty body', '', 400, -32700],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 400, -32600],
    ['a number', '5', 400, -32600],
    ['a body that is nested too deeply', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 400, -32600],
    ['a body that is too large', JSON.stringify('x'.repeat(1_100_000)), 413, -32000],
  ])('refuses %s', async (_, body, status, code) => {
    const answer = await send(endpoint.url, { body, key });
    expect(answer).toMatchObject({
      status,
      body: { id: null, error: { code, data: { code: 'validation_failed', requestId: expect.any(String) } } },
    });
  });

  it('refuses a body that is not declared as JSON', async () => {
    const answer = await send(endpoint.url, { body: initialize, key, headers: { 'content-type': 'text/plain' } });
    expect(answer.status).toBe(415);
  });

  it.each([
    ['tools/call', { name: 'list_workflows', arguments: [] }],
    ['tools/call', { arguments: {} }],
    ['resources/read', { uri: 5 }],
    ['resources/read', {}],
    ['prompts/get', { name: 'repair_failing_workflow', arguments: { runId: 5 } }],
    ['completion/complete', { ref: { type: 'ref/other' }, argument: { name: 'id', value: '' } }],
    ['initialize', { protocolVersion: 5 }],
    ['initialize', undefined],
    ['prompts/get', undefined],
    ['tools/list', { cursor: {} }],
  ])('tells what is wrong with the parameters of %s', async (method, params) => {
    const { body } = await send(endpoint.url, { key, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    expect(body).toMatchObject({
      error: {
        code: -32602,
        data: {
          code: 'validation_failed',
          details: {
            fieldErrors: expect.arrayContaining([
              { field: expect.stringMatching(/^params/), message: expect.any(String) },
            ]),
          },
        },
      },
    });
  });
});

describe('the limit of requests per minute', () => {
  it('holds for each key on its own, and says when to continue', async () => {
    const config = { ...scenario.deps.config, keyRequestsPerMinute: 10 };
    const narrow = await startEndpoint({ ...scenario.deps, config });
    const limits = ({ headers }: { headers: Headers }) =>
      ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`ratelimit-${name}`)));
    try {
      const other = await keyOf(org, 'viewer');
      for (const remaining of [1, 0]) {
        const served = await legacy(narrow.url, key, 'ping');
        expect(served.status).toBe(200);
        expect(limits(served)).toEqual([2, remaining, 12]);
      }
      const refused = await legacy(narrow.url, key, 'ping');
      expect(limits(refused)).toEqual([2, 0, 12]);
      expect(refused).toMatchObject({
        status: 429,
        body: { error: { code: 'rate_limited', details: { retryAfterSeconds: 12 } } },
      });
      expect(refused.headers.get('retry-after')).toBe('12');
      expect((await legacy(narrow.url, other, 'ping')).status).toBe(200);
    } finally {
      await narrow.close();
    }
  });
});
