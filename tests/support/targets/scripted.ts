import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listening, refuseMalformed, serve } from './http.ts';

export type Message = { id?: string | number; method: string; params?: { [key: string]: unknown } };
/** Answers a request itself, or gives its result, or an error, to be wrapped into JSON-RPC. */
export type Answer = (
  message: Message,
  response: ServerResponse,
  request: IncomingMessage,
) => { result: unknown } | { error: { code: number; message: string; data?: unknown } } | undefined;

export type Scripted = Listening & {
  url: string;
  /** JSON-RPC methods, and HTTP methods of what is none, in order. */
  asked: string[];
};

/** What a server of revision 2025-11-25 with one tool says. */
const ordinary: { [method: string]: Answer } = {
  'server/discover': () => ({ error: { code: -32601, message: 'Method not found' } }),
  initialize: () => ({
    result: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {}, resources: {} },
      serverInfo: { name: 'scripted', version: '1' },
    },
  }),
  'notifications/initialized': (_, response) => {
    response.writeHead(202).end();
    return undefined;
  },
  'notifications/cancelled': (_, response) => {
    response.writeHead(202).end();
    return undefined;
  },
  'tools/list': () => ({ result: { tools: [{ name: 'work', inputSchema: { type: 'object' } }] } }),
  'tools/call': () => ({ result: { content: [{ type: 'text', text: 'done' }] } }),
};

/**
 * An MCP server that says what a test wants, correct or not; what `answers` doesn't name is answered as it should be.
 */
export async function startScripted(answers: { [method: string]: Answer } = {}): Promise<Scripted> {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      if (text !== '' && refuseMalformed(text, response)) return;
      const message: Message = text === '' ? { method: String(request.method) } : JSON.parse(text);
      asked.push(message.method);
      const answer = answers[message.method] ?? ordinary[message.method];
      const body = answer?.(message, response, request);
      if (!answer) response.writeHead(405).end();
      if (!body) return;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...body }));
    });
  });
  return { ...server, url: `${server.origin}/mcp`, asked };
}
