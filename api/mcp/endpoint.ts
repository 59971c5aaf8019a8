import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import type { AuthInfo } from '@modelcontextprotocol/server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { Express, Request, RequestHandler, Response } from 'express';
import { ArmatureError, httpStatus, isArmatureError } from '../../domain/error/error.ts';
import { createKeyVerifier, type KeyActor } from '../../services/api-key/verify.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import { dataHeaders } from '../security.ts';
import { readAhead } from './ahead.ts';
import { answerAtOnce, legacyRequest } from './at-once.ts';
import { apiError, rpcMessage } from './error.ts';
import { type Refusal, readMessage, refusalOf, UnreadableMessage } from './message.ts';
import { createRateLimit } from './rate-limit.ts';
import { createServer } from './server.ts';
import type { ToolAnswer } from './tool.ts';

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
  const requests = new WeakMap<AuthInfo, { ctx: Context; ahead: Promise<ToolAnswer> | null }>();
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const known = authInfo && requests.get(authInfo);
      if (!known) throw new Error('a request reached the MCP server without a context');
      return createServer(known.ctx, known.ahead);
    },
    { onerror: (error) => log.debug({ err: error }, 'the MCP endpoint refused a message') },
  );
  const serve = toNodeHandler(handler, {
    onerror: (error) => log.error({ err: error }, 'the MCP endpoint could not serve a request'),
  });

  async function authenticate(bearer: string | null, request: Request, response: Response): Promise<KeyActor> {
    const actor = await keys.verify(bearer, request.ip ?? 'unknown');
    if (actor) return actor;
    const isGiven = request.get('authorization') !== undefined;
    response.set('WWW-Authenticate', `Bearer realm="armature"${isGiven ? ', error="invalid_token"' : ''}`);
    throw new ArmatureError(
      'unauthenticated',
      isGiven ? 'This API key is not valid: it is malformed, unknown or revoked.' : 'This needs an API key.',
      'Send "Authorization: Bearer amt_…" with a key made on the API keys page of the workspace.',
    );
  }

  /** Takes a request from what its key may send. @throws ArmatureError `rate_limited` (`retryAfterSeconds`) */
  function takeOne({ id }: KeyActor): void {
    const retryAfterSeconds = rate.take(id, now().getTime());
    if (retryAfterSeconds > 0)
      throw new ArmatureError(
        'rate_limited',
        `This API key sends more than ${config.keyRequestsPerMinute} requests a minute.`,
        `Wait ${retryAfterSeconds} s, then go on more slowly.`,
        { retryAfterSeconds },
      );
  }

  async function read(request: Request): Promise<{ message: unknown; refusal: Refusal | null }> {
    const message = request.method === 'POST' ? await readMessage(request) : undefined;
    return { message, refusal: refusalOf(message) };
  }

  /** What can be done for a key that stood a moment ago while it is looked up again: none of it is told before that is done. */
  async function prepare(assumed: KeyActor, request: Request, requestId: string) {
    takeOne(assumed);
    const asked = await read(request);
    const ahead = asked.refusal ? null : readAhead({ deps, actor: assumed, requestId }, asked.message);
    return { ...asked, ahead };
  }

  async function answer(request: Request, response: Response): Promise<void> {
    refuseForeign(request, hosts);
    const { requestId } = response.locals;
    const [, bearer = null] = /^bearer +(\S+) *$/i.exec(request.get('authorization') ?? '') ?? [];
    const verifying = authenticate(bearer, request, response);
    const assumed = keys.remembered(bearer);
    const preparing = assumed && prepare(assumed, request, requestId);
    // Whatever becomes of the key comes first; what went wrong meanwhile is heard after it.
    preparing?.catch(() => {});
    const actor = await verifying;
    if (!preparing) takeOne(actor);
    const prepared = preparing ? await preparing : { ...(await read(request)), ahead: null };
    const { message, refusal } = prepared;
    if (refusal) {
      const data = apiError(refusal.problem, requestId);
      response
        .status(refusal.status)
        .json({ jsonrpc: '2.0', id: refusal.id, error: { code: refusal.rpcCode, message: rpcMessage(data), data } });
      return;
    }
    const isSame = assumed?.orgId === actor.orgId && assumed.role === actor.role;
    const auth: AuthInfo = { token: '', clientId: actor.id, scopes: [actor.role] };
    const ctx: Context = { deps, actor, requestId };
    const ahead = isSame ? prepared.ahead : null;
    if (ahead) {
      const legacy = legacyRequest(request, message);
      if (legacy) return answerAtOnce(response, legacy, { begun: ahead, log });
    }
    requests.set(auth, { ctx, ahead });
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
