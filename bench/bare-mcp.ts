/**
 * What `/api/mcp` is measured against: the SDK's server with the same tools, each of which gives back a finished answer. Reads
 * `{ port, tools, answers }` from the file that is named, listens, and does nothing else.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { z } from 'zod';

const given = z
  .object({
    port: z.int(),
    tools: z.array(z.looseObject({ name: z.string(), inputSchema: z.looseObject({ type: z.literal('object') }) })),
    answers: z.record(z.string(), z.record(z.string(), z.unknown())),
  })
  .parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));

const serve = toNodeHandler(
  createMcpHandler(() => {
    const server = new Server({ name: 'bare', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({
      tools: given.tools.map(({ name, inputSchema }) => ({ name, inputSchema })),
    }));
    server.setRequestHandler('tools/call', ({ params }) => {
      const structuredContent = given.answers[params.name] ?? {};
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    });
    return server;
  }),
);

createServer((request, response) => {
  // Node declares as `string | undefined` what the SDK declares as optional, which `exactOptionalPropertyTypes` tells apart.
  serve(request as NodeIncomingMessageLike, response).catch((error: unknown) => response.destroy(Error(String(error))));
}).listen(given.port, '127.0.0.1');
