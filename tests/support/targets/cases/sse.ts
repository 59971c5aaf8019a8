import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Listening, refuseMalformed, serve } from '../http.ts';
import { answer, asEvent, ask, fails, fault, noted, notify, type Outcome, ok, text } from './case.ts';

/** How a server of the HTTP+SSE transport of 2024-11-05 differs from an ordinary one. */
export type SseServer = {
  /** The data of its `endpoint` event; null: there is none. */
  endpoint?: ((path: string, origin: string) => string) | null;
  endpointDelayMs?: number;
  /** Sent every few milliseconds. */
  heartbeat?: string;
  contentType?: string;
  lineEnd?: string;
  /** The answer to a POST. */
  post?: { status: number; contentType?: string; body?: string };
  answersInPost?: boolean;
  refusesReplies?: boolean;
  /** A method that it never answers. */
  unanswered?: string;
  discover?: 500 | 'never' | 'closes';
  /** Sends what it has to say in answer to `tools/call`. */
  call?: (stream: { send(event: unknown): void; close(): void; id: unknown; response: ServerResponse }) => void;
};

export type SseCase = {
  server: SseServer;
  probe?: Outcome;
  call?: Outcome;
  older?: 'calls' | 'lists' | 'fails';
  clause?: string;
};

const beat = (heartbeat: string): SseServer => ({ heartbeat });

