import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createCertificate } from '../../tests/support/targets/certificate.ts';
import { endpoint, failureOf, setUpTargets } from '../../tests/support/targets/harness.ts';
import { listen, serve } from '../../tests/support/targets/http.ts';
import { startScripted } from '../../tests/support/targets/scripted.ts';
import type { Endpoint } from './index.ts';

const { targets, started } = setUpTargets();
const signal = new AbortController().signal;
const day = 86_400_000;

const json = { 'content-type': 'application/json' };
const lookupOf =
  (...addresses: string[]): LookupFunction =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('an address', () => {
  it.each<[string, string, Partial<Endpoint>]>([
    ['shop.example.com/mcp', 'invalid_url', {}],
    ['https://ada:pw@shop.example.com/mcp', 'invalid_url', {}],
    ['http://127.0.0.1:1/mcp', 'invalid_url', { headers: { 'X Team': 'blue' } }],
    ['http://127.0.0.1:1/mcp', 'invalid_url', { headers: { Host: 'other' } }],
    ['http://127.0.0.1:1/mcp', 'invalid_url', { auth: { kind: 'bearer', token: 'a\nb' } }],
    ['http://10.0.0.1/mcp', 'blocked', {}],
    ['http://169.254.169.254/latest', 'blocked', {}],
    ['https://[::ffff:10.0.0.1]/mcp', 'blocked', {}],
    ['http://shop.example.com/mcp', 'blocked', {}],
  ])('%s fails as %s', async (url, kind, rest) => {
    for (const transport of ['streamable_http', 'sse'] as const) {
      const error = await failureOf(targets().connect(endpoint(url, { transport, ...rest }), { signal }));
      expect(error).toMatchObject({ kind, retryable: false });
      expect(error.remediation).not.toBe('');
    }
  });

  it.each(['streamable_http', 'sse'] as const)(
    'whose name means a private address is blocked (%s)',
    async (transport) => {
      const mcp = targets({ allowedTargets: [], lookup: lookupOf('10.1.2.3') });
      const error = await failureOf(mcp.connect(endpoint('https://shop.example.com/mcp', { transport }), { signal }));
      expect(error).toMatchObject({ kind: 'blocked' });
      expect(error.message).not.toContain('10.1.2.3');
    },
  );

  it.each(['streamable_http', 'sse'] as const)(
    "of Armature's own is blocked though the list allows it (%s)",
    async (transport) => {
      let hits = 0;
      const own = await started(
        serve((_, response) => {
          hits++;
          response.end();
        }),
      );
      const mcp = targets({ allowedTargets: ['0.0.0.0/0', '::/0', 'localhost'], ownPorts: [own.port] });
      for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
        const to = endpoint(`http://${host}:${own.port}/mcp`, { transport });
        expect(await failureOf(mcp.connect(to, { signal }))).toMatchObject({ kind: 'blocked' });
      }
      expect(hits).toBe(0);
    },
  );

  it('whose name means another address once it was checked is checked again', async () => {
    let lookups = 0;
    const lookup: LookupFunction = (host, options, callback) =>
      lookupOf(++lookups === 1 ? '127.0.0.2' : '10.1.2.3')(host, options, callback);
    // 127.0.0.2 stands for a public address, where nothing listens.
    const gone = await serve(() => {});
    await gone.close();
    const mcp = targets({ allowedTargets: ['127.0.0.2'], lookup });
    const to = endpoint(`https://shop.example.com:${gone.port}/mcp`);
    expect(await failureOf(mcp.connect(to, { signal }))).toMatchObject({ kind: 'refused' });
    expect(await failureOf(mcp.connect(to, { signal }))).toMatchObject({ kind: 'blocked' });
    expect(lookups).toBe(2);
  });

  it.each(['streamable_http', 'sse'] as const)('whose name is not known fails as dns (%s)', async (transport) => {
    const lookup: LookupFunction = (host, _options, callback) =>
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), '');
    const to = endpoint('https://shop.example.com/mcp', { transport });
    const error = await failureOf(targets({ lookup }).connect(to, { signal }));
    expect(error).toMatchObject({ kind: 'dns', retryable: true, details: { code: 'ENOTFOUND' } });
    expect(error.message).toContain('shop.example.com');
  });

  it.each(['streamable_http', 'sse'] as const)('where nothing listens is refused (%s)', async (transport) => {
    const gone = await serve(() => {});
    await gone.close();
    const error = await failureOf(targets().connect(endpoint(`${gone.origin}/mcp`, { transport }), { signal }));
    expect(error).toMatchObject({ kind: 'refused', retryable: true, details: { code: 'ECONNREFUSED' } });
  });

  it('that closes the connection is unreachable', async () => {
    const server = await started(listen(createTcpServer((socket) => socket.destroy())));
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`), { signal }));
    expect(error).toMatchObject({ kind: 'unreachable', retryable: true });
  });

  it('that speaks something else than HTTP is not MCP', async () => {
    const server = await started(
      listen(createTcpServer((socket) => socket.on('data', () => socket.end('220 mail\r\n')))),
    );
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`), { signal }));
    expect(error).toMatchObject({ kind: 'not_mcp' });
  });
});

