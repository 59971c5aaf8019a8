import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  type CallToolResult,
  createMcpHandler,
  isSpecType,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { HttpError, readJson, sendJson, toSdkRequest } from '../../../examples/shop-server/http.ts';
import type { Change } from './changes.ts';
import type { Delay, Outage } from './outages.ts';
import { Refused, type Tool } from './tool.ts';

/** How a server is deployed, as far as it differs from the one that works. */
export type Deployment = {
  changes?: readonly Change[];
  outage?: Outage;
  delays?: readonly Delay[];
};

export type RunningServer = {
  url: string;
  /** Replaces what runs, from the next request on. */
  deploy(deployment: Deployment): void;
  /** Names of the tools that were called, in order. */
  calls(): string[];
  close(): Promise<void>;
};

const toolCall = z.object({ method: z.literal('tools/call'), params: z.object({ name: z.string() }) });
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

/** Starts an MCP server with these tools, which can be deployed anew while it runs. */
export async function startServer(base: readonly Tool[]): Promise<RunningServer> {
  let deployed: Deployment = {};
  let tools = base;
  const called: string[] = [];
  const handle = toNodeHandler(createMcpHandler(() => createMcp(tools)));

  async function answer(request: Parameters<typeof toSdkRequest>[0], response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return handle(toSdkRequest(request), response);
    const message = await readJson(request);
    const tool = toolCall.safeParse(message).data?.params.name ?? null;
    if (tool !== null) called.push(tool);
    if (deployed.outage?.({ tool, message }, response)) return;
    for (const delay of deployed.delays ?? []) if (tool !== null && (delay.tool ?? tool) === tool) await wait(delay.ms);
    if (!response.destroyed) await handle(toSdkRequest(request), response, message);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const status = error instanceof HttpError ? error.status : 500;
      sendJson(response, status, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    deploy(deployment) {
      tools = (deployment.changes ?? []).reduce((all, { tools: change }) => change(all), base);
      deployed = deployment;
    },
    calls: () => [...called],
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createMcp(tools: readonly Tool[]): Server {
  const server = new Server({ name: 'bench', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({
    tools: tools.map(({ call, refusal, ...listed }) => {
      // Narrows the type: a schema of the bench is wider than MCP's.
      if (!isSpecType.Tool(listed)) throw new Error(`${listed.name} is an invalid MCP tool.`);
      return listed;
    }),
  }));
  server.setRequestHandler('tools/call', ({ params: { name, arguments: args = {} } }) => {
    const tool = tools.find((each) => each.name === name);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name}`);
    return carryOut(tool, args);
  });
  return server;
}

function carryOut(tool: Tool, args: Record<string, unknown>): CallToolResult {
  const isValid = ajv.compile(tool.inputSchema);
  if (!isValid(args)) {
    const problems = ajv.errorsText(isValid.errors, { dataVar: 'arguments' });
    return refuse(tool.refusal ?? `Input validation error: ${problems}`);
  }
  try {
    const { structured, text = JSON.stringify(structured ?? {}), isError } = tool.call(args);
    return {
      content: [{ type: 'text', text }],
      ...(structured && { structuredContent: structured }),
      ...(isError && { isError }),
    };
  } catch (error) {
    if (error instanceof Refused) return refuse(error.message);
    throw error;
  }
}

const refuse = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true });
