import { type Case, fails, fault, type Reply, replyError, replyHttp, replyHttpError, text } from './case.ts';

const call = (reply: Reply): Case['server'] => ({ on: { 'tools/call': reply } });

/** Answers every request itself. */
const always = (reply: Reply): Case['server'] => ({
  gate: (context) => {
    reply(context);
    return true;
  },
});

const plainText = { 'content-type': 'text/plain' };
const bearer = (challenge: string) => ({ 'www-authenticate': challenge });
const listing = (reply: Reply): Case['server'] => ({ on: { 'tools/list': reply } });

/** What a server says when it refuses. */
export const refusals: { [name: string]: Case } = {
  'rpc-error': {
    server: call(replyError(-32602, 'Invalid arguments for tool x', { a: 1 })),
    call: fails('rpc_error', 'tools/call', '-32602', 'Invalid arguments for tool x'),
    older: 'lists',
  },
  ...Object.fromEntries(
    [400, 401, 403, 404, 409, 422, 429, 500, 502, 503].map((status): [string, Case] => [
      `rpc-error-in-${status}`,
      {
        server: call(replyHttpError(status, -32602, 'Invalid arguments for tool x')),
        call: fails('rpc_error', 'tools/call', '-32602', 'Invalid arguments for tool x', String(status)),
        older: 'lists',
      },
    ]),
  ),
  'rpc-error-without-id-in-400': {
    server: call(replyHttp(400, { jsonrpc: '2.0', error: { code: -32600, message: 'Bad Request: no agent' } })),
    call: fails('rpc_error', '-32600', 'Bad Request: no agent', '400'),
    older: 'lists',
  },
  'rpc-error-named-id-in-400': {
    server: call(replyHttp(400, fault('server-error', -32600, 'Missing session ID'))),
    call: fails('rpc_error', '-32600', 'Missing session ID', '400'),
    older: 'lists',
  },
  'rpc-error-of-another-in-400': {
    server: call(replyHttp(400, fault(4711, -32600, 'Not about this'))),
    call: fails('http_status', '400', 'Not about this'),
    older: 'lists',
  },
  'rpc-result-in-500': {
    server: call(({ message: { id }, ...rest }) =>
      replyHttp(500, { jsonrpc: '2.0', id, result: text('half') })({ message: {}, ...rest }),
    ),
    call: fails('http_status', '500', 'half'),
    older: 'lists',
  },
  'html-503': {
    server: call(replyHttp(503, '<h1>Upstream down</h1>', { 'content-type': 'text/html', 'retry-after': '3' })),
    call: fails('http_status', 'tools/call', '503', 'Upstream down'),
    older: 'lists',
  },
  'empty-500': { server: call(replyHttp(500)), call: fails('http_status', 'tools/call', '500'), older: 'lists' },
  'json-429': {
    server: call(replyHttp(429, { error: 'slow down' }, { 'retry-after': '2' })),
    call: fails('http_status', 'tools/call', '429', 'slow down'),
    older: 'lists',
  },
  'json-422': {
    server: call(replyHttp(422, { detail: [{ loc: ['body', 'arguments'], msg: 'field required' }] })),
    call: fails('http_status', 'tools/call', '422', 'field required'),
    older: 'lists',
  },
  'text-418': {
    server: call(replyHttp(418, 'no coffee')),
    call: fails('http_status', '418', 'no coffee'),
    older: 'lists',
  },
  'expired-401': {
    server: call(
      replyHttp(
        401,
        { error: 'token expired at 12:00' },
        bearer('Bearer error="invalid_token", error_description="The access token expired"'),
      ),
    ),
    call: fails('auth', 'tools/call', '401', 'The access token expired', 'token expired at 12:00', 'invalid_token'),
    older: 'lists',
  },
  'scope-403': {
    server: call(
      replyHttp(
        403,
        { error: 'insufficient_scope' },
        bearer('Bearer error="insufficient_scope", scope="write:orders"'),
      ),
    ),
    call: fails('auth', 'tools/call', '403', 'write:orders', 'insufficient_scope'),
    older: 'lists',
  },
  'scope-403-unquoted': {
    server: call(replyHttp(403, '', bearer('bearer realm=x, error=insufficient_scope,scope="a b"'))),
    call: fails('auth', 'tools/call', 'insufficient_scope', 'a b'),
    older: 'lists',
  },
  'challenges-401': {
    server: call(
      replyHttp(
        401,
        'no',
        bearer('Basic realm="a, b", Bearer error="invalid_token", error_description="Say \\"please\\""'),
      ),
    ),
    call: fails('auth', 'tools/call', '401', 'invalid_token', 'Say "please"'),
    older: 'lists',
  },
  'listing-401': {
    server: listing(replyHttp(401, 'who are you?')),
    probe: fails('auth', 'tools/list', '401', 'who are you?'),
    older: 'fails',
  },
  'host-403': {
    server: always(replyHttp(403, 'Access is only allowed at localhost:4200', plainText)),
    probe: fails('auth', 'initialize', '403', 'Access is only allowed at localhost:4200', 'host name'),
    older: 'fails',
  },
  'origin-403': {
    server: always(replyHttp(403, { error: 'Origin not in list' })),
    probe: fails('auth', 'initialize', '403', 'Origin not in list', 'host name'),
    older: 'fails',
  },
  'basic-401': {
    server: always(replyHttp(401, 'no', bearer('Basic realm="x"'))),
    probe: fails('auth', 'initialize', '401'),
    older: 'fails',
  },
  'host-421': {
    server: always(replyHttp(421, 'Invalid Host header', plainText)),
    probe: fails('http_status', 'initialize', '421', 'Invalid Host header', 'host name'),
    older: 'fails',
  },
  'not-found': {
    server: always(replyHttp(404, 'nothing here')),
    probe: fails('http_status', 'initialize', '404', 'nothing here'),
    older: 'fails',
  },
  'web-page': {
    server: always(replyHttp(200, '<html>Login</html>', { 'content-type': 'text/html' })),
    probe: fails('not_mcp', 'initialize', 'text/html'),
    older: 'fails',
  },
  'error-without-id': {
    server: call(({ message }) =>
      message.id === undefined ? undefined : fault(null, -32700, 'Parse error: upstream'),
    ),
    call: fails('rpc_error', 'tools/call', '-32700', 'Parse error: upstream'),
    older: 'lists',
  },
  'error-gzip': {
    server: { ...call(replyError(-32000, 'packed')), wire: { encoding: 'gzip' } },
    call: fails('rpc_error', 'tools/call', '-32000', 'packed'),
    older: 'lists',
  },
  'error-not-gzip': {
    server: call(replyHttp(500, 'not packed at all', { 'content-encoding': 'gzip' })),
    call: fails('http_status', '500'),
    older: 'lists',
  },
  'error-dripping': {
    server: call(({ response }) => {
      response.writeHead(500, plainText).write('The disk is full');
      const timer = setInterval(() => response.write('.'), 20);
      response.once('close', () => clearInterval(timer));
    }),
    call: fails('http_status', '500', 'The disk is full'),
    older: 'lists',
  },
  'error-huge': {
    server: call(replyHttp(500, `The log: ${'x'.repeat(12 * 1024 * 1024)}`)),
    call: fails('http_status', '500', 'The log'),
    older: 'lists',
  },
  'string-id': { server: call(({ message: { id } }) => ({ jsonrpc: '2.0', id: String(id), result: text('ok') })) },
  'wrong-id': {
    server: call(() => ({ jsonrpc: '2.0', id: 9999, result: text('wrong id') })),
    call: fails('protocol_error', 'tools/call', '9999'),
    older: 'lists',
  },
  'no-jsonrpc-member': {
    server: call(({ message: { id } }) => ({ id, result: text('no member') })),
    call: fails('protocol_error', 'tools/call', 'jsonrpc'),
    older: 'lists',
  },
  'error-and-result': {
    server: call(({ message: { id } }) => ({ jsonrpc: '2.0', id, result: text('both'), error: null })),
    call: fails('protocol_error', 'tools/call', 'error'),
    older: 'lists',
  },
  'error-without-code': {
    server: call(({ message: { id } }) => ({ jsonrpc: '2.0', id, error: { message: 'The queue is full' } })),
    call: fails('rpc_error', 'tools/call', 'The queue is full'),
    older: 'lists',
  },
  'error-as-text': {
    server: call(({ message: { id } }) => ({ jsonrpc: '2.0', id, error: 'The queue is full' })),
    call: fails('rpc_error', 'tools/call', 'The queue is full'),
    older: 'lists',
  },
  'plain-json': {
    server: call(() => ({ ok: true, hint: 'no JSON-RPC here' })),
    call: fails('protocol_error', 'tools/call', 'no JSON-RPC here'),
    older: 'lists',
  },
};