describe('TLS', () => {
  const now = Date.now();
  it.each([
    ['self-signed', { host: 'shop.example.com', from: new Date(now - day), until: new Date(now + day) }, 'self-signed'],
    ['expired', { host: 'shop.example.com', from: new Date(now - 2 * day), until: new Date(now - day) }, ''],
    ['of another host', { host: 'other.example.com', from: new Date(now - day), until: new Date(now + day) }, ''],
  ])('with a certificate that is %s fails', async (_, certificate, words) => {
    const server = await started(
      listen(
        createTlsServer(createCertificate(certificate), (_q, r) => r.end()),
        'https',
      ),
    );
    const mcp = targets({ allowedTargets: ['0.0.0.0/0', '::/0', 'localhost'], lookup: lookupOf('127.0.0.1') });
    for (const transport of ['streamable_http', 'sse'] as const) {
      const to = endpoint(`https://shop.example.com:${server.port}/mcp`, { transport });
      const error = await failureOf(mcp.connect(to, { signal }));
      expect(error).toMatchObject({ kind: 'tls', retryable: false });
      expect(error.message).toContain(words);
    }
  });

  it('asked of a server without it fails', async () => {
    const server = await started(serve((_, response) => response.end()));
    const to = endpoint(`https://127.0.0.1:${server.port}/mcp`);
    const error = await failureOf(targets().connect(to, { signal }));
    expect(error).toMatchObject({ kind: 'tls' });
    expect(error.message).toContain('does not speak TLS');
  });
});

describe('an HTTP answer', () => {
  it.each<[number, string, { [name: string]: string }, boolean]>([
    [404, 'http_status', {}, false],
    [405, 'http_status', {}, false],
    [302, 'http_status', { location: '/elsewhere' }, false],
    [429, 'http_status', { 'retry-after': '7' }, true],
    [500, 'http_status', {}, true],
    [503, 'http_status', {}, true],
    [403, 'auth', {}, false],
    [401, 'auth', {}, false],
  ])('of status %i fails as %s', async (status, kind, headers, retryable) => {
    const server = await started(serve((_, response) => response.writeHead(status, headers).end('<h1>no</h1>')));
    for (const transport of ['streamable_http', 'sse'] as const) {
      // A redirected GET is followed: that is not this case.
      if (status === 302 && transport === 'sse') continue;
      const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`, { transport }), { signal }));
      expect(error).toMatchObject({ kind, retryable, details: { status } });
      expect(error.message).toContain(String(status));
      if (status === 429) expect(error.details.retryAfterMs).toBe(7000);
      if (status === 429) expect(error.remediation).toContain('less often');
    }
  });

  it.each([
    ['7', 7000],
    ['1.5', 1500],
    ['99999999999', day],
    ['Wed, 01 Jan 2020 00:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
  ])('that asks to wait for "%s" is retried after %s ms', async (header, retryAfterMs) => {
    const server = await started(serve((_, response) => response.writeHead(429, { 'retry-after': header }).end()));
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`), { signal }));
    expect(error.details.retryAfterMs).toBe(retryAfterMs);
  });

  it('that redirects with credentials in the URL is followed without them', async () => {
    const server = await started(
      serve((request, response) =>
        request.url === '/mcp'
          ? response.writeHead(307, { location: `http://ada:pw@${request.headers.host}/moved` }).end()
          : response.writeHead(418).end(String(request.headers.authorization)),
      ),
    );
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`), { signal }));
    expect(error).toMatchObject({ kind: 'http_status', details: { status: 418, answer: 'undefined' } });
  });

  it.each(['streamable_http', 'sse'] as const)('that is a web page is not MCP (%s)', async (transport) => {
    const page = { 'content-type': 'text/html; charset=utf-8' };
    const server = await started(serve((_, response) => response.writeHead(200, page).end('<h1>Welcome</h1>')));
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/`, { transport }), { signal }));
    expect(error).toMatchObject({ kind: 'not_mcp' });
    expect(error.message).toContain('text/html');
  });

  it.each([
    ['JSON of another API', '{"products":[]}'],
    ['half JSON', '{"jsonrpc":"2.0",'],
    ['no JSON at all', 'ok'],
    ['nothing', ''],
  ])('with %s for JSON is not MCP', async (_, body) => {
    const server = await started(serve((_q, response) => response.writeHead(200, json).end(body)));
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/`), { signal }));
    expect(error).toMatchObject({ kind: 'not_mcp', retryable: false });
  });

  it('to a 405 for the path says which transport an older server has', async () => {
    const server = await started(serve((_, response) => response.writeHead(405).end()));
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/sse`), { signal }));
    expect(error.remediation).toContain('SSE');
  });

  it.each(['streamable_http', 'sse'] as const)(
    'that redirects to another origin is not followed (%s)',
    async (transport) => {
      let hits = 0;
      const other = await started(
        serve((_, response) => {
          hits++;
          response.end();
        }),
      );
      const server = await started(
        serve((_, response) => response.writeHead(307, { location: `${other.origin}/steal` }).end()),
      );
      const auth = { kind: 'bearer', token: 's3cret-token' } as const;
      const error = await failureOf(
        targets().connect(endpoint(`${server.origin}/mcp`, { transport, auth }), { signal }),
      );
      expect(error).toMatchObject({ kind: 'blocked', details: { location: `${other.origin}/steal`, status: 307 } });
      expect(hits).toBe(0);
    },
  );
});

