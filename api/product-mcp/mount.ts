import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express';
import { httpStatus } from '../../domain/error/codes.ts';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import { describeSource, readCredential } from '../../domain/product-mcp/connection.ts';
import type { Deps } from '../../services/context/context.ts';
import { type ActivePublication, asActive, createCaller } from '../../services/product-mcp/serving/caller.ts';
import type { Publication } from '../../services/product-mcp/serving/publication.ts';
import type { ProductServing } from '../../services/product-mcp/serving/serve.ts';
import { toApiError, toErrorText } from '../mcp/error.ts';
import { ownHosts, refuseForeign } from '../mcp/foreign.ts';
import { RefusedMessage, readMessage } from '../mcp/message.ts';
import { dataHeaders } from '../security.ts';
import { readNetwork } from '../visit.ts';
import { readHost } from './host.ts';
import { createServer } from './server.ts';

/**
 * Product MCPs: `/p/<workspace>/<slug>`, and `mcp.<workspace>.<domain>/<slug>`. Stateless, both protocol eras. Callers
 * bring a credential of the API, which is neither stored nor logged. `Host` and `Origin` are checked as at `/api/mcp`.
 * This is no OAuth resource: a client that finds no metadata sends the header that it was configured with.
 */
export function mountProductMcp(app: Express, deps: Deps, serving: ProductServing): void {
  const headers = dataHeaders({ https: deps.config.url.startsWith('https:') });
  const endpoint = createEndpoint(deps, serving);
  app.use('/p', headers, hidePath);
  app.all('/p/:orgSlug/:slug', (request, response, next) => {
    const { orgSlug, slug } = request.params;
    return endpoint({ orgSlug, slug }, request, response, next);
  });
  app.use('/p', nothingHere, refuseMalformed);

  if (deps.config.productMcpDomain === '') return;
  app.use((request, response, next) => {
    const orgSlug = readHost(request.headers.host, deps.config.productMcpDomain);
    if (orgSlug === null) return next();
    headers(request, response, () => {
      hidePath(request, response, () => {});
      const [, slug] = /^\/([a-z0-9_-]{2,80})\/?$/.exec(request.path) ?? [];
      if (slug === undefined) return nothingHere(request, response, next);
      return endpoint({ orgSlug, slug }, request, response, next);
    });
  });
}

type Address = { orgSlug: string; slug: string };

/** An address that leads nowhere isn't logged: people who mistake where a credential goes put it there. */
const hidePath: RequestHandler = (_request, response, next) => {
  response.locals.path = '/p/…';
  next();
};

function createEndpoint({ config, log }: Deps, serving: ProductServing) {
  const hosts = ownHosts(config.url);

  async function answer(address: Address, request: Request, response: Response): Promise<void> {
    const found = await serving.find(address);
    if (!found) throw notFound();
    const { orgSlug, slug } = address;
    response.locals.path = `/p/${orgSlug}/${slug}`;
    const ownHost = `mcp.${orgSlug}.${config.productMcpDomain.split(':')[0]}`;
    refuseForeign(request, [...hosts, ownHost], 'Use the address that the publisher of the server gives.');
    const publication = asActive(found);
    if (!publication) throw paused(found);
    const credential = readSent(request, publication);
    if (credential === null) return refuseCredential(response, publication, 'missing');
    const verdict = await serving.check(publication, credential, readNetwork(request));
    if (verdict.outcome === 'invalid') return refuseCredential(response, publication, 'refused');
    if (verdict.outcome === 'unknown') throw undecided(publication);

    const caller = createCaller(publication, await serving.toolset(publication), credential);
    const { requestId } = response.locals;
    response.locals.redactor = caller.redactor;
    const message = request.method === 'POST' ? await readMessage(request, response) : undefined;
    const handler = createMcpHandler(() => createServer(serving, caller), {
      onerror: (error) => log.debug({ err: error, requestId }, 'MCP message refused'),
    });
    const serve = toNodeHandler(handler, {
      onerror: (error) => log.error({ err: error, requestId }, 'request to a Product MCP failed'),
    });
    await serve(withoutQuery(request), response, message);
  }

  return async (address: Address, request: Request, response: Response, next: (error: unknown) => void) => {
    response.set('Cache-Control', 'no-store');
    try {
      await answer(address, request, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      refuse(error, response, next);
    }
  };
}

/** The query may have the credential, which is none of the SDK's business. */
function withoutQuery(request: Request): Request {
  request.url = request.path;
  request.originalUrl = request.originalUrl.split('?')[0] ?? '/';
  return request;
}

/** The credential of a request; null if there is none in the expected form. */
function readSent(request: Request, { connection }: ActivePublication): string | null {
  const { source } = connection;
  if (source.in === 'header') return readCredential(connection, request.get(source.name) ?? '');
  const values = new URL(request.originalUrl, 'http://localhost').searchParams.getAll(source.name);
  return values.length === 1 ? readCredential(connection, values[0] ?? '') : null;
}

function refuseCredential(
  response: Response,
  { name, connection }: ActivePublication,
  why: 'missing' | 'refused',
): void {
  const problem = new ArmatureError(
    'unauthenticated',
    why === 'missing'
      ? `${name} needs your own credential of its API, which was not sent.`
      : `${name} does not accept this credential.`,
    `Send it as ${describeSource(connection)}. This server does not use OAuth.`,
  );
  sendError(response, problem);
}

const notFound = () =>
  new ArmatureError(
    'not_found',
    'No MCP server has this address.',
    'Check the address with the publisher of the server.',
  );

const paused = ({ name, state }: Publication) =>
  new ArmatureError(
    'product_mcp_paused',
    state === 'paused' ? `${name} is paused.` : `${name} is not set up yet.`,
    'Try again later, or ask the publisher of the server.',
  );

const undecided = ({ name }: ActivePublication) =>
  new ArmatureError(
    'credential_check_failed',
    `${name} can't check your credential now: its API gave no clear answer.`,
    'Try again in a minute.',
  );

/** Express refuses what it can't decode. */
const refuseMalformed: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof URIError)) return next(error);
  sendError(response, notFound());
};

const nothingHere: RequestHandler = (_request, response) => {
  sendError(
    response,
    new ArmatureError(
      'not_found',
      'Nothing is served here. This is no OAuth resource.',
      'Use the address of an MCP server.',
    ),
  );
};

function sendError(response: Response, problem: ArmatureError): void {
  const { retryAfterSeconds } = problem.details;
  if (typeof retryAfterSeconds === 'number') response.set('Retry-After', String(retryAfterSeconds));
  response.status(httpStatus(problem.code)).json({ error: toApiError(problem, response.locals.requestId) });
}

function refuse(error: unknown, response: Response, next: (error: unknown) => void): void {
  if (error instanceof RefusedMessage) {
    const { requestId, redactor } = response.locals;
    const data = toApiError(error.problem, requestId);
    // What is wrong with a message may quote it, and with it a credential that somebody put there.
    const said = redactor.value({ code: error.rpcCode, message: toErrorText(data), data });
    response.status(error.status).json({ jsonrpc: '2.0', id: error.id, error: said });
  } else if (isArmatureError(error)) sendError(response, error);
  else next(error);
}
