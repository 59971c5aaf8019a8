import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { endpoint, failureOf, setUpTargets } from '../../tests/support/targets/harness.ts';
import { serve } from '../../tests/support/targets/http.ts';
import { type Answer, startScripted } from '../../tests/support/targets/scripted.ts';

const { targets, started } = setUpTargets();
const signal = new AbortController().signal;
const call = { signal, timeoutMs: 5000 };
const json = { 'content-type': 'application/json' };
const events = { 'content-type': 'text/event-stream' };
const tool = { name: 'work', inputSchema: { type: 'object' } };

/** Keeps writing as fast as the other side reads. */
function flood(response: ServerResponse, chunk: string): undefined {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    response.once('drain', more);
  };
  more();
  return undefined;
}

const unanswered: Answer = () => undefined;

/** A few bytes at a time, for ever. */
function drip(response: ServerResponse, chunk: string): undefined {
  const timer = setInterval(() => response.write(chunk), 10);
  response.once('close', () => clearInterval(timer));
  return undefined;
}

describe('a list of resources', () => {
  it.each<[string, Answer, string]>([
    [
      'that never ends',
      ({ params }) => ({ result: { resources: [], nextCursor: `${params?.cursor ?? ''}x` } }),
      'too_large',
    ],
    [
      'whose every page takes its time',
      ({ id, params }, response) => {
        const result = { resources: [], nextCursor: `${params?.cursor ?? ''}x` };
        const body = JSON.stringify({ jsonrpc: '2.0', id, result });
        setTimeout(() => response.writeHead(200, json).end(body), 50);
        return undefined;
      },
      'timeout',
    ],
    ['that is none', () => ({ result: { resources: 7 } }), 'malformed_result'],
  ])('%s fails as it is', async (_, answer, kind) => {
    const server = await started(startScripted({ 'resources/list': answer }));
    const target = await targets().connect(endpoint(server.url), { signal });
    const error = await failureOf(target.listResources({ signal, timeoutMs: kind === 'timeout' ? 120 : 5000 }));
    expect(error).toMatchObject({ kind });
    await target.close();
  });
});