describe('a JSON-RPC server', () => {
  it('that does not know initialize is not MCP', async () => {
    const unknown = () => ({ error: { code: -32601, message: 'Method not found' } });
    const server = await started(startScripted({ initialize: unknown }));
    expect(await failureOf(targets().connect(endpoint(server.url), { signal }))).toMatchObject({
      kind: 'not_mcp',
      details: { rpcCode: -32601 },
    });
  });

  it('of a revision from elsewhere fails as a protocol error that names it', async () => {
    const initialize = () => ({
      result: { protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 'old', version: '1' } },
    });
    const server = await started(startScripted({ initialize }));
    const error = await failureOf(targets().connect(endpoint(server.url), { signal }));
    expect(error).toMatchObject({ kind: 'protocol_error' });
    expect(error.message).toContain('1999-01-01');
  });

  it('whose initialize has no MCP result answers malformed', async () => {
    const server = await started(startScripted({ initialize: () => ({ result: { hello: 'there' } }) }));
    expect(await failureOf(targets().connect(endpoint(server.url), { signal }))).toMatchObject({
      kind: 'malformed_result',
    });
  });

  it('that refuses to list its tools says why', async () => {
    const list = () => ({ error: { code: -32603, message: 'The database is down' } });
    const server = await started(startScripted({ 'tools/list': list }));
    const error = await failureOf(targets().connect(endpoint(server.url), { signal }));
    expect(error).toMatchObject({ kind: 'rpc_error', details: { rpcCode: -32603 } });
    expect(error.message).toContain('tools/list');
    expect(error.message).toContain('The database is down');
  });

  it('without tools has none, and is not asked for them', async () => {
    const initialize = () => ({
      result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'bare', version: '1' } },
    });
    const server = await started(startScripted({ initialize }));
    const target = await targets().connect(endpoint(server.url), { signal });
    expect(target).toMatchObject({ tools: [], hasResources: false, protocolVersion: '2025-06-18' });
    expect(server.asked).not.toContain('tools/list');
    await target.close();
  });
});

