import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startEverything } from '../../tests/support/targets/everything.ts';
import { endpoint, failureOf, setUpTargets } from '../../tests/support/targets/harness.ts';
import { listen } from '../../tests/support/targets/http.ts';
import { startSseV1, startStatefulV1 } from '../../tests/support/targets/v1.ts';
import { startV2 } from '../../tests/support/targets/v2.ts';
import type { Endpoint } from './index.ts';

const { targets, started } = setUpTargets();
const signal = new AbortController().signal;
const call = { signal, timeoutMs: 5000 };
const text = (value: string) => ({ content: [{ type: 'text', text: value }], isError: false });

describe('the reference server', () => {
  it.each([
    ['Streamable HTTP', 'streamableHttp', 'streamable_http'],
    ['SSE', 'sse', 'sse'],
  ] as const)('over %s is probed, listed, called and read', { timeout: 20_000 }, async (_, kind, transport) => {
    const server = await started(startEverything(kind));
    const mcp = targets();
    const to = endpoint(server.url, { transport });
    const probe = await mcp.probe(to, { signal });
    expect(probe).toMatchObject({ ok: true, protocolVersion: '2025-11-25', hasResources: true });
    const target = await mcp.connect(to, { signal });
    expect(target.server.name).toContain('everything');
    expect(target.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'get-sum']));
    expect(target.tools.find(({ name }) => name === 'get-sum')?.inputSchema).toMatchObject({ type: 'object' });
    expect(await target.callTool('echo', { message: 'there' }, call)).toEqual(text('Echo: there'));
    const structured = await target.callTool('get-structured-content', { location: 'Chicago' }, call);
    expect(structured).toMatchObject({ isError: false, structuredContent: expect.anything() });
    const image = await target.callTool('get-tiny-image', {}, call);
    expect(image.content.map(({ type }) => type)).toContain('image');
    const listed = await target.listResources(call);
    const { resources } = JSON.parse(listed.content[0]?.text ?? '');
    expect(resources).toHaveLength(7);
    const read = await target.readResource(resources[0].uri, call);
    expect(read.content[0]).toMatchObject({ type: 'resource', resource: { uri: resources[0].uri } });
    // Answers with progress on the way, over a stream.
    const slow = await target.callTool('trigger-long-running-operation', { duration: 0.1, steps: 2 }, call);
    expect(slow.isError).toBe(false);
    await target.close();
  });
});

