import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { z } from 'zod';
import { type CallFilter, createCallLog, type RecordedCall, settle } from './calls.ts';
import { type Control, createControlRoom } from './control.ts';
import { createBearerCheck, HttpError, incoming, isLoopback, readJson, sendGarbage, sendJson } from './http.ts';
import { createShopMcp } from './mcp.ts';
import { createShop } from './shop.ts';

export type { RecordedCall } from './calls.ts';

export type ShopServer = {
  /** The MCP endpoint. */
  url: string;
  controlUrl: string;
  port: number;
  control: Control;
  /** Every tool call that was received, in order; the last 100,000. */
  calls(filter?: CallFilter): RecordedCall[];
  /** Drops every connection, also those whose call is held. */
  close(): Promise<void>;
};

const ToolCall = z.object({
  method: z.literal('tools/call'),
  params: z.object({ name: z.string(), arguments: z.unknown().optional() }),
});
const NamesReference = z.object({ reference: z.string() });
const NamesOrder = z.object({ order_id: z.string() });

/**
 * Starts the example shop.
 * @param options.port 0 takes a free one. @default 0
 * @param options.token when set, `/mcp` asks for it as a bearer token.
 * @throws the error of `listen`, for example `EADDRINUSE`.
 */
export async function startShopServer({
  port = 0,
  host = '127.0.0.1',
  token,
}: {
  port?: number;
  host?: string;
  token?: string;
} = {}): Promise<ShopServer> {
  const shop = createShop();
  const calls = createCallLog();
  const control = createControlRoom();
  const mcp = createShopMcp({ shop, control });
  const serveMcp = toNodeHandler(mcp.handler);
  const isAuthorized = createBearerCheck(token);
  const isFromLocalPage = localhostOriginValidation();
  const isLocalHost = localhostHostValidation();

  function record(message: unknown): RecordedCall | undefined {
    const call = ToolCall.safeParse(message);
    if (!call.success) return undefined;
    const { name, arguments: args } = call.data.params;
    const reference =
      NamesReference.safeParse(args).data?.reference ??
      shop.referenceOf(NamesOrder.safeParse(args).data?.order_id ?? '');
    return calls.receive({ tool: name, arguments: args ?? {}, ...(reference !== undefined && { reference }) });
  }

  async function answerMcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { unauthorized, garbage, drop } = control.get();
    if (unauthorized || !isAuthorized(request)) {
      const body = {
        error: 'unauthorized',
        message: 'Send the token of this shop as "Authorization: Bearer <token>".',
      };
      return sendJson(response, 401, body, { 'www-authenticate': 'Bearer realm="shop"' });
    }
    if (request.method !== 'POST') return serveMcp(incoming(request), response);

    const message = await readJson(request);
    // A batch would carry several calls in one exchange; neither revision that is served here has them.
    if (Array.isArray(message)) throw new HttpError(400, 'JSON-RPC batches are not supported.');
    const call = record(message);
    const own = call && (control.listing().byName.get(call.tool)?.tool.name ?? call.tool);
    const garbageKind = typeof garbage === 'object' ? own && garbage[own] : garbage;
    if (garbageKind) {
      if (call) settle(call, 'garbage');
      return sendGarbage(response, garbageKind, message);
    }
    if (!call || !own) return serveMcp(incoming(request), response, message);

    if (drop[own] === 'before') {
      settle(call, 'dropped_before');
      response.destroy();
      return;
    }
    if (drop[own] === 'after') {
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const webRequest = await toWebRequest(incoming(request), message, { signal: gone.signal });
      await mcp.during(call, async () => (await mcp.handler.fetch(webRequest, { parsedBody: message })).text());
      settle(call, 'dropped_after');
      response.destroy();
      return;
    }
    await mcp.during(call, () => serveMcp(incoming(request), response, message));
    if (call.outcome === 'pending') settle(call, response.writableFinished ? 'refused' : 'canceled');
  }

  async function answerControl(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === '/control' && request.method === 'GET') return sendJson(response, 200, control.get());
    if (request.method !== 'POST') throw new HttpError(405, 'Use GET /control, POST /control or POST /control/reset.');
    if (path === '/control/reset') return sendJson(response, 200, control.reset());
    const patch = await readJson(request);
    try {
      sendJson(response, 200, control.set(patch));
    } catch (error) {
      if (error instanceof z.ZodError) throw new HttpError(400, z.prettifyError(error));
      throw error;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
    // A web page must not reach a server on the reader's own machine.
    if (!isFromLocalPage(request, response)) return;
    if (pathname === '/mcp') return answerMcp(request, response);
    if (pathname === '/healthz') return sendJson(response, 200, { status: 'ok' });

    const isControl = pathname === '/control' || pathname === '/control/reset';
    if (!isControl && pathname !== '/calls') throw new HttpError(404, 'Nothing here. The MCP endpoint is /mcp.');
    if (!isLoopback(request.socket.remoteAddress)) throw new HttpError(403, 'Only from this machine.');
    if (!isLocalHost(request, response)) return;
    if (isControl) return answerControl(pathname, request, response);
    const filter = z.object({ reference: z.string(), tool: z.string() }).partial();
    const { reference, tool } = filter.parse(Object.fromEntries(searchParams));
    const found = calls.list({ ...(reference !== undefined && { reference }), ...(tool !== undefined && { tool }) });
    sendJson(response, 200, { total: found.length, calls: found });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return response.destroy();
      const known = error instanceof HttpError ? error : new HttpError(500, `Internal error: ${error}`, -32603);
      const body = { jsonrpc: '2.0', id: null, error: { code: known.code, message: known.message } };
      sendJson(response, known.status, body, { connection: 'close' });
    });
  });
  // Longer than a minute, so that a client that calls once a minute keeps its connection.
  server.keepAliveTimeout = 75_000;

  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, host, resolve);
  await listening;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;

  return {
    url: `${origin}/mcp`,
    controlUrl: `${origin}/control`,
    port: address.port,
    control: { get: control.get, set: control.set, reset: control.reset },
    calls: calls.list,
    async close() {
      const closed = new Promise((done) => server.close(done));
      await mcp.handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