describe('a server that asks for sign-in', () => {
  const metadata = { authorization_servers: ['https://login.example.com/tenant?x=1'] };

  it.each<[string, (origin: string) => { [path: string]: unknown }, ((origin: string) => string) | undefined, string]>([
    [
      'names its metadata in WWW-Authenticate',
      () => ({ '/meta': metadata }),
      (origin) => `Bearer resource_metadata="${origin}/meta"`,
      'https://login.example.com',
    ],
    [
      'has metadata at its path',
      () => ({ '/.well-known/oauth-protected-resource/mcp': metadata }),
      undefined,
      'https://login.example.com',
    ],
    [
      'has metadata at its root',
      () => ({ '/.well-known/oauth-protected-resource': metadata }),
      () => 'Bearer realm="x"',
      'https://login.example.com',
    ],
    [
      'is its own authorization server (2025-03-26)',
      (origin) => ({ '/.well-known/oauth-authorization-server': { issuer: origin } }),
      undefined,
      'self',
    ],
  ])('and %s wants OAuth', async (_, documents, challenge, named) => {
    const server = await started(
      serve((request, response) => {
        const origin = `http://${request.headers.host}`;
        const found = documents(origin)[request.url ?? ''];
        if (found) return response.writeHead(200, json).end(JSON.stringify(found));
        if (request.url !== '/mcp') return response.writeHead(404).end();
        return response.writeHead(401, challenge ? { 'www-authenticate': challenge(origin) } : {}).end();
      }),
    );
    for (const transport of ['streamable_http', 'sse'] as const) {
      const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`, { transport }), { signal }));
      const authorizationServer = named === 'self' ? server.origin : named;
      expect(error).toMatchObject({ kind: 'oauth_required', details: { status: 401, authorizationServer } });
      expect(error.message).toContain(authorizationServer);
      const auth = { kind: 'bearer', token: 'wrong-token' } as const;
      const given = endpoint(`${server.origin}/mcp`, { transport, auth });
      expect(await failureOf(targets().connect(given, { signal }))).toMatchObject({ kind: 'auth' });
    }
  });

  it.each([
    ['another port of this machine', (origin: string) => `${origin}/internal/admin?delete=all`],
    ['a public address without https', () => 'http://shop.example.com/meta'],
    ['a private address', () => 'https://10.0.0.1/meta'],
    ['another name of this machine', (origin: string) => origin.replace('127.0.0.1', 'localhost')],
    ['no address at all', () => 'not a url'],
  ])('can not have %s called instead of its own metadata', async (_, named) => {
    let hits = 0;
    const inner = await started(
      serve((_, response) => {
        hits++;
        response.writeHead(200, json).end(JSON.stringify({ authorization_servers: ['https://evil.example/?a=b'] }));
      }),
    );
    const challenge = `Bearer resource_metadata="${named(inner.origin)}"`;
    const server = await started(
      serve((request, response) => {
        if (request.url !== '/mcp') return response.writeHead(404).end();
        return response.writeHead(401, { 'www-authenticate': challenge }).end();
      }),
    );
    const mcp = targets({ allowedTargets: ['127.0.0.0/8', 'localhost', '10.0.0.0/8', 'shop.example.com'] });
    const error = await failureOf(mcp.connect(endpoint(`${server.origin}/mcp`), { signal }));
    expect(error.details.status).toBe(401);
    expect(error.details.authorizationServer).toBeUndefined();
    expect(error.message).not.toContain('evil');
    expect(hits).toBe(0);
  });

  it('is asked for its metadata without a query', async () => {
    const asked: (string | undefined)[] = [];
    const server = await started(
      serve((request, response) => {
        asked.push(request.url);
        if (request.url === '/meta') return response.writeHead(200, json).end(JSON.stringify(metadata));
        const challenge = `Bearer resource_metadata="http://${request.headers.host}/meta?delete=all#x"`;
        return response.writeHead(401, { 'www-authenticate': challenge }).end();
      }),
    );
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`), { signal }));
    expect(error).toMatchObject({ kind: 'oauth_required' });
    expect(error.details.authorizationServer).toBe('https://login.example.com');
    expect(asked.filter((url) => url?.startsWith('/meta'))).toEqual(['/meta']);
  });

  it('is not followed to metadata at an address that is blocked', async () => {
    const challenge = 'Bearer resource_metadata="http://169.254.169.254/latest/meta-data"';
    const server = await started(
      serve((_, response) => response.writeHead(401, { 'www-authenticate': challenge }).end()),
    );
    const error = await failureOf(targets().connect(endpoint(`${server.origin}/mcp`), { signal }));
    expect(error).toMatchObject({ kind: 'oauth_required', details: { status: 401 } });
    expect(error.details.authorizationServer).toBeUndefined();
  });
});

describe('a probe', () => {
  it('reports what went wrong, how long it took, and what to do', async () => {
    const server = await started(serve((_, response) => response.writeHead(404).end('nothing here')));
    expect(await targets().probe(endpoint(`${server.origin}/mcp`), { signal })).toEqual({
      ok: false,
      latencyMs: expect.any(Number),
      failure: {
        kind: 'http_status',
        message: `127.0.0.1:${server.port} answered initialize with HTTP status 404 Not Found.`,
        remediation: expect.stringContaining('path'),
        details: { asked: 'initialize', status: 404, answer: 'nothing here' },
      },
    });
  });

  it('that is given up fails with the reason, and ends its request', async () => {
    let open = 0;
    const server = await started(
      serve((request) => {
        open++;
        request.socket.once('close', () => open--);
      }),
    );
    for (const transport of ['streamable_http', 'sse'] as const) {
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      const to = endpoint(`${server.origin}/mcp`, { transport });
      const work = targets().probe(to, { signal: controller.signal });
      await expect.poll(() => open).toBe(1);
      controller.abort(reason);
      await expect(work).rejects.toBe(reason);
      await expect.poll(() => open).toBe(0);
      await expect(targets().probe(to, { signal: controller.signal })).rejects.toBe(reason);
      expect(open).toBe(0);
    }
  });

  it.each(['streamable_http', 'sse'] as const)(
    'of a server that never answers ends in time (%s)',
    async (transport) => {
      const server = await started(serve(() => {}));
      const to = endpoint(`${server.origin}/mcp`, { transport });
      expect(await targets().probe(to, { signal, timeoutMs: 80 })).toMatchObject({
        ok: false,
        failure: { kind: 'timeout', details: { limit: 80 } },
      });
    },
  );
});