describe('a stateful server of the older generation', () => {
  it('is probed, listed, called and read, and told when the session is over', async () => {
    const server = await started(startStatefulV1());
    const mcp = targets();
    const probe = await mcp.probe(endpoint(server.url), { signal });
    expect(probe).toMatchObject({
      ok: true,
      server: { name: 'counter', version: '1.2.3' },
      protocolVersion: '2025-11-25',
      hasResources: true,
    });
    expect(server.open()).toBe(0);
    const target = await mcp.connect(endpoint(server.url), { signal });
    expect(target.resumed).toBe(false);
    expect(server.open()).toBe(1);
    expect(await target.callTool('count', {}, call)).toEqual(text('1'));
    expect(await target.callTool('count', { note: 'again' }, call)).toEqual(text('2 again'));
    expect(await target.listResources(call)).toMatchObject({
      structuredContent: { resources: [{ uri: 'counter://manual' }] },
    });
    expect(await target.readResource('counter://manual', call)).toMatchObject({
      content: [{ type: 'resource', resource: { text: 'Call count.' } }],
    });
    await target.close();
    await target.close();
    expect(server.requests.filter((each) => each === 'DELETE')).toHaveLength(2);
    expect(server.open()).toBe(0);
  });

  it('is asked nothing but initialize and the tools when its revision is stored', async () => {
    const server = await started(startStatefulV1());
    const stored = endpoint(server.url, { protocolVersion: '2025-11-25' });
    const target = await targets().connect(stored, { signal });
    await target.close();
    expect(server.requests).toEqual(['POST initialize', 'POST notifications/initialized', 'POST tools/list', 'DELETE']);
  });

  it('goes on in a session that was kept', async () => {
    const server = await started(startStatefulV1());
    const first = await targets().connect(endpoint(server.url), { signal });
    await first.callTool('count', {}, call);
    await first.close({ keepSession: true });
    expect(server.open()).toBe(1);
    const { sessionId = '', protocolVersion } = first;
    const second = await targets().connect(endpoint(server.url), { sessionId, protocolVersion, signal });
    expect(second).toMatchObject({ resumed: true, sessionId, protocolVersion, hasResources: true });
    expect(second.tools).toEqual(first.tools);
    expect(await second.callTool('count', {}, call)).toEqual(text('2'));
    expect(server.requests.filter((each) => each === 'POST initialize')).toHaveLength(1);
    await second.close();
    expect(server.open()).toBe(0);
  });

  it('opens a new session where the old one is not known any more', async () => {
    const server = await started(startStatefulV1());
    const first = await targets().connect(endpoint(server.url), { signal });
    await server.forget();
    expect(await failureOf(first.callTool('count', {}, call))).toMatchObject({ kind: 'session_lost', retryable: true });
    await first.close();
    const { sessionId = '', protocolVersion } = first;
    const second = await targets().connect(endpoint(server.url), { sessionId, protocolVersion, signal });
    expect(second.resumed).toBe(false);
    expect(second.sessionId).not.toBe(sessionId);
    expect(await second.callTool('count', {}, call)).toEqual(text('1'));
    await second.close();
  });

  it('stops a call at its time limit, and when the caller gives up, and goes on being of use', async () => {
    const server = await started(startStatefulV1());
    const target = await targets().connect(endpoint(server.url), { signal });
    const late = await failureOf(target.callTool('hang', {}, { signal, timeoutMs: 60 }));
    expect(late).toMatchObject({ kind: 'timeout', details: { limit: 60 } });
    const controller = new AbortController();
    const reason = new Error('superseded');
    const work = target.callTool('hang', {}, { signal: controller.signal, timeoutMs: 5000 });
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(await target.callTool('count', {}, call)).toEqual(text('1'));
    await target.close();
    await expect.poll(() => server.requests).toContain('POST notifications/cancelled');
  });
});

describe('a server of the SSE transport', () => {
  it('is probed, listed, called and read', async () => {
    const server = await started(startSseV1());
    const mcp = targets();
    const to = endpoint(server.url, { transport: 'sse' });
    expect(await mcp.probe(to, { signal })).toMatchObject({
      ok: true,
      server: { name: 'counter', version: '1.2.3' },
      hasResources: true,
    });
    const target = await mcp.connect(to, { signal });
    expect(target).toMatchObject({ resumed: false });
    expect(target.sessionId).toBeUndefined();
    expect(await target.callTool('count', {}, call)).toEqual(text('1'));
    expect(await target.readResource('counter://manual', call)).toMatchObject({
      content: [{ type: 'resource', resource: { text: 'Call count.' } }],
    });
    expect(await failureOf(target.callTool('hang', {}, { signal, timeoutMs: 60 }))).toMatchObject({ kind: 'timeout' });
    await target.close();
    await expect.poll(() => server.open()).toBe(0);
  });

  it('says that the session is lost when its stream ends, in the middle of a call and after', async () => {
    const server = await started(startSseV1());
    const target = await targets().connect(endpoint(server.url, { transport: 'sse' }), { signal });
    const work = failureOf(target.callTool('hang', {}, call));
    await expect.poll(() => server.requests).toContain('POST tools/call');
    await server.forget();
    expect(await work).toMatchObject({ kind: 'session_lost' });
    expect(await failureOf(target.callTool('count', {}, call))).toMatchObject({ kind: 'session_lost' });
    await target.close();
  });

  it('takes a session to resume for what it can not have', async () => {
    const server = await started(startSseV1());
    const to = endpoint(server.url, { transport: 'sse' });
    const target = await targets().connect(to, { sessionId: 'gone', protocolVersion: '2025-11-25', signal });
    expect(target.resumed).toBe(false);
    expect(server.requests).not.toContain('POST server/discover');
    await target.close();
  });
});

