import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../infra/logger/index.ts';

/** Paths that are requested every few seconds. */
const polledPaths = new Set(['/healthz', '/readyz', '/metrics']);

/** Sets the id of each request and logs its outcome, without the query string, which may contain search texts. */
export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    const started = performance.now();
    response.locals.requestId = requestId;
    response.set('X-Request-Id', requestId);
    response.on('close', () => {
      const { method, path } = request;
      const level =
        response.statusCode >= 500 ? 'error' : polledPaths.has(path) || path.startsWith('/assets/') ? 'debug' : 'info';
      log[level](
        { requestId, method, path, status: response.statusCode, ms: Math.round(performance.now() - started) },
        response.writableFinished ? 'request' : 'request aborted',
      );
    });
    next();
  };
}
