import { answer, type Case, fails, fault, type Reply, replyError, replyHttp } from './case.ts';

const call = (reply: Reply): Case['server'] => ({ on: { 'tools/call': reply } });
const refuses = (server: Case['server'], ...[kind, ...says]: Parameters<typeof fails>): Case => ({
  server,
  call: fails(kind, 'tools/call', ...says),
  older: 'lists',
});
const cannotStart = (server: Case['server'], ...[kind, ...says]: Parameters<typeof fails>): Case => ({
  server,
  probe: fails(kind, ...says),
  older: 'fails',
});
const told = (reply: Reply): Case['server'] => ({
  gate: (context) => {
    if (context.message.method !== 'notifications/initialized') return false;
    reply(context);
    return true;
  },
});
const always = (status: number, challenge: string): Case['server'] => ({
  gate: (context) => {
    replyHttp(status, 'no', { 'www-authenticate': challenge })(context);
    return true;
  },
});
const html = { 'content-type': 'text/html' };

/** What a server says, in places where it could get lost, and what isn't so. */
export const evidence: { [name: string]: Case } = {
  'says-why-in-data': refuses(
    call(replyError(-32602, 'Invalid params', { path: 'id', message: 'must be a uuid' })),
    'rpc_error',
    'Invalid params',
    'must be a uuid',
  ),
  'says-why-in-a-text-of-data': refuses(
    call(replyError(-32000, 'Failed', 'KeyError: user')),
    'rpc_error',
    'KeyError: user',
  ),
  'error-without-words': refuses(call(replyError(-32603, '')), 'rpc_error', '-32603', 'without a message'),
  'error-with-a-name-for-a-code': refuses(
    call(({ message: { id } }) => ({ jsonrpc: '2.0', id, error: { code: 'ENOENT', message: 'No such file' } })),
    'rpc_error',
    'ENOENT',
    'No such file',
  ),
  'asks-for-a-visit': {
    server: call(replyError(-32042, 'URL elicitation required', { url: 'https://pay.example.com' })),
    call: {
      ok: false,
      kind: 'protocol_error',
      says: ['https://pay.example.com'],
      details: { inputRequired: true, rpcCode: -32042 },
    },
    older: 'lists',
  },
  'page-for-an-answer': refuses(
    call(replyHttp(200, '<title>Sign in</title>', html)),
    'protocol_error',
    'text/html',
    'Sign in',
  ),
  'answer-called-a-page': refuses(
    call((context) => replyHttp(200, JSON.stringify(answer(context.message.id, {})), html)(context)),
    'protocol_error',
    'text/html',
    'jsonrpc',
  ),
  'initialize-called-text': cannotStart(
    {
      on: {
        initialize: (context) =>
          replyHttp(200, JSON.stringify(fault(context.message.id, -32603, 'boot')), { 'content-type': 'text/plain' })(
            context,
          ),
      },
    },
    'protocol_error',
    'initialize',
    'content type application/json',
  ),
  'echoes-the-request': {
    server: call(({ message }) => ({ jsonrpc: '2.0', ...message })),
    call: fails('protocol_error', 'a message of its own instead of an answer'),
    older: 'lists',
  },
  'not-modified': refuses(call(replyHttp(304)), 'http_status', 'HTTP status 304'),
  'redirects-nowhere': refuses(call(replyHttp(307, 'moved')), 'http_status', 'HTTP status 307', 'moved'),
  'wants-credentials-of-a-proxy': refuses(
    call(replyHttp(407, 'proxy')),
    'http_status',
    '407',
    'proxy wants credentials',
  ),
  'damaged-gzip': refuses(
    call(replyHttp(200, 'not gzip', { 'content-type': 'application/json', 'content-encoding': 'gzip' })),
    'protocol_error',
    "can't be decompressed",
  ),
  'told-404': cannotStart(told(replyHttp(404, 'unknown')), 'http_status', 'notifications/initialized', 'server said'),
  'told-and-closes': cannotStart(
    told(({ request }) => {
      request.socket.destroy();
    }),
    'unreachable',
    'notifications/initialized',
  ),
  'names-the-newer-revision': cannotStart(
    { initialize: { protocolVersion: '2026-07-28' } },
    'protocol_error',
    'which has no initialize',
  ),
  'null-for-a-type': refuses(
    { result: { content: [{ type: null, text: 'x' }] } },
    'malformed_result',
    'must have a value',
  ),
  'number-for-a-type': refuses({ result: { content: [{ type: 7 }] } }, 'malformed_result', 'one of text, image'),
  'list-for-an-object': refuses(
    { result: { content: [], structuredContent: [1] } },
    'malformed_result',
    'expected object',
  ),
  'challenge-in-single-quotes': cannotStart(
    always(401, "Bearer error='invalid_token', error_description='the token has expired'"),
    'auth',
    'the token has expired',
  ),
  'challenge-without-an-end': cannotStart(
    always(401, `Bearer error_description="expired ${'x'.repeat(6000)}", error="late"`),
    'auth',
    'expired xxx',
  ),
};
