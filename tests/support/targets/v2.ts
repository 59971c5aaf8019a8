import { createServer, type IncomingMessage } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import {
  acceptedContent,
  createMcpHandler,
  inputRequired,
  ProtocolError,
  Server,
  type Tool,
} from '@modelcontextprotocol/server';
import { listen, refuseMalformed } from './http.ts';

export type V2Server = {
  url: string;
  /** HTTP requests with the JSON-RPC method they carry, in order. */
  requests: { method: string; headers: { [name: string]: string | string[] | undefined } }[];
  close(): Promise<void>;
};

const tools: Tool[] = [
  {
    name: 'greet',
    title: 'Greet',
    description: 'Says hello.',
    inputSchema: {
      type: 'object',
      properties: { name: { type: 'string' }, region: { type: 'string', 'x-mcp-header': 'Region' } },
      required: ['name'],
    },
    outputSchema: { type: 'object', properties: { greeting: { type: 'string' } }, required: ['greeting'] },
    annotations: { readOnlyHint: true },
  },
  { name: 'ask_back', description: 'Asks for input.', inputSchema: { type: 'object' } },
  { name: 'refuse', description: 'Answers with a JSON-RPC error.', inputSchema: { type: 'object' } },
  { name: 'fail', description: 'Answers with isError.', inputSchema: { type: 'object' } },
  { name: 'hang', description: 'Never answers.', inputSchema: { type: 'object' } },
];

/**
 * Node declares as `string | undefined` what the SDK declares as optional, which `exactOptionalPropertyTypes` tells
 * apart.
 */
const incoming = (request: IncomingMessage) => request as NodeIncomingMessageLike;

/** A server of the newer SDK generation: both eras, or one. `paged` gives one tool a page. */
export async function startV2({
  era = 'both',
  paged = false,
  responseMode = 'auto',
}: {
  era?: 'both' | 'modern';
  paged?: boolean;
  responseMode?: 'auto' | 'sse';
} = {}): Promise<V2Server> {
  const requests: V2Server['requests'] = [];
  const handler = createMcpHandler(
    () => {
      const server = new Server(
        { name: 'greeter', version: '2.0.0' },
        { capabilities: { tools: {}, resources: {} }, instructions: 'Be kind.' },
      );
      server.setRequestHandler('tools/list', ({ params }) => {
        if (!paged) return { tools };
        const page = Number(params?.cursor ?? 0);
        return { tools: tools.slice(page, page + 1), ...(page + 1 < tools.length && { nextCursor: String(page + 1) }) };
      });
      server.setRequestHandler('tools/call', async ({ params }, context) => {
        if (params.name === 'refuse') throw new ProtocolError(-32000, 'The shop is closed.', { until: 'Monday' });
        if (params.name === 'hang') return new Promise(() => {});
        if (params.name === 'fail') return { content: [{ type: 'text', text: 'No luck.' }], isError: true };
        if (params.name === 'ask_back') {
          const requestedSchema = { type: 'object' as const, properties: { color: { type: 'string' as const } } };
          const answered = acceptedContent(context.mcpReq.inputResponses, 'color');
          if (answered) return { content: [{ type: 'text', text: 'Thanks.' }] };
          return inputRequired({
            inputRequests: { color: inputRequired.elicit({ message: 'Which color?', requestedSchema }) },
          });
        }
        const greeting = `Hello, ${String(params.arguments?.name)}`;
        return { content: [{ type: 'text', text: greeting }], structuredContent: { greeting } };
      });
      server.setRequestHandler('resources/list', () => ({
        resources: [{ uri: 'greet://words', name: 'words', mimeType: 'text/plain' }],
      }));
      server.setRequestHandler('resources/read', ({ params }) => {
        if (params.uri !== 'greet://words') throw new ProtocolError(-32602, 'There is no such resource.');
        return { contents: [{ uri: params.uri, mimeType: 'text/plain', text: 'hello hi' }] };
      });
      return server;
    },
    { legacy: era === 'modern' ? 'reject' : 'stateless', responseMode },
  );
  const answer = toNodeHandler(handler);
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      if (text !== '' && refuseMalformed(text, response)) return;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const method = typeof body === 'object' && body !== null && 'method' in body ? String(body.method) : '';
      requests.push({ method: method || (request.method ?? ''), headers: request.headers });
      Promise.resolve(answer(incoming(request), response, body)).catch((error) => response.destroy(error));
    });
  });
  const { origin, close } = await listen(server);
  return { url: `${origin}/mcp`, requests, close };
}
