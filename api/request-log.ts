import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../infra/logger/index.ts';

const quiet = new Set(['/healthz', '/readyz', '/metrics']);

/** Gives each request its id and tells how it ended. Query strings stay out: they hold what people search for. */
export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    const started = performance.now();
    response.locals.requestId = requestId;
    response.set('X-Request-Id', requestId);
    response.on('close', () => {
      const { method, path } = request;
      const level =
        response.statusCode >= 500 ? 'error' : quiet.has(path) || path.startsWith('/assets/') ? 'debug' : 'info';
      log[level](
        { requestId, method, path, status: response.statusCode, ms: Math.round(performance.now() - started) },
        response.writableFinished ? 'request' : 'request cut off',
      );
    });
    next();
  };
}
