import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { z } from 'zod';
import { type CallFilter, createCallLog, finishCall, type RecordedCall } from './calls.ts';
import { type Control, createControlRoom } from './control.ts';
import { createBearerCheck, HttpError, isLoopback, readJson, sendGarbage, sendJson, toSdkRequest } from './http.ts';
import { answerApi } from './http-api/answer.ts';
import { describeApi } from './http-api/document.ts';
import { createShopMcp } from './mcp.ts';
import { createShop } from './shop.ts';

export type { RecordedCall } from './calls.ts';

export type ShopServer = {
  /** The MCP endpoint. */
  url: string;
  controlUrl: string;
  /** The HTTP API of the same shop, and its OpenAPI document. */
  apiUrl: string;
  documentUrl: string;
  port: number;
  control: Control;
  /** The last 100,000 tool calls, in the order in which they were received. */
  calls(filter?: CallFilter): RecordedCall[];
  /** Stops the server and drops all connections, including those of held calls. */
  close(): Promise<void>;
};

const ToolCall = z.object({
  method: z.literal('tools/call'),
  params: z.object({ name: z.string(), arguments: z.unknown().optional() }),
});
const HasReference = z.object({ reference: z.string() });
const HasOrder = z.object({ order_id: z.string() });

/**
 * Starts the example shop.
 * @param options.port 0 picks a free port. @default 0
 * @param options.token `/mcp` requires it as a bearer token. @default none
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
      HasReference.safeParse(args).data?.reference ?? shop.findReference(HasOrder.safeParse(args).data?.order_id ?? '');
    return calls.receive({ tool: name, arguments: args ?? {}, ...(reference !== undefined && { reference }) });
  }

  async function answerMcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { unauthorized, garbage, drop } = control.get();
    if (unauthorized || !isAuthorized(request)) {
      const body = {
        error: 'unauthorized',
        message: 'Invalid token. Send the token of this shop as "Authorization: Bearer <token>".',
      };
      return sendJson(response, 401, body, { 'www-authenticate': 'Bearer realm="shop"' });
    }
    if (request.method !== 'POST') return serveMcp(toSdkRequest(request), response);

    const message = await readJson(request);
    // Neither of the revisions that this server supports has batches.
    if (Array.isArray(message)) throw new HttpError(400, 'JSON-RPC batches are not supported. Send one message.');
    const call = record(message);
    const tool = call && (control.toolList().byName.get(call.tool)?.tool.name ?? call.tool);
    const garbageKind = typeof garbage === 'object' ? tool && garbage[tool] : garbage;
    if (garbageKind) {
      if (call) finishCall(call, 'garbage');
      return sendGarbage(response, garbageKind, message);
    }
    if (!call || !tool) return serveMcp(toSdkRequest(request), response, message);

    if (drop[tool] === 'before') {
      finishCall(call, 'dropped_before');
      response.destroy();
      return;
    }
    if (drop[tool] === 'after') {
      const disconnected = new AbortController();
      response.on('close', () => disconnected.abort());
      const webRequest = await toWebRequest(toSdkRequest(request), message, { signal: disconnected.signal });
      await mcp.serveCall(call, async () => (await mcp.handler.fetch(webRequest, { parsedBody: message })).text());
      finishCall(call, 'dropped_after');
      response.destroy();
      return;
    }
    await mcp.serveCall(call, () => serveMcp(toSdkRequest(request), response, message));
    if (call.outcome === 'pending') finishCall(call, response.writableFinished ? 'refused' : 'canceled');
  }

  async function answerHttpApi(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (control.get().apiDown) return sendJson(response, 503, { error: 'The shop is closed. Try again later.' });
    const hasBody = request.method === 'POST' || request.method === 'PUT';
    const { status, body } = answerApi(
      {
        method: request.method ?? 'GET',
        path: url.pathname.slice('/api'.length),
        query: url.searchParams,
        authorization: request.headers.authorization,
        body: hasBody ? await readJson(request) : undefined,
      },
      shop,
    );
    sendJson(response, status, body);
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
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'shop'}`);
    const { pathname, searchParams } = url;
    // Protects a server on the user's machine from web pages of other sites.
    if (!isFromLocalPage(request, response)) return;
    if (pathname === '/mcp') return answerMcp(request, response);
    if (pathname.startsWith('/api/')) return answerHttpApi(url, request, response);
    if (pathname === '/openapi.json') return sendJson(response, 200, describeApi(`${url.origin}/api`));
    if (pathname === '/healthz') return sendJson(response, 200, { status: 'ok' });

    const isControl = pathname === '/control' || pathname === '/control/reset';
    if (!isControl && pathname !== '/calls') throw new HttpError(404, 'Not found. The MCP endpoint is /mcp.');
    if (!isLoopback(request.socket.remoteAddress))
      throw new HttpError(403, `${pathname} is only available on the machine of the server.`);
    if (!isLocalHost(request, response)) return;
    if (isControl) return answerControl(pathname, request, response);
    const filter = z.object({ reference: z.string(), tool: z.string() }).partial();
    const { reference, tool } = filter.parse(Object.fromEntries(searchParams));
    const matches = calls.list({ ...(reference !== undefined && { reference }), ...(tool !== undefined && { tool }) });
    sendJson(response, 200, { total: matches.length, calls: matches });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return response.destroy();
      const httpError = error instanceof HttpError ? error : new HttpError(500, `Internal error: ${error}`, -32603);
      const body = { jsonrpc: '2.0', id: null, error: { code: httpError.code, message: httpError.message } };
      sendJson(response, httpError.status, body, { connection: 'close' });
    });
  });
  // Longer than a minute, so that clients that call once a minute keep their connection.
  server.keepAliveTimeout = 75_000;

  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, host, resolve);
  await listening;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;

  return {
    url: `${origin}/mcp`,
    controlUrl: `${origin}/control`,
    apiUrl: `${origin}/api`,
    documentUrl: `${origin}/openapi.json`,
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
