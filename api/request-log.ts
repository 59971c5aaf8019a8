import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../infra/logger/index.ts';

/** Paths that are requested every few seconds. */
const polledPaths = new Set(['/healthz', '/readyz', '/metrics']);
export const isPolled = (path: string): boolean => polledPaths.has(path) || path.startsWith('/assets/');

/**
 * Sets the id of each request and logs its outcome, without the query string, which may contain search texts. Where the
 * path may contain a secret, `locals.path` is logged in its place.
 */
export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    const started = performance.now();
    response.locals.requestId = requestId;
    response.set('X-Request-Id', requestId);
    const logOutcome = () => {
      const { method } = request;
      const path: string = response.locals.path ?? request.path;
      const level = response.statusCode >= 500 ? 'error' : isPolled(path) ? 'debug' : 'info';
      log[level](
        { requestId, method, path, status: response.statusCode, ms: Math.round(performance.now() - started) },
        response.writableFinished ? 'request' : 'request aborted',
      );
    };
    // Bound to the request's span: the event comes from outside of it.
    response.on('close', AsyncLocalStorage.bind(logOutcome));
    next();
  };
}
