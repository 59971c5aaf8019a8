import {
  type Case,
  type Context,
  fails,
  fault,
  ok,
  type Reply,
  replyClosing,
  replyError,
  replyEvents,
  replyHttp,
  replyHttpError,
  replyNever,
  replyResult,
  text,
} from './case.ts';

const discover = (reply: Reply): Case['server'] => ({ on: { 'server/discover': reply } });
const modern = (supportedVersions: string[]) => ({
  supportedVersions,
  capabilities: { tools: {} },
  resultType: 'complete',
  ttlMs: 0,
  cacheScope: 'private',
});

/** A server of the older era that says anything at all to the question of the newer one. */
const legacy = (reply: Reply): Case => ({ server: discover(reply), call: ok({ text: 'called x' }) });

const html = { 'content-type': 'text/html' };

const isModern = ({ message }: Context): boolean =>
  JSON.stringify(message.params?._meta ?? {}).includes('protocolVersion');

const brokenInNewRevision = (reply: Reply): Reply => {
  return (context) =>
    isModern(context)
      ? reply(context)
      : { jsonrpc: '2.0', id: context.message.id, result: { tools: [{ name: 'x', inputSchema: { type: 'object' } }] } };
};

export const discoveries: { [name: string]: Case } = {
  ...Object.fromEntries(
    [202, 204, 400, 401, 403, 404, 405, 406, 408, 410, 411, 415, 421, 422, 429, 500, 501, 502, 503, 504].map(
      (status): [string, Case] => [`discover-${status}`, legacy(replyHttp(status, status === 204 ? '' : 'not that'))],
    ),
  ),
  'discover-empty': legacy(replyHttp(200)),
  'discover-empty-json': legacy(replyHttp(200, '', { 'content-type': 'application/json' })),
  'discover-half-json': legacy(replyHttp(200, '{"jsonrpc":', { 'content-type': 'application/json' })),
  'discover-never': legacy(replyNever),
  'discover-drips': legacy(({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(timer));
  }),
  'discover-closes': legacy(replyClosing),
  'discover-cut': legacy(({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '900' }).write('{"jsonrpc"');
    setImmediate(() => response.destroy());
  }),
  'discover-result-empty': legacy(replyResult({})),
  'discover-result-null': legacy(replyResult(null)),
  'discover-other-revisions': legacy(replyResult(modern(['2027-01-01', '2025-11-25']))),
  'discover-no-revisions': legacy(replyResult(modern([]))),
  'discover-unknown-method': legacy(replyError(-32601, 'Method not found')),
  'discover-invalid-params': legacy(replyError(-32602, 'Invalid request parameters')),
  'discover-not-initialized': legacy(replyError(-32000, 'Bad Request: Server not initialized')),
  'discover-unsupported-revision': legacy(
    replyError(-32022, 'Unsupported', { supported: ['2027-01-01'], requested: '2026-07-28' }),
  ),
  'discover-no-session': legacy(replyHttp(400, fault(null, -32000, 'Bad Request: No valid session ID provided'))),
  'discover-text': legacy(replyHttp(400, 'Invalid or missing session ID')),
  'discover-not-acceptable': legacy(replyHttp(406, fault('server-error', -32600, 'Not Acceptable'))),
  'discover-parse-error': legacy(() => fault(null, -32700, 'Parse error')),
  'discover-parse-error-without-id': legacy(() => ({
    jsonrpc: '2.0',
    error: { code: -32700, message: 'Parse error' },
  })),
  'discover-parse-error-400': legacy(replyHttp(400, fault(null, -32700, 'Parse error'))),
  'discover-plain-json': legacy(() => ({ error: 'unknown method' })),
  'discover-unsupported-header': legacy(
    replyHttp(400, fault(null, -32000, 'Bad Request: The MCP-Protocol-Version header value is not supported.')),
  ),
  'discover-session-404': legacy(replyHttpError(404, -32001, 'Session not found')),
  'discover-web-page': legacy(replyHttp(200, '<p>hi', html)),
  'discover-gateway-page': legacy(replyHttp(502, 'bad gateway', html)),
  'discover-error-event': legacy(replyEvents(() => ['event: error\ndata: {"error":"no session"}\n\n'])),
  'discover-silent-stream': legacy(replyEvents(() => [': hi\n\n'], { open: true })),
  'discover-ended-stream': legacy(replyEvents(() => [': bye\n\n'])),
  'discover-redirects-to-login': legacy(replyHttp(302, '', { location: '/login' })),
  'discover-huge': legacy(
    replyHttp(200, `{"x":"${'x'.repeat(9 * 1024 * 1024)}"}`, { 'content-type': 'application/json' }),
  ),
  'discover-then-400': {
    server: {
      on: {
        'server/discover': replyResult(modern(['2026-07-28', '2025-06-18'])),
        'tools/list': brokenInNewRevision(replyHttpError(400, -32602, 'broken in the new revision')),
      },
    },
    call: ok({ text: 'called x' }),
  },
  'discover-then-500': {
    server: {
      on: {
        'server/discover': replyResult(modern(['2026-07-28'])),
        'tools/list': brokenInNewRevision(replyHttp(500, 'boom')),
      },
    },
  },
  'discover-then-older-result': {
    server: {
      on: {
        'server/discover': replyResult(modern(['2026-07-28'])),
        'tools/list': brokenInNewRevision(replyResult({ tools: [] })),
      },
    },
  },
  'discover-then-nothing-works': {
    server: {
      on: {
        'server/discover': replyResult(modern(['2026-07-28'])),
        initialize: replyError(-32601, 'Method not found'),
        'tools/list': replyError(-32603, 'The database is down'),
      },
    },
    probe: fails('rpc_error', 'tools/list', 'The database is down'),
    older: 'fails',
  },
  'only-the-new-revision': {
    server: {
      on: {
        'server/discover': replyResult(modern(['2026-07-28'])),
        initialize: replyError(-32601, 'Method not found'),
        'tools/list': replyResult({
          resultType: 'complete',
          ttlMs: 0,
          cacheScope: 'private',
          tools: [{ name: 'x', inputSchema: { type: 'object' } }],
        }),
        'tools/call': replyResult({ resultType: 'complete', ...text('modern') }),
      },
    },
    call: ok({ text: 'modern' }),
    older: 'fails',
  },
  'input-required-modern': {
    server: {
      on: {
        'server/discover': replyResult(modern(['2026-07-28'])),
        'tools/list': replyResult({
          resultType: 'complete',
          ttlMs: 0,
          cacheScope: 'private',
          tools: [{ name: 'x', inputSchema: { type: 'object' } }],
        }),
        'tools/call': (context) =>
          replyResult(
            isModern(context)
              ? {
                  resultType: 'input_required',
                  inputRequests: { q: { method: 'elicitation/create', params: { message: 'Sure?' } } },
                }
              : text('asked nothing'),
          )(context),
      },
    },
    call: {
      ok: false,
      kind: 'protocol_error',
      says: ['tools/call', 'elicitation/create'],
      details: { inputRequired: true },
    },
    clause:
      'Server, Tools (2026-07-28): a tool may answer input_required, which a client without input can not go on from',
  },
};
