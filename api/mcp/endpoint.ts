import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { Express, Request, RequestHandler, Response } from 'express';
import { httpStatus } from '../../domain/error/codes.ts';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import type { Logger } from '../../infra/logger/index.ts';
import type { Deps } from '../../services/context/context.ts';
import { validationError } from '../../services/context/errors.ts';
import { createKeyAuth, howToSendKey, type KeyAuth } from '../api-key.ts';
import { dataHeaders } from '../security.ts';
import { type ErrorForm, errorForms, toAgentError, toApiError, toErrorText } from './error.ts';
import { ownHosts, refuseForeign } from './foreign.ts';
import { RefusedMessage, readMessage } from './message.ts';
import { createServer } from './server.ts';

/**
 * The MCP endpoint for agents: stateless, both protocol eras, API keys and tokens of them. It reads no cookie, so a
 * web page can't use a person's session through it. `Host` and `Origin` are checked against DNS rebinding all the same.
 */
export function mountMcp(app: Express, deps: Deps, authenticate: KeyAuth = createKeyAuth(deps)): void {
  const headers = dataHeaders({ https: deps.config.url.startsWith('https:') });
  app.all('/api/mcp', headers, createMcpEndpoint(deps, authenticate));
  app.all(oauthPaths, headers, refuseOauth(deps));
}

function createMcpEndpoint(deps: Deps, authenticate: KeyAuth): RequestHandler {
  const { config, log } = deps;
  const hosts = ownHosts(config.url);

  async function answer(request: Request, response: Response): Promise<void> {
    refuseForeign(request, hosts, 'Use the address that is configured as ARMATURE_URL.');
    const actor = await authenticate(request, response, { takesTokens: true });
    const message = request.method === 'POST' ? await readMessage(request, response) : undefined;
    const { requestId } = response.locals;
    const errors = readErrorForm(request);
    const ctx = { deps, actor, requestId, address: request.ip ?? 'unknown' };
    const handler = createMcpHandler(() => createServer(ctx, { errors }), {
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
      refuse(error, { response, next, log });
    }
  };
}

/** @throws RefusedMessage for another value of `errors` in the address. */
function readErrorForm({ query: { errors = 'result' } }: Request): ErrorForm {
  const form = errorForms.find((known) => known === errors);
  if (form) return form;
  throw new RefusedMessage(
    { status: 400, rpcCode: -32602 },
    validationError([{ field: 'errors', message: 'The only value in the address is json-rpc.' }]),
  );
}

/** Clients that get a 401 look here for an authorization server; an HTML page would only confuse them. */
const oauthPaths = ['/.well-known', '/.well-known/*path', '/register', '/token', '/authorize'];

const refuseOauth =
  ({ authorization }: Deps): RequestHandler =>
  (_request, response) => {
    const problem =
      authorization === null
        ? new ArmatureError(
            'resource_not_found',
            'Nothing is served here. The MCP endpoint takes API keys, not OAuth.',
            howToSendKey,
          )
        : new ArmatureError(
            'resource_not_found',
            'Nothing is served here.',
            'Read /.well-known/oauth-authorization-server for the addresses to sign in at.',
          );
    response.status(404).json({ error: toApiError(problem, response.locals.requestId) });
  };

function refuse(
  error: unknown,
  { response, next, log }: { response: Response; next: (error: unknown) => void; log: Logger },
): void {
  const { requestId } = response.locals;
  if (error instanceof RefusedMessage) {
    const data = toAgentError(error.problem, { requestId, log, role: null, tool: null });
    response
      .status(error.status)
      .json({ jsonrpc: '2.0', id: error.id, error: { code: error.rpcCode, message: toErrorText(data), data } });
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
