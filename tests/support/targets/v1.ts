import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import { listen } from './http.ts';

/** One session: `count` says how often it was called in it. */
function createCounter(): McpServer {
  const server = new McpServer({ name: 'counter', version: '1.2.3' });
  let count = 0;
  server.registerTool(
    'count',
    { description: 'Counts the calls of this session.', inputSchema: { note: z.string().optional() } },
    async ({ note }) => ({
      content: [{ type: 'text', text: `${++count}${note === undefined ? '' : ` ${note}`}` }],
    }),
  );
  server.registerTool('hang', { description: 'Never answers.' }, () => new Promise(() => {}));
  server.registerResource('manual', 'counter://manual', { mimeType: 'text/plain' }, async (uri) => ({
    contents: [{ uri: uri.href, text: 'Call count.' }],
  }));
  return server;
}

export type V1Server = {
  url: string;
  /** What arrived: `POST initialize`, `POST tools/call`, `DELETE`, … */
  requests: string[];
  /** Forgets every session, as a restart does. */
  forget(): Promise<void>;
  /** How many sessions, or event streams, are open. */
  open(): number;
  close(): Promise<void>;
};

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
}

const Named = z.object({ method: z.string() });

/** The SDK's transports declare `onclose` so that `exactOptionalPropertyTypes` refuses them. */
const asTransport = (transport: StreamableHTTPServerTransport | SSEServerTransport): Transport =>
  transport as unknown as Transport;

async function startV1(
  path: string,
  sessions: Map<string, { close(): Promise<void> }>,
  answer: (request: IncomingMessage, response: ServerResponse, body: unknown) => Promise<void>,
): Promise<V1Server> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const handle = async (): Promise<void> => {
      const body = request.method === 'POST' ? await readBody(request) : undefined;
      requests.push([request.method, Named.safeParse(body).data?.method].filter(Boolean).join(' '));
      await answer(request, response, body);
    };
    handle().catch((error) => response.destroy(error));
  });
  const { origin, close } = await listen(server);
  const forget = async (): Promise<void> => {
    for (const [id, session] of [...sessions]) {
      sessions.delete(id);
      await session.close();
    }
  };
  return {
    url: origin + path,
    requests,
    forget,
    open: () => sessions.size,
    async close() {
      await forget();
      await close();
    },
  };
}

/** A stateful Streamable HTTP server of the older SDK generation. */
export function startStatefulV1(): Promise<V1Server> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  return startV1('/mcp', sessions, async (request, response, body) => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (known) return known.handleRequest(request, response, body);
    if (id !== undefined) {
      const error = { code: -32001, message: 'Session not found' };
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
      return;
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (opened) => {
        sessions.set(opened, transport);
      },
      onsessionclosed: (closed) => {
        sessions.delete(closed);
      },
    });
    await createCounter().connect(asTransport(transport));
    await transport.handleRequest(request, response, body);
  });
}

/** A server of the HTTP+SSE transport of before 2025-03-26. */
export function startSseV1(): Promise<V1Server> {
  const sessions = new Map<string, SSEServerTransport>();
  return startV1('/sse', sessions, async (request, response, body) => {
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      transport.onclose = () => sessions.delete(transport.sessionId);
      await createCounter().connect(asTransport(transport));
      return;
    }
    const id = new URL(request.url ?? '/', 'http://local').searchParams.get('sessionId') ?? '';
    const known = sessions.get(id);
    if (known) return known.handlePostMessage(request, response, body);
    response.writeHead(404).end('No such session');
  });
}
