import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import type { Express, Request, RequestHandler, Response } from 'express';
import { ArmatureError, httpStatus, isArmatureError } from '../../domain/error/error.ts';
import type { Deps } from '../../services/context/context.ts';
import { createKeyAuth, howToSendKey } from '../api-key.ts';
import { dataHeaders } from '../security.ts';
import { toApiError, toRpcMessage } from './error.ts';
import { RefusedMessage, readMessage } from './message.ts';
import { createServer } from './server.ts';

/**
 * The MCP endpoint for agents: stateless, both protocol eras, API keys only. It reads no cookie, so a web page can't
 * use a person's session through it. `Host` and `Origin` are checked against DNS rebinding all the same.
 */
export function mountMcp(app: Express, deps: Deps): void {
  const headers = dataHeaders({ https: deps.config.url.startsWith('https:') });
  app.all('/api/mcp', headers, createMcpEndpoint(deps));
  app.all(['/.well-known', '/.well-known/*path'], headers, nothingWellKnown);
}

function createMcpEndpoint(deps: Deps): RequestHandler {
  const { config, log } = deps;
  const authenticate = createKeyAuth(deps);
  const hosts = [new URL(config.url).hostname, 'localhost', '127.0.0.1', '[::1]'];

  async function answer(request: Request, response: Response): Promise<void> {
    refuseForeign(request, hosts);
    const actor = await authenticate(request, response);
    const message = request.method === 'POST' ? await readMessage(request, response) : undefined;
    const { requestId } = response.locals;
    const handler = createMcpHandler(() => createServer({ deps, actor, requestId }), {
      onerror: (error) => log.debug({ err: error, requestId }, 'MCP message refused'),
    });
    const serve = toNodeHandler(handler, {
      onerror: (error) => log.error({ err: error, requestId }, 'MCP request failed'),
    });
    await serve(request, response, message);
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

/** Clients that get a 401 look here for an authorization server; an HTML page would only confuse them. */
const nothingWellKnown: RequestHandler = (_request, response) => {
  const problem = new ArmatureError(
    'resource_not_found',
    'Nothing is served here. The MCP endpoint takes API keys, not OAuth.',
    howToSendKey,
  );
  response.status(404).json({ error: toApiError(problem, response.locals.requestId) });
};

/** @throws ArmatureError `permission_denied` for a foreign `Host` or `Origin`. */
function refuseForeign(request: Request, hosts: string[]): void {
  const isOwnHost = validateHostHeader(request.host, hosts).ok;
  if (isOwnHost && validateOriginHeader(request.get('origin'), hosts).ok) return;
  throw new ArmatureError(
    'permission_denied',
    isOwnHost
      ? 'Web pages of another origin must not use this endpoint.'
      : 'This endpoint is not served under this host name.',
    'Use the address that is configured as ARMATURE_URL.',
  );
}

function refuse(error: unknown, response: Response, next: (error: unknown) => void): void {
  const { requestId } = response.locals;
  if (error instanceof RefusedMessage) {
    const data = toApiError(error.problem, requestId);
    response
      .status(error.status)
      .json({ jsonrpc: '2.0', id: error.id, error: { code: error.rpcCode, message: toRpcMessage(data), data } });
    return;
  }
  if (!isArmatureError(error)) {
    next(error);
    return;
  }
  const { retryAfterSeconds } = error.details;
  if (typeof retryAfterSeconds === 'number') response.set('Retry-After', String(retryAfterSeconds));
  response.status(httpStatus(error.code)).json({ error: toApiError(error, requestId) });
}