describe('the answer to a call', () => {
  it.each<[string, Answer, string]>([
    ['of any size', (_, response) => flood(response.writeHead(200, json), 'x'.repeat(65_536)), 'too_large'],
    [
      'that streams any size',
      (_, response) => flood(response.writeHead(200, events), `: ${'x'.repeat(65_536)}\n\n`),
      'too_large',
    ],
    ['that drips in', (_, response) => drip(response.writeHead(200, json), ' '), 'timeout'],
    [
      'that streams nothing of use',
      (_, response) => drip(response.writeHead(200, events), ': still there\n\n'),
      'timeout',
    ],
    [
      'that is garbage',
      (_, response) => {
        response.writeHead(200, json).end('}{');
        return undefined;
      },
      'protocol_error',
    ],
    [
      'that is JSON, but not JSON-RPC',
      (_, response) => {
        response.writeHead(200, json).end('{"ok":true}');
        return undefined;
      },
      'protocol_error',
    ],
    [
      'that streams garbage',
      (_, response) => {
        response.writeHead(200, events).end('data: }{\n\n');
        return undefined;
      },
      'protocol_error',
    ],
    [
      'of another type',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sorry</p>');
        return undefined;
      },
      'protocol_error',
    ],
    [
      'to another request',
      (_, response) => {
        response.writeHead(200, json).end('{"jsonrpc":"2.0","id":4711,"result":{"content":[]}}');
        return undefined;
      },
      'protocol_error',
    ],
    [
      'that is put off for ever',
      (_, response) => {
        response.writeHead(202).end();
        return undefined;
      },
      'protocol_error',
    ],
    [
      'that breaks off',
      (_, response) => {
        response.writeHead(200, { ...json, 'content-length': '500' }).write('{"jsonrpc"');
        setImmediate(() => response.destroy());
        return undefined;
      },
      'unreachable',
    ],
    [
      'whose stream ends before it',
      (_, response) => {
        response.writeHead(200, events).end(': bye\n\n');
        return undefined;
      },
      'unreachable',
    ],
    ['without content', () => ({ result: { content: 'done' } }), 'malformed_result'],
    ['with a block that is none', () => ({ result: { content: [{ type: 'text', text: 7 }] } }), 'malformed_result'],
    ['that is no object', () => ({ result: 7 }), 'malformed_result'],
    ['that is a JSON-RPC error', () => ({ error: { code: -32602, message: 'No such tool' } }), 'rpc_error'],
  ])('%s fails as it is', async (_, answer, kind) => {
    const server = await started(startScripted({ 'tools/call': answer }));
    const target = await targets({ maxResultBytes: 300_000 }).connect(endpoint(server.url), { signal });
    const error = await failureOf(target.callTool('work', {}, { signal, timeoutMs: kind === 'timeout' ? 120 : 5000 }));
    expect(error).toMatchObject({ name: 'TargetError', kind });
    expect(error.message).toContain(`127.0.0.1`);
    // The connection is still of use for what comes next.
    expect((await target.listResources(call).catch((each) => each)).kind).toBe('http_status');
    await target.close();
  });

  it('that asks for input of a client that said it gives none is a protocol error', async () => {
    const server = await started(
      startScripted({
        'server/discover': () => ({
          result: {
            resultType: 'complete',
            supportedVersions: ['2026-07-28'],
            capabilities: { tools: {} },
            ttlMs: 0,
            cacheScope: 'private',
          },
        }),
        'tools/list': () => ({ result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', tools: [tool] } }),
        'tools/call': () => ({
          result: {
            resultType: 'input_required',
            inputRequests: { q: { method: 'elicitation/create', params: { message: 'Sure?' } } },
          },
        }),
      }),
    );
    const target = await targets().connect(endpoint(server.url), { signal });
    expect(target.protocolVersion).toBe('2026-07-28');
    const error = await failureOf(target.callTool('work', {}, call));
    expect(error).toMatchObject({ kind: 'protocol_error', retryable: false });
    expect(error.message).toContain('asks for input');
    expect(server.asked.filter((each) => each === 'tools/call')).toHaveLength(1);
    await target.close();
  });
});

describe('an SSE server', () => {
  const greeting = 'event: endpoint\ndata: /messages\n\n';

  it.each<[string, string, string]>([
    ['that never names its endpoint', ': wait\n\n', 'timeout'],
    ['that names an endpoint elsewhere', 'event: endpoint\ndata: https://evil.example.com/steal\n\n', 'protocol_error'],
    ['that talks garbage', `${greeting}data: }{\n\n`, 'timeout'],
  ])('%s fails as it is', async (_, stream, kind) => {
    const server = await started(
      serve((request, response) => {
        if (request.method !== 'GET') return response.writeHead(202).end();
        const [first, ...rest] = stream.split(/(?<=\n\n)/);
        response.writeHead(200, events).write(first);
        const timer = setInterval(() => response.write(rest.join('') || ': wait\n\n'), 20);
        return response.once('close', () => clearInterval(timer));
      }),
    );
    const to = endpoint(`${server.origin}/sse`, { transport: 'sse' });
    const error = await failureOf(targets().connect(to, { signal, timeoutMs: kind === 'timeout' ? 120 : 5000 }));
    expect(error).toMatchObject({ kind });
  });

  it('that floods its stream is cut off', async () => {
    const server = await started(
      serve((request, response) => {
        if (request.method !== 'GET') return response.writeHead(202).end();
        response.writeHead(200, events).write(`${greeting}data: `);
        return flood(response, 'x'.repeat(65_536));
      }),
    );
    const to = endpoint(`${server.origin}/sse`, { transport: 'sse' });
    const error = await failureOf(targets({ maxResultBytes: 200_000 }).connect(to, { signal, timeoutMs: 5000 }));
    expect(error).toMatchObject({ kind: 'too_large', details: { limit: 200_000 } });
  });
});

describe('a stream without an end', () => {
  const notice = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: {} })}\n\n`;
  const maxResultBytes = 200_000;

  it.each([
    ['comments', ': nothing\n\n'],
    ['notifications', notice],
    ['events of other names', 'event: tick\ndata: 1\n\n'],
  ])('that carries only %s over SSE is cut off', async (_, chunk) => {
    let sent = 0;
    const server = await started(
      serve((request, response) => {
        if (request.method !== 'GET') return response.writeHead(202).end();
        response.writeHead(200, events).write('event: endpoint\ndata: /messages\n\n');
        response.once('close', () => {
          sent = request.socket.bytesWritten;
        });
        return flood(response, chunk.repeat(1000));
      }),
    );
    const to = endpoint(`${server.origin}/sse`, { transport: 'sse' });
    const error = await failureOf(targets({ maxResultBytes }).connect(to, { signal, timeoutMs: 5000 }));
    expect(error).toMatchObject({ kind: 'too_large', details: { limit: 2 * maxResultBytes } });
    expect(error.message).toContain('without answering');
    await expect.poll(() => sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(50_000_000);
  });

  it('is no longer read as the GET stream, and the call has its answer', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await started(
      startScripted({
        GET: (_, response) => {
          response.writeHead(200, events);
          response.once('close', () => closed.resolve());
          return flood(response, notice.repeat(1000));
        },
        'tools/list': () => ({ result: { tools: [tool] } }),
        'tools/call': ({ id }, response) => {
          const answer = JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } });
          void closed.promise.then(() => response.writeHead(200, json).end(answer));
          return undefined;
        },
      }),
    );
    const target = await targets({ maxResultBytes }).connect(endpoint(server.url), { signal });
    const { notes } = await target.callTool('work', {}, call);
    expect(notes?.join()).toContain('GET stream is no longer read');
    await target.close();
  });

  it('gets no answers to more than a thousand requests', async () => {
    const server = await started(
      startScripted({
        'tools/list': () => ({ result: { tools: [tool] } }),
        'tools/call': ({ id }, response) => {
          response.writeHead(200, events);
          for (let number = 0; number < 1200; number++)
            response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: `q${number}`, method: 'ping' })}\n\n`);
          response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
          return undefined;
        },
      }),
    );
    const target = await targets().connect(endpoint(server.url), { signal });
    const { notes } = await target.callTool('work', {}, call);
    expect(notes?.join()).toContain('more than 1000 requests');
    // What has no method is a reply.
    const replies = server.asked.filter((method: string | undefined) => method === undefined);
    expect(replies.length).toBeLessThanOrEqual(1000);
    await target.close();
  });
});