export const sseCases: { [name: string]: SseCase } = {
  'sse-plain': { server: {}, call: ok({ text: 'done', notes: [] }) },
  'sse-endpoint-relative': { server: { endpoint: (path) => path.replace(/^\/[^/]+\//, '') } },
  'sse-endpoint-absolute': { server: { endpoint: (path, origin) => origin + path } },
  'sse-endpoint-other-name': {
    server: { endpoint: (path, origin) => origin.replace('127.0.0.1', 'localhost') + path },
    probe: fails('protocol_error', 'endpoint', 'localhost'),
    older: 'fails',
  },
  'sse-endpoint-internal': {
    server: { endpoint: (path) => `http://mcp-internal:8000${path}` },
    probe: fails('protocol_error', 'endpoint', 'mcp-internal:8000'),
    older: 'fails',
  },
  'sse-endpoint-no-url': {
    server: { endpoint: () => 'http://[' },
    probe: fails('protocol_error', 'endpoint'),
    older: 'fails',
  },
  'sse-endpoint-late': { server: { endpointDelayMs: 200 } },
  'sse-endpoint-missing': { server: { endpoint: null }, probe: fails('timeout', 'endpoint'), older: 'fails' },
  'sse-error-for-endpoint': {
    server: { endpoint: null, heartbeat: 'event: error\ndata: too many sessions\n\n' },
    probe: fails('timeout', 'endpoint', 'too many sessions'),
    older: 'fails',
  },
  'sse-initialize-unanswered': {
    server: { unanswered: 'initialize' },
    probe: fails('timeout', 'did not answer initialize'),
    older: 'fails',
  },
  'sse-list-unanswered': {
    server: { unanswered: 'tools/list' },
    probe: fails('timeout', 'did not answer tools/list'),
    older: 'fails',
  },
  'sse-answers-in-a-named-event': {
    server: { call: ({ send, id }) => send(asEvent(answer(id, text('done'))).replace('message', 'result')) },
    call: fails('timeout', 'tools/call', 'event named "result"'),
    older: 'lists',
  },
  'sse-ping-event': { server: beat('event: ping\ndata: 2026-01-01\n\n'), call: ok({ notes: [] }) },
  'sse-heartbeat-json': { server: beat('data: {"type":"heartbeat","at":"x"}\n\n'), call: noted('heartbeat') },
  'sse-heartbeat-text': { server: beat('data: still here\n\n'), call: noted('still here') },
  'sse-heartbeat-comment': { server: beat(': ping\n\n'), call: ok({ notes: [] }) },
  'sse-heartbeat-empty': { server: beat('data: \n\n'), call: ok({ notes: [] }) },
  'sse-heartbeat-event': { server: beat('event: keepalive\ndata: {}\n\n'), call: ok({ notes: [] }) },
  'sse-heartbeat-notification': { server: beat(asEvent(notify('notifications/beat', null))), call: noted('beat') },
  'sse-ping': { server: beat(asEvent(ask('srv-1', 'ping'))) },
  'sse-ping-reply-refused': { server: { ...beat(asEvent(ask('srv-1', 'ping'))), refusesReplies: true } },
  'sse-post-200-text': { server: { post: { status: 200, contentType: 'text/plain', body: 'Accepted' } } },
  'sse-post-200-json': { server: { post: { status: 200, contentType: 'application/json', body: '{"ok":true}' } } },
  'sse-post-204': { server: { post: { status: 204 } } },
  'sse-post-500': {
    server: { post: { status: 500, contentType: 'text/plain', body: 'boom' } },
    probe: fails('http_status', 'initialize', '500', 'boom'),
    older: 'fails',
  },
  'sse-post-rpc-error': {
    server: {
      post: {
        status: 400,
        contentType: 'application/json',
        body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"No agent"}}',
      },
    },
    probe: fails('rpc_error', 'initialize', '-32600', 'No agent'),
    older: 'fails',
  },
  'sse-answers-in-post': {
    server: { answersInPost: true },
    probe: fails('protocol_error', 'initialize', 'event stream'),
    older: 'fails',
  },
  'sse-charset': { server: { contentType: 'text/event-stream; charset=utf-8' } },
  'sse-crlf': { server: { lineEnd: '\r\n' } },
  'sse-web-page': { server: { contentType: 'text/html' }, probe: fails('not_mcp', 'text/html'), older: 'fails' },
  'sse-discover-500': { server: { discover: 500 } },
  'sse-discover-never': { server: { discover: 'never' } },
  'sse-discover-closes': { server: { discover: 'closes' } },
  'sse-dies': {
    server: { call: ({ response }) => response.destroy() },
    call: fails('session_lost', 'tools/call'),
    older: 'lists',
  },
  'sse-ends': { server: { call: ({ close }) => close() }, call: fails('session_lost', 'tools/call'), older: 'lists' },
  'sse-error': {
    server: { call: ({ send, id }) => send(fault(id, -32602, 'Unknown tool')) },
    call: fails('rpc_error', 'tools/call', '-32602', 'Unknown tool'),
    older: 'lists',
  },
  'sse-strays': {
    server: {
      call: ({ send, id }) => {
        for (const each of ['data: oops\n\n', answer(777, {}), 'event: error\ndata: no luck\n\n']) send(each);
        send(answer(id, text('done')));
      },
    },
    call: noted('oops', '777', 'no luck'),
  },
  'sse-batch': {
    server: { call: ({ send, id }) => send([notify('a/b'), answer(id, text('batched'))]) },
    call: ok({ text: 'batched', notes: ['batch'] }),
    older: 'lists',
  },
  'sse-malformed': {
    server: { call: ({ send, id }) => send(answer(id, { content: [{ type: 'text', text: 7 }] })) },
    call: fails('malformed_result', 'tools/call', 'block 1'),
    older: 'lists',
  },
  'sse-asks': {
    server: { call: ({ send, id }) => [ask('q', 'roots/list'), answer(id, text('done'))].forEach(send) },
    call: noted('roots/list'),
  },
  'sse-stray-then-silence': {
    server: { call: ({ send }) => send('data: ping 18\n\n') },
    call: fails('timeout', 'tools/call', 'ping 18'),
    older: 'lists',
  },
};

type Stream = { send(event: unknown): void; close(): void; response: ServerResponse };

const Message = z.looseObject({ id: z.union([z.string(), z.number()]).optional(), method: z.string().optional() });

/** Serves each case at `/<name>/sse`. */
export function serveSseCases(cases: { [name: string]: { server: SseServer } }): Promise<Listening> {
  const streams = new Map<string, Stream>();
  return serve((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const name = url.pathname.split('/')[1] ?? '';
    const server = cases[name]?.server;
    if (!server) return response.writeHead(404).end();
    if (request.method === 'GET') return openStream(server, { name, origin: url.origin, streams, response });
    const stream = streams.get(url.searchParams.get('stream') ?? '');
    if (!stream) return response.writeHead(404).end('no such stream');
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    return request.on('end', () => {
      if (!refuseMalformed(body, response)) handlePost(server, stream, Message.parse(JSON.parse(body)), response);
    });
  });
}

type Opened = { name: string; origin: string; streams: Map<string, Stream>; response: ServerResponse };

function openStream(server: SseServer, { name, origin, streams, response }: Opened): void {
  const { endpoint = (path: string) => path, endpointDelayMs = 0, heartbeat, lineEnd = '\n' } = server;
  const write = (events: string) => response.write(events.replaceAll('\n', lineEnd));
  const id = String(streams.size + 1);
  streams.set(id, {
    send: (event) => write(typeof event === 'string' ? event : asEvent(event)),
    close: () => response.end(),
    response,
  });
  response.writeHead(200, { 'content-type': server.contentType ?? 'text/event-stream' }).write(': hi\n\n');
  if (endpoint) {
    const path = endpoint(`/${name}/messages?stream=${id}`, origin);
    setTimeout(() => write(`event: endpoint\ndata: ${path}\n\n`), endpointDelayMs);
  }
  if (heartbeat !== undefined) {
    const timer = setInterval(() => write(heartbeat), 5);
    response.once('close', () => clearInterval(timer));
  }
}

function handlePost(
  server: SseServer,
  stream: Stream,
  message: z.infer<typeof Message>,
  response: ServerResponse,
): void {
  const { id, method } = message;
  if (method === undefined && server.refusesReplies) return void response.writeHead(400).end('Invalid request');
  if (method === 'server/discover' && server.discover === 'closes') {
    stream.close();
    return;
  }
  if (method === 'server/discover' && server.discover === 500) return void response.writeHead(500).end('unknown');
  const said = id === undefined || method === undefined ? undefined : answerTo(method, id);
  if (server.answersInPost && said) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    return;
  }
  const { status, contentType, body = '' } = server.post ?? { status: 202, body: 'Accepted' };
  response.writeHead(status, contentType === undefined ? {} : { 'content-type': contentType }).end(body);
  if (!said || method === server.unanswered || (method === 'server/discover' && server.discover === 'never')) return;
  // Heartbeats come before the answer.
  if (method !== 'tools/call') stream.send(said);
  else if (server.call) server.call({ ...stream, id });
  else setTimeout(() => stream.send(said), 50);
}

function answerTo(method: string, id: string | number): unknown {
  switch (method) {
    case 'initialize': {
      const serverInfo = { name: 'sse', version: '1' };
      return answer(id, { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo });
    }
    case 'tools/list':
      return answer(id, { tools: [{ name: 'x', inputSchema: { type: 'object' } }] });
    case 'tools/call':
      return answer(id, text('done'));
    default:
      return fault(id, -32601, 'Method not found');
  }
}
