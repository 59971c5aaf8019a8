/** A request that anyone can send, in a size to choose. */
export type PublicRequest = {
  name: string;
  method: 'GET' | 'POST';
  path: string;
  headers: { [name: string]: string };
  /** The largest body that the route reads. 0 without a body. */
  maxBytes: number;
  /** A body of about as many bytes, at most. */
  body(bytes: number): string;
};

const kib = 1024;
const fill = (part: string) => (bytes: number) => part.repeat(Math.floor(bytes / part.length));
const json = (bytes: number) => `{${'"a":1,'.repeat(Math.floor((bytes - 10) / 6))}"b":1}`;
const nested = (bytes: number) => `${'['.repeat(Math.floor(bytes / 2))}${']'.repeat(Math.floor(bytes / 2))}`;
const multipart = (bytes: number) => {
  const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
  return `${part.repeat(Math.max(1, Math.floor((bytes - 10) / part.length)))}--x--\r\n`;
};

/** Bodies of every content type, worst cases of their parsers among them. */
const bodies: { [name: string]: { type: string; body: (bytes: number) => string } } = {
  'one field, repeated': { type: 'application/x-www-form-urlencoded', body: fill('a=&') },
  'empty fields': { type: 'application/x-www-form-urlencoded', body: fill('&') },
  'one long field': {
    type: 'application/x-www-form-urlencoded',
    body: (bytes) => `email=${'x'.repeat(Math.max(0, bytes - 6))}`,
  },
  'escaped characters': {
    type: 'application/x-www-form-urlencoded',
    body: (bytes) => `email=${fill('%00')(bytes - 6)}`,
  },
  'a multipart form': { type: 'multipart/form-data; boundary=x', body: multipart },
  JSON: { type: 'application/json', body: json },
  'nested JSON': { type: 'application/json', body: nested },
  text: { type: 'text/plain', body: fill('x') },
  bytes: { type: 'application/octet-stream', body: fill('\u0000') },
};

/** Paths by the size of the largest body that they read. */
const paths: { [path: string]: number } = {
  '/sign-in': 16 * kib,
  '/sign-in.data': 16 * kib,
  '/sign-up': 16 * kib,
  '/sign-out': 16 * kib,
  '/reset-password': 16 * kib,
  '/reset-password?token=x': 16 * kib,
  '/verify-email?token=x': 16 * kib,
  '/slack/link?token=x': 16 * kib,
  '/webhooks/resend': 128 * kib,
  '/slack/events': 1024 * kib,
  // Read only with a session, a key, or not at all.
  '/': 2048 * kib,
  '/nothing': 2048 * kib,
  '/o/acme/servers/new': 2048 * kib,
  '/api/mcp': 1024 * kib,
};

/** Headers of a service with a signature that is wrong, or of an agent with an unknown key. */
const headersOf = (path: string): { [name: string]: string } => {
  const now = String(Math.floor(Date.now() / 1000));
  if (path === '/webhooks/resend')
    return { 'svix-id': 'x', 'svix-timestamp': now, 'svix-signature': `v1,${'A'.repeat(43)}= `.repeat(80) };
  if (path === '/slack/events')
    return { 'x-slack-request-timestamp': now, 'x-slack-signature': `v0=${'0'.repeat(64)}` };
  return path === '/api/mcp' ? { authorization: `Bearer amt_${'0'.repeat(16)}_${'a'.repeat(43)}` } : {};
};

/** Node refuses headers of more than 16 KiB in all. */
const long = 12 * kib;
const gets: [name: string, path: string, headers?: { [name: string]: string }][] = [
  ['long query', `/sign-in?to=/${'%2F'.repeat(long / 3)}`],
  ['many parameters', `/sign-in?${'a&'.repeat(long / 2)}`],
  ['many cookies', '/sign-in', { cookie: 'a=b;'.repeat(long / 4) }],
  ['one long cookie', '/sign-in', { cookie: `armature.session_token=${'%25'.repeat(long / 3)}` }],
  ['long path', `/${'a/'.repeat(long / 2)}`],
  ['long name', `/status/${'a'.repeat(long)}`],
  ['long key', '/api/mcp', { authorization: `Bearer ${' '.repeat(long)}x y` }],
  ['long token', '/metrics', { authorization: `Bearer ${' '.repeat(long)}x y` }],
  ['addresses', '/sign-in', { 'x-forwarded-for': '1.1.1.1,'.repeat(long / 8) }],
  ['plain', '/healthz'],
  ['plain', '/readyz'],
  ['many parameters', `/slack/oauth_redirect?${'state=&'.repeat(long / 7)}`],
];

/** Every public route, with bodies of every content type. Forms need the app's `Origin` in addition. */
export function publicRequests(): PublicRequest[] {
  const posts = Object.entries(paths).flatMap(([path, maxBytes]) =>
    Object.entries(bodies).map(
      ([name, { type, body }]): PublicRequest => ({
        name: `POST ${path}, ${name}`,
        method: 'POST',
        path,
        headers: { 'content-type': type, ...headersOf(path) },
        maxBytes,
        body,
      }),
    ),
  );
  const reads = gets.map(
    ([name, path, headers = {}]): PublicRequest => ({
      name: `GET ${path.slice(0, 24)}, ${name}`,
      method: 'GET',
      path,
      headers,
      maxBytes: 0,
      body: () => '',
    }),
  );
  return [...posts, ...reads];
}
