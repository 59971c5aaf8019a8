/**
 * The baseline for `/api/mcp`: the SDK's server with the same tools, which return prepared results.
 * `node bench/mcp/bare-server.ts <file>` reads `{ port, tools, results }` from the file.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { z } from 'zod';

const config = z
  .object({
    port: z.int(),
    tools: z.array(z.looseObject({ name: z.string(), inputSchema: z.looseObject({ type: z.literal('object') }) })),
    results: z.record(z.string(), z.record(z.string(), z.unknown())),
  })
  .parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));

const serve = toNodeHandler(
  createMcpHandler(() => {
    const server = new Server({ name: 'bare', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({
      tools: config.tools.map(({ name, inputSchema }) => ({ name, inputSchema })),
    }));
    server.setRequestHandler('tools/call', ({ params }) => {
      const structuredContent = config.results[params.name] ?? {};
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    });
    return server;
  }),
);

createServer((request, response) => {
  // The cast is for `exactOptionalPropertyTypes`: where Node's type has `undefined`, the SDK's has optional fields.
  serve(request as NodeIncomingMessageLike, response).catch((error: unknown) => response.destroy(Error(String(error))));
}).listen(config.port, '127.0.0.1');