describe('a server of the newer generation', () => {
  it.each([
    ['both eras, JSON', {}],
    ['both eras, event streams', { responseMode: 'sse' }],
    ['the new era only', { era: 'modern' }],
  ] as const)('with %s is probed, listed, called and read', async (_, options) => {
    const server = await started(startV2(options));
    const mcp = targets();
    const greeter = {
      server: { name: 'greeter', version: '2.0.0' },
      protocolVersion: '2026-07-28',
      hasResources: true,
    };
    expect(await mcp.probe(endpoint(server.url), { signal })).toMatchObject({ ok: true, ...greeter });
    const target = await mcp.connect(endpoint(server.url), { signal });
    expect(target).toMatchObject({ ...greeter, resumed: false });
    expect(target.sessionId).toBeUndefined();
    expect(target.tools[0]).toEqual({
      name: 'greet',
      title: 'Greet',
      description: 'Says hello.',
      inputSchema: expect.objectContaining({ type: 'object', required: ['name'] }),
      outputSchema: expect.objectContaining({ required: ['greeting'] }),
      annotations: { readOnlyHint: true },
    });
    expect(await target.callTool('greet', { name: 'Ada', region: 'north' }, call)).toEqual({
      ...text('Hello, Ada'),
      structuredContent: { greeting: 'Hello, Ada' },
    });
    expect(server.requests.at(-1)?.headers['mcp-param-region']).toBe('north');
    expect(await target.callTool('fail', {}, call)).toEqual({ ...text('No luck.'), isError: true });
    expect(await target.listResources(call)).toMatchObject({
      structuredContent: { resources: [{ uri: 'greet://words' }] },
    });
    expect(await target.readResource('greet://words', call)).toMatchObject({
      content: [{ type: 'resource', resource: { text: 'hello hi' } }],
    });
    await target.close();
    expect(server.requests.map(({ method }) => method)).not.toContain('initialize');
  });

  it('is not asked for its revision when that is stored', async () => {
    const server = await started(startV2());
    const target = await targets().connect(endpoint(server.url, { protocolVersion: '2026-07-28' }), { signal });
    expect(target).toMatchObject({ server: { name: 'greeter', version: '2.0.0' }, hasResources: true });
    expect(target.tools).toHaveLength(5);
    // Both at once: neither waits for the other.
    expect(server.requests.map(({ method }) => method).sort()).toEqual(['server/discover', 'tools/list']);
    await target.close();
  });

  it('speaks the older era where that was stored', async () => {
    const server = await started(startV2());
    const target = await targets().connect(endpoint(server.url, { protocolVersion: '2025-11-25' }), { signal });
    expect(target.protocolVersion).toBe('2025-11-25');
    expect(await target.callTool('greet', { name: 'Ada' }, call)).toMatchObject({
      structuredContent: { greeting: 'Hello, Ada' },
    });
    await target.close();
  });

  it.each([
    [
      'has moved to the new era',
      () => startV2({ era: 'modern' }),
      '2025-06-18',
      '2026-07-28',
      ['greet', 'ask_back', 'refuse', 'fail', 'hang'],
    ],
    ['has moved back to the older era', startStatefulV1, '2026-07-28', '2025-11-25', ['count', 'hang']],
  ])('is asked again when it %s', async (_, start, stored, spoken, tools) => {
    const server = await started<{ url: string; close(): Promise<void> }>(start());
    const target = await targets().connect(endpoint(server.url, { protocolVersion: stored }), { signal });
    expect(target.protocolVersion).toBe(spoken);
    expect(target.tools.map(({ name }) => name)).toEqual(tools);
    await target.close();
  });

  it('that has moved to the new era has no old session any more', async () => {
    const server = await started(startV2({ era: 'modern' }));
    const target = await targets().connect(endpoint(server.url), {
      sessionId: 'old',
      protocolVersion: '2025-11-25',
      signal,
    });
    expect(target).toMatchObject({ resumed: false, protocolVersion: '2026-07-28' });
    await target.close();
  });

  it.each(['2026-07-28', '2025-11-25'])('has every page of its tools listed (%s)', async (protocolVersion) => {
    const server = await started(startV2({ paged: true }));
    const target = await targets().connect(endpoint(server.url, { protocolVersion }), { signal });
    expect(target.tools.map(({ name }) => name)).toEqual(['greet', 'ask_back', 'refuse', 'fail', 'hang']);
    await target.close();
  });

  it('answers a call with a JSON-RPC error, which is told whole', async () => {
    const server = await started(startV2());
    const target = await targets().connect(endpoint(server.url), { signal });
    expect(await failureOf(target.callTool('refuse', {}, call))).toMatchObject({
      kind: 'rpc_error',
      details: { rpcCode: -32000, rpcMessage: 'The shop is closed.' },
    });
    expect(await failureOf(target.readResource('greet://no', call))).toMatchObject({
      kind: 'rpc_error',
      details: { rpcCode: -32602 },
    });
    await target.close();
  });

  it('that wants to ask back is told that it can not', async () => {
    const server = await started(startV2());
    const target = await targets().connect(endpoint(server.url), { signal });
    const error = await failureOf(target.callTool('ask_back', {}, call));
    expect(error).toMatchObject({ kind: 'protocol_error', retryable: false });
    expect(error.message).toContain("what a test can't give");
    expect(server.requests.filter(({ method }) => method === 'tools/call')).toHaveLength(1);
    await target.close();
  });

  it('stops a call at its time limit and drops its connection', async () => {
    const server = await started(startV2());
    const target = await targets().connect(endpoint(server.url), { signal });
    expect(await failureOf(target.callTool('hang', {}, { signal, timeoutMs: 60 }))).toMatchObject({ kind: 'timeout' });
    await target.close();
  });
});

