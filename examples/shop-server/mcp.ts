import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type CallToolResult,
  createMcpHandler,
  type McpHttpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type RecordedCall, settle } from './calls.ts';
import type { ControlRoom } from './control.ts';
import type { ListedTool } from './listing.ts';
import { RESOURCE_TEMPLATES, RESOURCES, readShopResource } from './resources.ts';
import { type Shop, ShopError } from './shop.ts';

const SERVER_INFO = { name: 'shop-server', title: 'Example shop', version: '1.0.0' };
const INSTRUCTIONS =
  'A small shop. Find skus with search_products. Orders are kept under a reference of your choice; use a fresh one for each piece of work.';

export type ShopMcp = {
  handler: McpHttpHandler;
  /** Serves a `tools/call` request so that its outcome ends up in the record. */
  during<Result>(call: RecordedCall, serve: () => Promise<Result>): Promise<Result>;
};

/**
 * The MCP side: one stateless endpoint for revision 2026-07-28 and, through the SDK's fallback, for 2025-11-25.
 * The low-level `Server` takes finished schemas: it is made anew for each request, and converting them each time would
 * cost more than the call.
 */
export function createShopMcp({ shop, control }: { shop: Shop; control: ControlRoom }): ShopMcp {
  const exchange = new AsyncLocalStorage<RecordedCall>();

  async function callTool(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<CallToolResult> {
    const call = exchange.getStore();
    if (!call) throw new Error('a tool call reached the server without a record');
    const listing = control.listing();
    const listed = listing.byName.get(name);
    if (!listed) {
      settle(call, 'unknown_tool');
      const names = [...listing.byName.keys()].join(', ');
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool "${name}". This shop has: ${names}.`);
    }
    const own = listed.tool.name;
    const { slow } = control.get();
    const { outcome, result } = carryOut(listed, args);
    // The work is done before the wait, as on a server whose answer is late: a caller that gives up can't know.
    await delay(slow[own] ?? 0, signal);
    await control.held(own, signal);
    settle(call, signal.aborted ? 'canceled' : outcome);
    return result;
  }

  function carryOut(
    { tool, input, restore }: ListedTool,
    args: Record<string, unknown>,
  ): { outcome: 'ok' | 'error' | 'invalid_arguments'; result: CallToolResult } {
    const { fail, huge, inject } = control.get();
    const failure = fail[tool.name];
    if (failure !== undefined) return { outcome: 'error', result: errorResult(failure) };
    const parsed = input.safeParse(args);
    if (!parsed.success) {
      const problems = z.prettifyError(parsed.error);
      return { outcome: 'invalid_arguments', result: errorResult(`Invalid arguments for ${tool.name}:\n${problems}`) };
    }
    try {
      const structuredContent = tool.run(restore(parsed.data), shop);
      const injected = inject[tool.name];
      const bytes = huge[tool.name];
      const text = JSON.stringify(structuredContent) + (injected === undefined ? '' : `\n${injected}`);
      const filler = bytes === undefined ? [] : [{ type: 'text' as const, text: 'x'.repeat(bytes) }];
      return { outcome: 'ok', result: { content: [{ type: 'text', text }, ...filler], structuredContent } };
    } catch (error) {
      if (error instanceof ShopError) return { outcome: 'error', result: errorResult(error.message) };
      throw error;
    }
  }

  function createServer(): Server {
    const server = new Server(SERVER_INFO, { capabilities: { tools: {}, resources: {} }, instructions: INSTRUCTIONS });
    server.setRequestHandler('tools/list', () => ({ tools: control.listing().tools }));
    server.setRequestHandler('tools/call', ({ params }, context) =>
      callTool(params.name, params.arguments ?? {}, context.mcpReq.signal),
    );
    server.setRequestHandler('resources/list', () => ({ resources: RESOURCES }));
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: RESOURCE_TEMPLATES }));
    server.setRequestHandler('resources/read', ({ params }) => ({ contents: [readShopResource(params.uri, shop)] }));
    return server;
  }

  return {
    handler: createMcpHandler(createServer),
    during: (call, serve) => exchange.run(call, serve),
  };
}

function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds === 0) return;
  try {
    await wait(milliseconds, undefined, { signal });
  } catch (error) {
    // The caller has gone; the record says so.
    if (!signal.aborted) throw error;
  }
}