describe('a stream that a server keeps open', () => {
  const silent: Answer = (_, response) => {
    response.writeHead(200, events).write(': hi\n\n');
    return undefined;
  };

  it.each<[string, Answer]>([
    ['by GET', silent],
    ['by GET, with noise', (_, response) => flood(response.writeHead(200, events), `data: ${'x'.repeat(1000)}\n\n`)],
    ['by GET, without a header', unanswered],
    ['by GET, with one endless event', (_, response) => flood(response.writeHead(200, events), 'x'.repeat(65_536))],
  ])('%s ends with the connection', async (_, get) => {
    let open = 0;
    const server = await started(
      startScripted({
        GET: (message, response, request) => {
          open++;
          response.once('close', () => open--);
          return get(message, response, request);
        },
      }),
    );
    const target = await targets({ maxResultBytes: 300_000 }).connect(endpoint(server.url), { signal });
    expect(await target.callTool('work', {}, call)).toMatchObject({ content: [{ text: 'done' }] });
    expect(server.asked).toContain('GET');
    await target.close();
    await expect.poll(() => open).toBe(0);
  });

  it('after its answer ends soon, while the connection is of use', async () => {
    let open = 0;
    const server = await started(
      startScripted({
        'tools/call': ({ id }, response) => {
          open++;
          response.once('close', () => open--);
          const answer = { jsonrpc: '2.0', id, result: { content: [] } };
          response.writeHead(200, events).write(`data: ${JSON.stringify(answer)}\n\n`);
          return undefined;
        },
      }),
    );
    const target = await targets().connect(endpoint(server.url), { signal });
    expect(await target.callTool('work', {}, call)).toEqual({ content: [], isError: false });
    await expect.poll(() => open).toBe(0);
    expect(await target.callTool('work', {}, call)).toEqual({ content: [], isError: false });
    await target.close();
    await expect.poll(() => open).toBe(0);
  });

  it.each<[string, Answer]>([
    ['that never ends', (_, response) => drip(response.writeHead(200, json), ' ')],
    ['of any size', (_, response) => flood(response.writeHead(200, json), 'x'.repeat(65_536))],
  ])('in answer to a notification, %s, costs nothing', async (_, answer) => {
    const server = await started(startScripted({ 'notifications/initialized': answer }));
    const target = await targets().connect(endpoint(server.url), { signal });
    expect(target.tools).toHaveLength(1);
    await target.close();
  });
});

