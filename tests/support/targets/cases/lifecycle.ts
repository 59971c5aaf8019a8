import { type Case, fails, fault, replyError, replyEvents, replyHttp, replyHttpError, replyResult } from './case.ts';

const version = (protocolVersion: unknown): Case['server'] => ({ initialize: { protocolVersion } });
const init = (initialize: { [member: string]: unknown }): Case['server'] => ({ initialize });

/** The handshake of the older era. */
export const lifecycles: { [name: string]: Case } = {
  'revision-2024-11-05': { server: version('2024-11-05') },
  'revision-2025-03-26': { server: version('2025-03-26') },
  'revision-of-the-future': {
    server: version('2099-01-01'),
    probe: fails('protocol_error', 'initialize', '2099-01-01'),
    older: 'fails',
  },
  'revision-draft': {
    server: version('DRAFT-2026-v1'),
    probe: fails('protocol_error', 'initialize', 'DRAFT-2026-v1'),
    older: 'fails',
  },
  'revision-word': { server: version('draft'), probe: fails('protocol_error', 'initialize', 'draft'), older: 'fails' },
  'revision-missing': {
    server: version(undefined),
    probe: fails('malformed_result', 'initialize', 'protocolVersion'),
    older: 'fails',
  },
  'revision-number': {
    server: version(20250618),
    probe: fails('malformed_result', 'initialize', 'protocolVersion'),
    older: 'fails',
  },
  'revision-header-required': {
    server: {
      ...version('2025-06-18'),
      gate: ({ request, response, message }) => {
        if (request.method !== 'POST' || message.method === 'initialize') return false;
        const given = String(request.headers['mcp-protocol-version']);
        if (given === '2025-06-18') return false;
        const said = fault(message.id ?? null, -32000, `Bad Request: Unsupported protocol version ${given}`);
        response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(said));
        return true;
      },
    },
  },
  'no-server-info': {
    server: init({ serverInfo: undefined }),
    probe: fails('malformed_result', 'initialize', 'serverInfo'),
    older: 'fails',
  },
  'no-server-version': {
    server: init({ serverInfo: { name: 'x' } }),
    probe: fails('malformed_result', 'initialize', 'version'),
    older: 'fails',
  },
  'no-capabilities-member': {
    server: init({ capabilities: undefined }),
    probe: fails('malformed_result', 'initialize', 'capabilities'),
    older: 'fails',
  },
  'tools-capability-null': {
    server: init({ capabilities: { tools: null } }),
    probe: fails('malformed_result', 'initialize', 'tools'),
    older: 'fails',
  },
  'tools-capability-true': {
    server: init({ capabilities: { tools: true } }),
    probe: fails('malformed_result', 'initialize', 'tools'),
    older: 'fails',
  },
  'null-members': {
    server: init({ instructions: null, _meta: null }),
    probe: fails('malformed_result', 'initialize', '_meta', 'null'),
    older: 'fails',
  },
  'logs-before-the-answer': {
    server: {
      wire: {
        asEvents: true,
        change: (s, { method }) =>
          method === 'initialize'
            ? `data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"starting"}}\n\n${s}`
            : s,
      },
    },
  },
  'no-initialize': {
    server: { on: { initialize: replyError(-32601, 'Method not found: initialize') } },
    probe: fails('not_mcp', 'initialize', '-32601'),
    older: 'fails',
  },
  'initialize-500': {
    server: { on: { initialize: replyHttp(500, 'out of memory') } },
    probe: fails('http_status', 'initialize', '500', 'out of memory'),
    older: 'fails',
  },
  'initialize-refused': {
    server: { on: { initialize: replyHttpError(503, -32000, 'Too many sessions') } },
    probe: fails('rpc_error', 'initialize', '-32000', 'Too many sessions', '503'),
    older: 'fails',
  },
  'initialize-null': {
    server: { on: { initialize: replyResult(null) } },
    probe: fails('malformed_result', 'initialize', 'null'),
    older: 'fails',
  },
};

const session = (more: Partial<NonNullable<Case['server']['session']>> = {}): Case['server'] => ({ session: more });
const lost = (status: number) => replyHttpError(status, -32001, 'Session not found');

/** Sessions. A probe asks one counted request, `tools/list`. */
export const sessions: { [name: string]: Case } = {
  'session-required': { server: session() },
  'session-lost-after-1': {
    server: session({ requests: 1 }),
    call: fails('session_lost', 'tools/call', '404', 'Session not found'),
    older: 'lists',
  },
  'session-lost-after-3': { server: session({ requests: 3 }) },
  'session-lost-by-404-page': {
    server: session({ requests: 1, lost: replyHttp(404, '<h1>Not Found</h1>') }),
    call: fails('session_lost', 'tools/call', '404'),
    older: 'lists',
  },
  'session-lost-by-400': {
    server: session({ requests: 1, lost: lost(400) }),
    call: fails('rpc_error', 'tools/call', '400', 'Session not found'),
    older: 'lists',
  },
  'session-lost-by-401': {
    server: session({ requests: 1, lost: lost(401) }),
    call: fails('rpc_error', 'tools/call', '401', 'Session not found'),
    older: 'lists',
  },
  'session-lost-by-410': {
    server: session({ requests: 1, lost: replyHttp(410, 'Gone') }),
    call: fails('http_status', 'tools/call', '410', 'Gone'),
    older: 'lists',
  },
  'session-lost-by-500': {
    server: session({ requests: 1, lost: lost(500) }),
    call: fails('rpc_error', 'tools/call', '500', 'Session not found'),
    older: 'lists',
  },
  'session-lost-by-event': {
    server: session({ requests: 1, lost: replyEvents(() => ['data: {"error":"Session not found"}\n\n']) }),
    call: fails('protocol_error', 'tools/call', 'Session not found'),
    older: 'lists',
  },
  'session-token-400': {
    server: {
      ...session(),
      on: { 'tools/call': replyHttpError(400, -32602, 'Field required: session_token') },
    },
    call: fails('rpc_error', 'tools/call', '400', 'Field required: session_token'),
    older: 'lists',
  },
  'session-text-400': {
    server: { ...session(), on: { 'tools/call': replyHttp(400, 'This session is not initialized by your team') } },
    call: fails('http_status', 'tools/call', '400', 'not initialized by your team'),
    older: 'lists',
  },
  'not-found-without-session': {
    server: { on: { 'tools/call': replyHttp(404, 'no such session') } },
    call: fails('http_status', 'tools/call', '404', 'no such session'),
    older: 'lists',
  },
};