describe('credentials', () => {
  it.each<[string, Partial<Endpoint>, { [name: string]: string }]>([
    ['a bearer token', { auth: { kind: 'bearer', token: 's3cret' } }, { authorization: 'Bearer s3cret' }],
    [
      'a pasted bearer token',
      { auth: { kind: 'bearer', token: ' Bearer s3cret' } },
      { authorization: 'Bearer s3cret' },
    ],
    ['an API key', { auth: { kind: 'api_key_header', header: 'X-Key', value: 'k3y' } }, { 'x-key': 'k3y' }],
    ['extra headers', { headers: { 'X-Team': 'blue' } }, { 'x-team': 'blue' }],
  ])('as %s go with every request', async (_, rest, headers) => {
    const server = await started(startV2());
    const target = await targets().connect(endpoint(server.url, rest), { signal });
    await target.callTool('greet', { name: 'Ada' }, call);
    await target.close();
    expect(server.requests.length).toBeGreaterThanOrEqual(3);
    for (const request of server.requests) expect(request.headers).toMatchObject(headers);
  });
});

describe('connections', () => {
  it('are used again from call to call and from target to target', async () => {
    const inner = await started(startV2());
    let connections = 0;
    const proxy = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        // Node's own headers type and fetch's describe the same.
        const headers = new Headers({ 'content-type': 'application/json', accept: String(request.headers.accept) });
        for (const name of ['mcp-protocol-version', 'mcp-method', 'mcp-name']) {
          const value = request.headers[name];
          if (typeof value === 'string') headers.set(name, value);
        }
        const answer = await fetch(inner.url, { method: 'POST', headers, body: Buffer.concat(chunks) });
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        response.end(await answer.text());
      });
    });
    proxy.on('connection', () => connections++);
    const server = await started(listen(proxy));
    const mcp = targets();
    for (let round = 0; round < 3; round++) {
      const target = await mcp.connect(endpoint(`${server.origin}/mcp`), { signal });
      for (let n = 0; n < 5; n++) await target.callTool('greet', { name: 'Ada' }, call);
      await target.close();
    }
    // A second one may be opened while the first is just becoming free.
    expect(connections).toBeLessThanOrEqual(2);
  });
});
