import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { httpStatus } from '../../domain/error/codes.ts';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import { validationError } from '../../services/context/errors.ts';
import { requireAccess } from '../../services/context/use-case.ts';
import type { Download } from '../../services/run/export/download.ts';
import type { KeyAuth } from '../api-key.ts';
import { toApiError, toKnownError } from '../mcp/error.ts';
import { dataHeaders } from '../security.ts';
import { answerOnce } from './idempotency.ts';
import { createDocument } from './openapi.ts';
import { readRequest } from './read-request.ts';
import { createReference } from './reference.ts';
import { routes } from './registry.ts';
import { isDownload, type Route } from './route.ts';

export const root = '/api/armature/v1';

/**
 * The REST API: `/api/armature/v1`. It takes API keys only and reads no cookie, so that a web page can't use a person's
 * session through it. Everything else under `/api/` is a JSON 404.
 */
export function mountRest(app: Express, deps: Deps, authenticate: KeyAuth): void {
  const https = deps.config.url.startsWith('https:');
  const api = express.Router({ caseSensitive: true, strict: true });
  const url = `${deps.config.url}${root}`;
  const document = JSON.stringify(createDocument({ routes, url }));
  api.get('/openapi.json', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').type('json').send(document);
  });
  api.use('/reference', createReference({ routes, url }));
  for (const route of routes) {
    const path = toExpressPath(route.path);
    const answer = createHandler(deps, route, authenticate);
    if (route.method === 'GET') api.get(path, answer);
    else if (route.method === 'POST') api.post(path, answer);
    else if (route.method === 'PATCH') api.patch(path, answer);
    else api.delete(path, answer);
  }
  for (const path of new Set(routes.map((route) => route.path))) api.all(toExpressPath(path), refuseMethod(path));
  app.use(root, dataHeaders({ https }), api);
  app.use('/api', dataHeaders({ https }), nothingHere);
  app.use('/api', refuse(deps));
}

const toExpressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

function createHandler(deps: Deps, route: Route, authenticate: KeyAuth): RequestHandler {
  return async (request, response) => {
    response.set('Cache-Control', 'no-store');
    const actor = await authenticate(request, response);
    const { requestId } = response.locals;
    const ctx: Context = { deps, actor, requestId, address: request.ip ?? 'unknown' };
    await requireAccess(ctx, route.useCase);
    const key = route.method === 'POST' ? request.get('idempotency-key') : undefined;
    const given = await readRequest(route, request, response);
    const { input, work } = route.read(route.takesKey && key !== undefined ? withKey(given, key) : given);
    const answer =
      key === undefined || route.takesKey
        ? { status: route.status, body: await work(ctx), isReplayed: false }
        : await answerOnce(ctx, { route, key, input, work });
    if (answer.isReplayed) response.set('Idempotent-Replayed', 'true');
    response.status(answer.status);
    if (isDownload(answer.body)) await sendDownload(response, answer.body);
    else response.json(answer.body);
  };
}

/** A failure in the middle cuts the connection off, so that nobody takes a part for the whole. */
async function sendDownload(response: Response, { name, contentType, chunks }: Download): Promise<void> {
  response.set('Content-Disposition', `attachment; filename="${name}"`).type(contentType);
  try {
    await pipeline(Readable.from(chunks), response);
  } catch (error) {
    // The client has gone away.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}

/** @throws ArmatureError `validation_failed` for two different keys */
function withKey(given: object, idempotencyKey: string): object {
  if ('idempotencyKey' in given && given.idempotencyKey !== idempotencyKey)
    throw validationError([{ field: 'idempotencyKey', message: 'The header Idempotency-Key names another one.' }]);
  return { ...given, idempotencyKey };
}

const refuseMethod =
  (path: string): RequestHandler =>
  (request, response) => {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method);
    response.set('Allow', allowed.join(', '));
    throw new ArmatureError(
      'method_not_allowed',
      `${request.method} is not allowed here.`,
      `Use ${allowed.join(' or ')}.`,
    );
  };

const nothingHere: RequestHandler = (request) => {
  throw new ArmatureError(
    'not_found',
    `Nothing is served at ${request.originalUrl.split('?')[0]?.slice(0, 200) ?? '/'}.`,
    `Read ${root}/openapi.json for the paths of the API. The MCP endpoint is /api/mcp.`,
  );
};

/** Answers every failure under `/api/` as JSON. An unexpected one is logged, and only its request id is returned. */
function refuse({ log }: Deps) {
  return (error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const { requestId } = response.locals;
    const isMalformedPath = error instanceof URIError;
    const problem = isMalformedPath
      ? new ArmatureError('not_found', 'The path is malformed.', 'Correct its percent-encoding.')
      : toKnownError(error, requestId);
    if (!isMalformedPath && !isArmatureError(error)) log.error({ err: error, requestId }, 'REST request failed');
    const { retryAfterSeconds } = problem.details;
    if (typeof retryAfterSeconds === 'number') response.set('Retry-After', String(retryAfterSeconds));
    response.status(httpStatus(problem.code)).json({ error: toApiError(problem, requestId) });
  };
}
