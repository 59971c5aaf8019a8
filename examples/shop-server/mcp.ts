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
import { finishCall, type RecordedCall } from './calls.ts';
import type { ControlRoom } from './control.ts';
import { RESOURCE_TEMPLATES, RESOURCES, readShopResource } from './resources.ts';
import { type Shop, ShopError } from './shop.ts';
import type { ListedTool } from './tool-list.ts';

const SERVER_INFO = { name: 'shop-server', title: 'Example shop', version: '1.0.0' };
const INSTRUCTIONS =
  'A small shop. Find skus with search_products. Orders belong to a reference of your choice. Use a new one for each task.';

export type ShopMcp = {
  handler: McpHttpHandler;
  /** Serves a `tools/call` request and records its outcome in `call`. */
  serveCall<Result>(call: RecordedCall, serve: () => Promise<Result>): Promise<Result>;
};

/**
 * Creates a stateless MCP endpoint for revision 2026-07-28 and, by the SDK's fallback, 2025-11-25. Each request gets a
 * low-level `Server`, which takes finished schemas: converting them each time would cost more than the call.
 */
export function createShopMcp({ shop, control }: { shop: Shop; control: ControlRoom }): ShopMcp {
  const currentCall = new AsyncLocalStorage<RecordedCall>();

  async function callTool(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<CallToolResult> {
    const call = currentCall.getStore();
    if (!call) throw new Error('The tool call has no record.');
    const { byName } = control.toolList();
    const listed = byName.get(name);
    if (!listed) {
      finishCall(call, 'unknown_tool');
      const names = [...byName.keys()].join(', ');
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool "${name}". This shop has: ${names}.`);
    }
    const tool = listed.tool.name;
    const { slow } = control.get();
    const { outcome, result } = runTool(listed, args);
    // Runs before the wait, like a server whose answer is late: a caller that gives up can't know whether it ran.
    await delay(slow[tool] ?? 0, signal);
    await control.waitWhileHeld(tool, signal);
    finishCall(call, signal.aborted ? 'canceled' : outcome);
    return result;
  }

  function runTool(
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
    server.setRequestHandler('tools/list', () => ({ tools: control.toolList().tools }));
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
    serveCall: (call, serve) => currentCall.run(call, serve),
  };
}

function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

async function delay(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs === 0) return;
  try {
    await wait(delayMs, undefined, { signal });
  } catch (error) {
    // The caller disconnected. `callTool` records that.
    if (!signal.aborted) throw error;
  }
}
