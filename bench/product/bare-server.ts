/**
 * The baseline for Product MCPs: the SDK's server, with handlers that forward to the API as somebody would write them
 * by hand. `node bench/product/bare-server.ts <port> <url of the API>`
 */
import { createServer } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';

const [port, api = ''] = process.argv.slice(2);

type Args = { [name: string]: unknown };

function forward(name: string, args: Args, authorization: string): Promise<Response> {
  const headers = { authorization, accept: 'application/json' };
  switch (name) {
    case 'listItems':
      return fetch(`${api}/items?query=${encodeURIComponent(String(args.query))}&limit=${Number(args.limit)}`, {
        headers,
      });
    case 'getItem':
      return fetch(`${api}/items/${encodeURIComponent(String(args.id))}`, { headers });
    default:
      return fetch(`${api}/items`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(args),
      });
  }
}

const serve = toNodeHandler(
  createMcpHandler(({ requestInfo }) => {
    const authorization = requestInfo?.headers.get('authorization') ?? '';
    const server = new Server({ name: 'bare', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({
      tools: ['listItems', 'getItem', 'createItem'].map((name) => ({ name, inputSchema: { type: 'object' } })),
    }));
    server.setRequestHandler('tools/call', async ({ params }) => {
      const response = await forward(params.name, params.arguments ?? {}, authorization);
      const text = await response.text();
      const structuredContent: Args = JSON.parse(text);
      return { content: [{ type: 'text', text }], structuredContent, isError: !response.ok };
    });
    return server;
  }),
);

createServer((request, response) => {
  // The cast is for `exactOptionalPropertyTypes`: where Node's type has `undefined`, the SDK's has optional fields.
  serve(request as NodeIncomingMessageLike, response).catch((error: unknown) => response.destroy(Error(String(error))));
}).listen(Number(port), '127.0.0.1');
