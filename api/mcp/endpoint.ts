import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import type { AuthInfo } from '@modelcontextprotocol/server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { Express, Request, RequestHandler, Response } from 'express';
import { ArmatureError, httpStatus, isArmatureError } from '../../domain/error.ts';
import { createKeyVerifier, type KeyActor } from '../../services/api-key/verify.ts';
import type { Context, Deps } from '../../services/context.ts';
import { dataHeaders } from '../security.ts';
import { apiError, rpcMessage } from './error.ts';
import { readMessage, refusalOf, UnreadableMessage } from './message.ts';
import { createRateLimit } from './rate-limit.ts';
import { createServer } from './server.ts';

/**
 * The MCP endpoint for agents: stateless, both protocol eras, by API key alone. It reads no cookie, so that no page can use a person's
 * session through it; what a page could reach by DNS rebinding is refused by `Host` and `Origin` all the same.
 */
export function mountMcp(app: Express, deps: Deps): void {
  const headers = dataHeaders({ https: deps.config.url.startsWith('https:') });
  app.all('/api/mcp', headers, createMcpEndpoint(deps));
  app.all(['/.well-known', '/.well-known/*path'], headers, nothingWellKnown);
}

function createMcpEndpoint(deps: Deps): RequestHandler {
  const { config, log, now } = deps;
  const keys = createKeyVerifier(deps);
  const rate = createRateLimit({ perMinute: config.keyRequestsPerMinute });
  const hosts = new Set([new URL(config.url).hostname, 'localhost', '127.0.0.1', '[::1]']);
  // The SDK hands this object through as it is, to the factory and to both eras.
  const contexts = new WeakMap<AuthInfo, Context>();
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const ctx = authInfo && contexts.get(authInfo);
      if (!ctx) throw new Error('a request reached the MCP server without a context');
      return createServer(ctx);
    },
    { onerror: (error) => log.debug({ err: error }, 'the MCP endpoint refused a message') },
  );
  const serve = toNodeHandler(handler, {
    onerror: (error) => log.error({ err: error }, 'the MCP endpoint could not serve a request'),
  });

  async function authenticate(request: Request, response: Response): Promise<KeyActor> {
    const authorization = request.get('authorization');
    const [, bearer = null] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    const actor = await keys.verify(bearer, request.ip ?? 'unknown');
    if (actor) return actor;
    response.set('WWW-Authenticate', `Bearer realm="armature"${authorization ? ', error="invalid_token"' : ''}`);
    throw new ArmatureError(
      'unauthenticated',
      authorization ? 'This API key is not valid: it is malformed, unknown or revoked.' : 'This needs an API key.',
      'Send "Authorization: Bearer amt_…" with a key made on the API keys page of the workspace.',
    );
  }

  async function answer(request: Request, response: Response): Promise<void> {
    refuseForeign(request, hosts);
    const actor = await authenticate(request, response);
    const wait = rate.take(actor.id, now().getTime());
    if (wait > 0) {
      response.set('Retry-After', String(wait));
      throw new ArmatureError(
        'rate_limited',
        `This API key sends more than ${config.keyRequestsPerMinute} requests a minute.`,
        `Wait ${wait} s, then go on more slowly.`,
        { retryAfterSeconds: wait },
      );
    }
    const { requestId } = response.locals;
    const ctx: Context = { deps, actor, requestId };
    const auth: AuthInfo = { token: '', clientId: actor.id, scopes: [actor.role] };
    contexts.set(auth, ctx);
    const message = request.method === 'POST' ? await readMessage(request) : undefined;
    const refusal = refusalOf(message);
    if (refusal) {
      const data = apiError(refusal.problem, requestId);
      response
        .status(refusal.status)
        .json({ jsonrpc: '2.0', id: refusal.id, error: { code: refusal.rpcCode, message: rpcMessage(data), data } });
      return;
    }
    await serve(forSdk(request, auth), response, message);
  }

  return async (request, response, next) => {
    response.set('Cache-Control', 'no-store');
    try {
      await answer(request, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      refuse(error, response, next);
    }
  };
}

/** What the SDK needs of a request whose body has been read: it copies each header, and the key is none of its business. */
function forSdk({ method, url, headers }: Request, auth: AuthInfo): NodeIncomingMessageLike {
  const needed: NodeIncomingMessageLike['headers'] = {};
  for (const name in headers) if (name.startsWith('mcp-') || sdkHeaders.has(name)) needed[name] = headers[name];
  return { method, url, headers: needed, auth, async *[Symbol.asyncIterator]() {} };
}
const sdkHeaders = new Set(['accept', 'content-type', 'last-event-id']);

/** Clients that get a 401 look for an authorization server here; a page would only confuse them. */
const nothingWellKnown: RequestHandler = (_request, response) => {
  const problem = new ArmatureError(
    'resource_not_found',
    'Nothing is served here. The MCP endpoint has no OAuth: it takes API keys.',
    'Send "Authorization: Bearer amt_…" with a key made on the API keys page of the workspace.',
  );
  response.status(404).json({ error: apiError(problem, response.locals.requestId) });
};

/** @throws ArmatureError `permission_denied` for a `Host` or `Origin` that is not ours. */
function refuseForeign(request: Request, hosts: ReadonlySet<string>): void {
  const origin = request.get('origin');
  const host = hostnameOf(`http://${request.host ?? ''}`);
  const isOurs = host !== null && hosts.has(host);
  const fromOurs = origin === undefined || hosts.has(hostnameOf(origin) ?? '');
  if (isOurs && fromOurs) return;
  throw new ArmatureError(
    'permission_denied',
    isOurs
      ? 'Web pages of another origin may not use this endpoint.'
      : 'This endpoint is not served under this host name.',
    'Use the address that is configured as ARMATURE_URL.',
  );
}

const hostnameOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).hostname : null);

function refuse(error: unknown, response: Response, next: (error: unknown) => void): void {
  const { requestId } = response.locals;
  if (error instanceof UnreadableMessage) {
    const data = apiError(error.problem, requestId);
    response
      .status(error.status)
      // The rest of a body that was not read to its end must not be taken for the next request.
      .set('Connection', 'close')
      .json({ jsonrpc: '2.0', id: null, error: { code: error.rpcCode, message: rpcMessage(data), data } });
    return;
  }
  if (!isArmatureError(error)) {
    next(error);
    return;
  }
  const { retryAfterSeconds } = error.details;
  if (typeof retryAfterSeconds === 'number') response.set('Retry-After', String(retryAfterSeconds));
  response.status(httpStatus(error.code)).json({ error: apiError(error, requestId) });
}