describe('noise before the answer', () => {
  it.each<[string, string]>([
    ['many small events', 'data: beat\n\n'.repeat(20_000)],
    ['a few large events', `data: ${'x'.repeat(100_000)}\n\n`.repeat(2)],
    ['deeply nested events', `data: ${'['.repeat(50_000)}\n\ndata: ${'[1,'.repeat(20_000)}1${']'.repeat(20_000)}\n\n`],
    ['a large batch', `data: [${'{},'.repeat(20_000)}{}]\n\n`],
    [
      'requests of many names',
      Array.from({ length: 2000 }, (_, n) => `data: {"jsonrpc":"2.0","method":"a/${n}"}\n\n`).join(''),
    ],
    [
      'foreign answers',
      Array.from({ length: 2000 }, (_, n) => `data: {"jsonrpc":"2.0","id":${n + 999},"result":{}}\n\n`).join(''),
    ],
    ['long names of events', `event: ${'e'.repeat(100_000)}\ndata: 1\n\n`],
  ])('of %s is bounded', async (_, noise) => {
    const server = await started(
      startScripted({
        'tools/call': ({ id }, response) => {
          const answer = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'done' }] } };
          response.writeHead(200, events).end(`${noise}data: ${JSON.stringify(answer)}\n\n`);
          return undefined;
        },
      }),
    );
    const target = await targets().connect(endpoint(server.url), { signal });
    const { content, notes = [] } = await target.callTool('work', {}, call);
    expect(content).toEqual([{ type: 'text', text: 'done' }]);
    expect(notes.length).toBeLessThanOrEqual(5);
    expect(JSON.stringify(notes).length).toBeLessThan(1500);
    await target.close();
  });
});

describe('closing', () => {
  it('does not wait for a server that never answers the end of its session', { timeout: 10_000 }, async () => {
    const server = await started(
      startScripted({
        initialize: (_, response) => {
          response.setHeader('mcp-session-id', 'kept');
          return {
            result: {
              protocolVersion: '2025-11-25',
              capabilities: { tools: {} },
              serverInfo: { name: 's', version: '1' },
            },
          };
        },
        DELETE: unanswered,
      }),
    );
    const target = await targets().connect(endpoint(server.url), { signal });
    expect(target.sessionId).toBe('kept');
    await target.close();
    expect(server.asked.at(-1)).toBe('DELETE');
  });

  it('ends the session of a connection that failed after it had begun', async () => {
    const server = await started(
      startScripted({
        initialize: (_, response) => {
          response.setHeader('mcp-session-id', 'kept');
          return {
            result: {
              protocolVersion: '2025-11-25',
              capabilities: { tools: {} },
              serverInfo: { name: 's', version: '1' },
            },
          };
        },
        'tools/list': () => ({ error: { code: -32603, message: 'down' } }),
      }),
    );
    await failureOf(targets().connect(endpoint(server.url), { signal }));
    expect(server.asked.at(-1)).toBe('DELETE');
  });
});

describe('credentials', () => {
  it('are masked wherever the server repeats them', async () => {
    const secrets = ['s3cret-token', 'k3y-of-team', 'pa55-in-query'];
    const echo: Answer = (_, response, request) => {
      const said = `${request.headers.authorization} ${request.headers['x-team']} ${request.url}`;
      response.writeHead(500, said.replace(/[^ -~]/g, '')).end(said);
      return undefined;
    };
    const refuse: Answer = (_, __, request) => ({
      error: {
        code: -32000,
        message: `Not for ${request.headers.authorization} ${request.headers['x-team']} ${request.url}`,
      },
    });
    const server = await started(
      startScripted({ 'tools/call': echo, 'resources/list': refuse, 'resources/read': echo }),
    );
    const to = endpoint(`${server.url}?key=pa55-in-query`, {
      auth: { kind: 'bearer', token: 's3cret-token' },
      headers: { 'X-Team': 'k3y-of-team' },
    });
    const target = await targets().connect(to, { signal });
    const errors = [
      await failureOf(target.callTool('work', {}, call)),
      await failureOf(target.listResources(call)),
      await failureOf(target.readResource('a', call)),
    ];
    for (const error of errors) {
      const { message, remediation, details, stack, cause } = error;
      const told = JSON.stringify([message, remediation, details, stack, String(cause)]);
      for (const secret of secrets) expect(told).not.toContain(secret);
      expect(told).toContain('[redacted]');
    }
    await target.close();
  });
});
