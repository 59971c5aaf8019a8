import { gzipSync } from 'node:zlib';
import { createFuzz } from '../../support/fuzz.ts';
import { envelope } from '../mcp/endpoint.ts';

export type Sent = { method: string; path: string; headers: string[]; body: string | Buffer };

/** Two callers, and a credential that the API refuses. Nobody else has what is in them. */
export const callers = ['ada', 'bob', 'nobody'] as const;
export type CallerName = (typeof callers)[number];

type World = { products: readonly string[]; secretOf: (name: CallerName) => string };

/** Makes requests that no sensible client sends, the same for the same seed. */
export function createRequests(seed: number, { products, secretOf }: World): () => Sent & { caller: CallerName } {
  const { hostile, next, pick, spoiled } = createFuzz(seed);
  const header = (value: unknown): string =>
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replaceAll(/[^\x20-\x7e]/g, '').slice(0, 500);
  /** Ways out of a header, a path or a host. */
  const tricks = [
    'a\r\nX-Injected: 1',
    'a\nX-Injected: 1',
    '\u560d\u560aX-Injected: 1',
    '..',
    '.',
    '../../admin',
    '%2e%2e/%2e%2e/admin',
    '..;/admin',
    '\\..\\admin',
    '//127.0.0.1:1/x',
    'http://169.254.169.254/latest',
    '@127.0.0.1',
    '?admin=1#',
    '{host}',
    '%00',
    '\ud800',
  ];
  const value = (): unknown => (next() < 0.4 ? pick(tricks) : hostile());
  /** A text, so that the schema lets it pass. */
  const word = (): string => {
    const any = value();
    return typeof any === 'string' ? any : (JSON.stringify(any) ?? '');
  };
  const calls: (() => [name: string, args: unknown])[] = [
    () => [
      'echo',
      {
        id: word(),
        other: [word()],
        q: word(),
        filter: { a: word(), [String(pick(['__proto__', 'b', 'x]']))]: 1 },
        list: [word(), 'b'],
        'X-Note': word(),
        'X-Notes': { a: word() },
        theme: word(),
      },
    ],
    () => ['echo', { id: pick(tricks), other: [pick(tricks)], 'X-Note': pick(tricks), theme: pick(tricks) }],
    () => ['echo', { id: 'a', other: ['b'], answer: { fields: [word()], offset: pick([0, 5, -1, 1e300]) } }],
    () => ['sendJson', { body: spoiled({ a: 'x', b: 1 }) }],
    () => ['sendJson', { body: JSON.stringify(spoiled({ a: 'x', b: 1 })) }],
    () => ['sendClosed', { a: word(), b: pick([1, 2 ** 60, -0, 1.5]) }],
    () => ['sendForm', { body: { a: word(), b: 2 } }],
    () => [
      'sendMultipart',
      {
        body: {
          file: { [pick(['text', 'base64'])]: word(), filename: word(), media_type: pick(['a/b', word()]) },
          note: word(),
        },
      },
    ],
    () => ['sendText', { body: word() }],
    () => [
      'sendBytes',
      { body: { [pick(['text', 'base64'])]: pick([btoa('x'), word()]), media_type: pick(['a/b', word()]) } },
    ],
    () => ['sendAny', { body: value() }],
    () => ['callElsewhere', {}],
    () => ['callVariable', { host: pick(['169.254.169.254', 'evil.example', '127.0.0.1:22']) }],
    () => ['callMetadata', {}],
    () => ['redirect', {}],
    () => [`get_${pick(['long', 'deep', 'proto', 'lies', 'charset', 'numbers', 'bytes', 'instructions'])}`, {}],
    () => [`get_${pick(['failing', 'refusing', 'teapot', 'proxy'])}`, { answer: { fields: ['a'] } }],
    () => [next() < 0.1 ? 'get_huge' : 'get_long', { answer: { offset: pick([1, 40_000, 1e15, -1]) } }],
    () => [header(value()), {}],
    () => ['search_operations', { query: value() }],
    () => ['describe_operation', { operation: value() }],
  ];
  const otherMethods: (() => { method: string; params: unknown })[] = [
    () => ({ method: 'tools/list', params: { cursor: value() } }),
    () => ({ method: 'tools/list', params: {} }),
    () => ({
      method: 'initialize',
      params: spoiled({ protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } }),
    }),
    () => ({ method: 'server/discover', params: {} }),
    () => ({ method: 'ping', params: {} }),
    () => ({ method: pick(['resources/list', 'prompts/list', 'logging/setLevel', 'tasks/list']), params: hostile() }),
    () => ({ method: pick(['notifications/cancelled', 'notifications/initialized']), params: { requestId: 1 } }),
    () => ({ method: pick(['completion/complete', 'subscriptions/listen', 'resources/subscribe']), params: {} }),
    () => ({ method: header(hostile()) || 'x', params: hostile() }),
  ];

  function message(caller: CallerName, isSearch: boolean): { method: string; params: unknown } {
    if (next() > 0.8) {
      const { method, params } = pick(otherMethods)();
      return { method, params };
    }
    const [name, args] = pick(calls)();
    const given = next() < 0.2 ? spoiled(args) : args;
    const hidden = next() < 0.06 ? Object.assign({}, given, { [secretOf(caller)]: secretOf(caller) }) : given;
    const direct = { name: next() < 0.02 ? secretOf(caller) : name, arguments: hidden };
    const isRead = /^(get|echo|call|redirect)/.test(name) === next() < 0.9;
    const through = {
      name: isRead ? 'call_read_operation' : 'call_write_operation',
      arguments: { operation: name, arguments: hidden },
    };
    const _meta = next() < 0.1 ? { _meta: { progressToken: value(), token: secretOf(caller) } } : {};
    const stands = /^(search|describe)_/.test(name) || isSearch === next() < 0.1;
    return { method: 'tools/call', params: { ...(stands ? direct : through), ..._meta } };
  }

  function bodyOf({ method, params }: { method: string; params: unknown }): string | Buffer {
    const kind = next();
    const isNote = method.startsWith('notifications/') && next() < 0.8;
    const text = JSON.stringify({ jsonrpc: '2.0', ...(!isNote && { id: pick([1, 'a', 0, -1]) }), method, params });
    if (kind < 0.9) return text;
    return pick<() => string | Buffer>([
      () => '',
      () => `\ufeff${text}`,
      () => `[${text},${text}]`,
      () => Buffer.from(text, 'utf16le'),
      () => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xfe, 0x7d])]),
      () => gzipSync(Buffer.alloc(5_000_000, text)),
      () => 'x'.repeat(1_100_000),
      () => `${'['.repeat(5000)}`,
      () => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`,
      () => text.replace('"jsonrpc"', '"jsonrpc":"1.0","__proto__":{"polluted":true},"jsonrpc"'),
      () => text.slice(0, -5),
    ])();
  }

  /** The credential, mostly where it belongs. */
  function credentialOf(caller: CallerName): string[] {
    const secret = secretOf(caller);
    const kind = next();
    if (kind < 0.9) return ['Authorization', `Bearer ${secret}`];
    return pick<string[]>([
      [],
      ['Authorization', secret],
      ['Authorization', `bearer   ${secret}  `],
      ['Authorization', `Bearer Bearer ${secret}`],
      ['Authorization', `Basic ${btoa(`${secret}:${secret}`)}`],
      ['Authorization', `Bearer ${secret}, Bearer ${secret}`],
      ['Authorization', 'Bearer '],
      ['Authorization', `Bearer ${secret}\u00ff`],
      ['Authorization', `Bearer ${'x'.repeat(9000)}`],
      ['Proxy-Authorization', `Bearer ${secret}`],
      ['Cookie', `Authorization=${secret}; session=${secret}`],
      ['X-Api-Key', secret],
    ]);
  }

  function pathFor(caller: CallerName): string {
    const product = pick(products);
    if (next() < 0.92) return product;
    return pick([
      `${product}?key=${secretOf(caller)}&__proto__=1`,
      `${product}/${secretOf(caller)}`,
      `/p/${secretOf(caller)}/shop`,
      `${product}/../../../api/mcp`,
      `${product}%2f..%2f..`,
      `${product}%00`,
      `${product}/%zz`,
      `/p//${product.slice(3)}`,
      `/p/%2e%2e/%2e%2e`,
      `/p/${'x'.repeat(3000)}`,
      `/p/.well-known/oauth-authorization-server`,
      `${product}/.well-known/openid-configuration`,
      `/p/${encodeURIComponent("a' OR 1=1 --")}/x`,
    ]);
  }

  return () => {
    const caller = next() < 0.95 ? pick(['ada', 'bob'] as const) : 'nobody';
    const method = next() < 0.95 ? 'POST' : pick(['GET', 'DELETE', 'PUT', 'OPTIONS', 'PATCH', 'HEAD']);
    const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
    const odd = (name: string, chance: number, make: () => string): string[] =>
      next() < chance ? [name, make() || 'x'] : [];
    const path = pathFor(caller);
    const said = message(caller, path.startsWith(products[1] ?? ''));
    const era = next() < 0.9 ? pick(['2025-11-25', '2026-07-28']) : header(hostile());
    const isModern = era === '2026-07-28' && next() < 0.95;
    const asked = isModern ? asModern(said) : { ...said, headers: [] };
    const body = hasBody ? bodyOf(asked) : '';
    return {
      caller,
      method,
      path,
      headers: [
        ...['Host', '127.0.0.1', 'X-Forwarded-For', `10.${[1, 2, 3].map(() => Math.floor(next() * 256)).join('.')}`],
        ...credentialOf(caller),
        ...['Accept', next() < 0.95 ? 'application/json, text/event-stream' : pick(['*/*', 'text/html', 'a/b;q=x'])],
        ...[
          'Content-Type',
          next() < 0.95
            ? 'application/json'
            : pick(['text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', 'x']),
        ],
        ...['Content-Length', String(Buffer.byteLength(body))],
        ...odd('Content-Encoding', 0.02, () => pick(['gzip', 'br', 'identity', 'x'])),
        ...odd('Mcp-Protocol-Version', isModern ? 1 : 0.8, () => era),
        ...asked.headers,
        ...odd('Mcp-Session-Id', 0.1, () => pick([secretOf('ada'), secretOf('bob'), header(hostile())])),
        ...odd('Mcp-Method', 0.02, () => pick(['tools/call', 'tools/list', header(hostile())])),
        ...odd('Mcp-Name', 0.02, () => pick(['echo', header(hostile())])),
        ...odd('Last-Event-ID', 0.05, () => header(hostile())),
        ...odd('Origin', 0.02, () => pick(['http://evil.example', 'null'])),
      ],
      body,
    };
  };
}

/** With what the revision of 2026 wants in the message and beside it. */
function asModern({ method, params }: { method: string; params: unknown }) {
  const given = typeof params === 'object' && params !== null && !Array.isArray(params) ? params : {};
  const named = Object.assign({ name: undefined, _meta: {} }, given);
  const name = typeof named.name === 'string' && /^[\x21-\x7e]+$/.test(named.name) ? ['Mcp-Name', named.name] : [];
  return {
    method,
    params: { ...given, _meta: { ...named._meta, ...envelope() } },
    headers: ['Mcp-Method', method.replaceAll(/[^\x20-\x7e]/g, '') || 'x', ...name],
  };
}
