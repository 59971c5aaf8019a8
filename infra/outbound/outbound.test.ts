import { once } from 'node:events';
import { createServer } from 'node:http';
import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listening, listen, serve } from '../../tests/support/targets/http.ts';
import type { OutboundError } from './error.ts';
import { createOutbound, type Outbound, type OutboundOptions } from './index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function outboundWith(options: Partial<OutboundOptions> = {}): Outbound {
  const outbound = createOutbound({ allowedTargets: ['127.0.0.0/8'], ...options });
  closing.push(outbound.close);
  return outbound;
}

async function started(server: Promise<Listening>): Promise<Listening> {
  const listening = await server;
  closing.push(listening.close);
  return listening;
}

const failureOf = (work: Promise<unknown>): Promise<OutboundError> =>
  work.then(
    () => expect.unreachable('should have failed'),
    (error) => error,
  );

const everything = ['0.0.0.0/0', '::/0', 'shop.internal=0.0.0.0/0'];

/** Resolves to the given addresses, one list a call; the last one stays. */
function answering(...answers: string[][]): LookupFunction {
  let calls = 0;
  return (_host, _options, callback) => {
    const found = answers[Math.min(calls++, answers.length - 1)] ?? [];
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

describe('a name', () => {
  it.each([
    [['127.0.0.1']],
    [['10.1.2.3']],
    [['::1']],
    [['::ffff:192.168.0.1']],
    [['169.254.169.254']],
    [['fe80::1%eth0']],
    [['93.184.216.34', '10.0.0.1']],
  ])('that resolves to %s is refused', async (addresses) => {
    const outbound = outboundWith({
      allowedTargets: [],
      lookup: answering(addresses),
    });
    const error = await failureOf(outbound.fetch('https://shop.example.com/mcp'));
    expect(error).toMatchObject({ name: 'OutboundError', kind: 'blocked', retryable: false });
    expect(error.message).not.toContain(addresses[0]);
  });

  it('is dialled at the address that was checked, when it answers another the next time', async () => {
    let hits = 0;
    const server = await started(serve((_, response) => response.end(`hit ${++hits}`)));
    const resolved: string[] = [];
    const rebinding = answering(['127.0.0.2'], ['127.0.0.1']);
    const lookup: LookupFunction = (host, options, callback) =>
      rebinding(host, options, (error, found, family) => {
        resolved.push(JSON.stringify(found));
        callback(error, found, family);
      });
    // 127.0.0.2 stands for the public address: it is allowed, 127.0.0.1 is not.
    const outbound = outboundWith({ allowedTargets: ['127.0.0.2'], lookup });
    const error = await failureOf(outbound.fetch(`https://shop.example.com:${server.port}/`));
    // Dialled 127.0.0.2, where nothing listens, though by then the name meant 127.0.0.1.
    expect(error.kind).toBe('refused');
    expect(resolved).toHaveLength(1);
    expect((await failureOf(outbound.fetch(`https://shop.example.com:${server.port}/`))).kind).toBe('blocked');
    expect(hits).toBe(0);
  });

  it.each<[string[], string, string]>([
    [['shop.internal=127.0.0.0/8'], '127.0.0.1', 'inside'],
    [['*.internal=127.0.0.0/8'], '127.0.0.1', 'inside'],
    [['shop.internal', '127.0.0.0/8'], '127.0.0.1', 'inside'],
    [['shop.internal', 'shop.internal=10.0.0.0/8', 'shop.internal=127.0.0.1'], '127.0.0.1', 'inside'],
    [['shop.internal=127.0.0.0/8'], '::ffff:127.0.0.1', 'inside'],
    [['shop.internal'], '127.0.0.1', 'blocked'],
    [['*.internal'], '127.0.0.1', 'blocked'],
    [['shop.internal=10.0.0.0/8'], '127.0.0.1', 'blocked'],
    [['shop.internal', 'other.internal=127.0.0.0/8'], '127.0.0.1', 'blocked'],
    [['shop.internal', '*.shop.internal=127.0.0.0/8'], '127.0.0.1', 'blocked'],
  ])('with the allow list %j that leads to %s is %s', async (allowedTargets, address, expected) => {
    const server = await started(serve((_, response) => response.end('inside')));
    const outbound = outboundWith({ allowedTargets, lookup: answering([address]) });
    const answer = outbound.fetch(`http://shop.internal:${server.port}/`).then(
      (response) => response.text(),
      (error: OutboundError) => error.kind,
    );
    expect(await answer).toBe(expected);
  });

  it('of which one address is outside the network that it is allowed is refused', async () => {
    const outbound = outboundWith({
      allowedTargets: ['shop.internal=127.0.0.0/8'],
      lookup: answering(['127.0.0.1', '10.0.0.1']),
    });
    expect((await failureOf(outbound.fetch('http://shop.internal:8443/'))).kind).toBe('blocked');
  });

  it('that the allow list names may still not resolve to a metadata address or an own port', async () => {
    const server = await started(serve((_, response) => response.end('own')));
    const metadata = outboundWith({ allowedTargets: everything, lookup: answering(['169.254.169.254']) });
    expect((await failureOf(metadata.fetch('http://shop.internal/'))).kind).toBe('blocked');
    const own = outboundWith({
      allowedTargets: everything,
      lookup: answering(['127.0.0.1']),
      ownPorts: () => [server.port],
    });
    expect((await failureOf(own.fetch(`http://shop.internal:${server.port}/`))).kind).toBe('blocked');
  });

  it("may not lead to an own port at an address of this machine's network", async () => {
    const [address] = Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
    );
    const outbound = outboundWith({
      allowedTargets: everything,
      lookup: answering([address ?? '127.0.0.1']),
      ownPorts: [3000],
    });
    expect((await failureOf(outbound.fetch('http://shop.internal:3000/'))).kind).toBe('blocked');
  });
});

describe('a server that Armature uses on another machine', () => {
  const ownServices = [
    { host: 'postgres', port: 5432 },
    { host: '192.0.2.9', port: 7233 },
  ];
  const lookup: LookupFunction = (host, _options, callback) =>
    callback(null, [{ address: host === 'other.internal' ? '192.0.2.6' : '192.0.2.5', family: 4 }]);
  const outbound = (ownPorts: number[] = []) =>
    outboundWith({
      allowedTargets: ['192.0.2.0/24', 'postgres', '*.internal'],
      ownServices,
      ownPorts,
      lookup,
      connectTimeoutMs: 50,
    });

  it.each([
    'http://postgres:5432/',
    'http://POSTGRES.:5432/',
    'http://alias.internal:5432/',
    'http://192.0.2.5:5432/',
    'http://[::ffff:192.0.2.5]:5432/',
    'http://192.0.2.9:7233/',
    'http://192.0.2.9:7243/',
    'http://postgres:7233/',
  ])('is refused as %s', async (url) => {
    const error = await failureOf(outbound([7243]).fetch(url));
    expect(error).toMatchObject({ kind: 'blocked', remediation: expect.stringContaining('whatever the allow list') });
  });

  it.each(['http://192.0.2.5:8443/', 'http://other.internal:5432/', 'http://192.0.2.6:5432/'])(
    'leaves %s free',
    async (url) => {
      const outcome = outbound()
        .fetch(url, { timeoutMs: 200 })
        .then(
          ({ status }) => status,
          (error: OutboundError) => error.kind,
        );
      // Nothing should answer at these addresses, but a network may have a gateway that does.
      expect(await outcome).not.toBe('blocked');
    },
  );
});

describe('a redirect', () => {
  const redirecting = (location: (origin: string) => string, status = 307) =>
    started(
      serve((request, response) => {
        const origin = `http://${request.headers.host}`;
        if (request.url === '/end') response.end(`${request.method} arrived`);
        else response.writeHead(status, { location: location(origin) }).end();
      }),
    );

  it('within the origin is followed with method and body', async () => {
    const { origin } = await redirecting(() => '/end');
    const response = await outboundWith().fetch(`${origin}/start`, { method: 'POST', body: 'x' });
    expect(await response.text()).toBe('POST arrived');
  });

  it('that would change the method is returned as it is', async () => {
    const { origin } = await redirecting(() => '/end', 302);
    const response = await outboundWith().fetch(`${origin}/start`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(302);
  });

  it('to another origin is refused, which is named, and nothing is sent there', async () => {
    let hits = 0;
    const other = await started(
      serve((_, response) => {
        hits++;
        response.end();
      }),
    );
    const { origin } = await redirecting(() => `${other.origin}/steal?token=1`);
    const error = await failureOf(outboundWith().fetch(`${origin}/start`, { headers: { authorization: 'Bearer s' } }));
    expect(error).toMatchObject({ kind: 'blocked', details: { status: 307, location: `${other.origin}/steal` } });
    expect(error.message).toContain(other.origin);
    expect(error.message).not.toContain('token');
    expect(hits).toBe(0);
  });

  it.each(['http://169.254.169.254/latest/', 'http://[::ffff:a9fe:a9fe]/', 'file:///etc/passwd'])(
    'to %s is refused',
    async (location) => {
      const { origin } = await redirecting(() => location);
      const outbound = outboundWith({ allowedTargets: everything });
      expect((await failureOf(outbound.fetch(`${origin}/start`))).kind).toBe('blocked');
    },
  );

  it('that never ends is given up', async () => {
    let hits = 0;
    const { origin } = await redirecting(() => `/again/${hits++}`);
    expect(await failureOf(outboundWith().fetch(`${origin}/start`))).toMatchObject({ kind: 'http_status' });
    expect(hits).toBe(6);
  });
});

describe('limits', () => {
  it('end an answer that is larger than allowed, while it comes', async () => {
    let sent = 0;
    const { origin } = await started(
      serve((_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024;
          response.once('drain', more);
        };
        more();
      }),
    );
    const failures: OutboundError[] = [];
    const response = await outboundWith().fetch(origin, {
      maxBytes: 300_000,
      onFailure: (each) => failures.push(each),
    });
    await expect(response.text()).rejects.toThrow();
    expect(failures[0]).toMatchObject({ kind: 'too_large', details: { limit: 300_000 } });
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  it('count what decompression gives', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    const { origin } = await started(
      serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)),
    );
    const outbound = outboundWith();
    const response = await outbound.fetch(origin, { maxBytes: 100_000 });
    expect((await failureOf(response.text())).kind).toBe('too_large');
    expect((await (await outbound.fetch(origin, { maxBytes: 6_000_000 })).text()).length).toBe(5_000_000);
  });

  it('count each event of an endless stream for itself', async () => {
    const { origin } = await started(
      serve((request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let n = 0; n < 100; n++) response.write(`data: ${'x'.repeat(1000)}\r\n\r\n`);
        if (request.url === '/huge') response.write(`data: ${'x'.repeat(20_000)}`);
        else response.end();
      }),
    );
    const outbound = outboundWith();
    const fine = await outbound.fetch(origin, { maxBytes: 5000, allowStreaming: true });
    expect((await fine.text()).length).toBe(100 * 1010);
    const huge = await outbound.fetch(`${origin}/huge`, { maxBytes: 5000, allowStreaming: true });
    await expect(huge.text()).rejects.toThrow();
  });

  it('end an answer that has too many headers', async () => {
    const { origin } = await started(
      serve((_, response) => response.writeHead(200, { 'x-large': 'x'.repeat(40_000) }).end()),
    );
    expect((await failureOf(outboundWith().fetch(origin))).kind).toBe('too_large');
  });

  it('end a server that never answers, and one that stops in the middle', async () => {
    const { origin } = await started(
      serve((request, response) => {
        if (request.url === '/half') response.write('half');
      }),
    );
    const outbound = outboundWith();
    expect(await failureOf(outbound.fetch(origin, { headersTimeoutMs: 50 }))).toMatchObject({
      kind: 'timeout',
      details: { limit: 50 },
    });
    const half = await outbound.fetch(`${origin}/half`, { timeoutMs: 80 });
    expect((await failureOf(half.text())).kind).toBe('timeout');
  });

  it("leave the caller's own abort as it is", async () => {
    const { origin } = await started(serve(() => {}));
    const controller = new AbortController();
    const reason = new Error('superseded');
    const work = failureOf(outboundWith().fetch(origin, { signal: controller.signal }));
    controller.abort(reason);
    expect(await work).toBe(reason);
  });
});

describe('connections', () => {
  it('are kept and used again', async () => {
    let connections = 0;
    const server = createServer((_, response) => response.end('ok'));
    server.on('connection', () => connections++);
    const { origin } = await started(listen(server));
    const outbound = outboundWith();
    for (let n = 0; n < 20; n++) await (await outbound.fetch(origin)).text();
    // The second request may come before the first connection is free again.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('are ended by close', async () => {
    const server = createServer((_, response) => response.end('ok'));
    const { origin } = await started(listen(server));
    const outbound = createOutbound({ allowedTargets: ['127.0.0.1'] });
    const connected = once(server, 'connection');
    await (await outbound.fetch(origin)).text();
    const [socket] = await connected;
    const ended = once(socket, 'close');
    await outbound.close();
    await ended;
  });
});

describe('a request that HTTP does not allow', () => {
  it('fails without repeating the value of the header', async () => {
    const error = await failureOf(
      outboundWith().fetch('http://127.0.0.1:1/', { headers: { 'x-key': 'hunter2\nx: y' } }),
    );
    expect(error).toMatchObject({ name: 'OutboundError' });
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2');
  });
});
