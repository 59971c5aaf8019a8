import type { Request, RequestHandler } from 'express';
import type { Telemetry } from '../infra/telemetry/index.ts';
import { isPolled } from './request-log.ts';

/**
 * A span for each request, named by its route: paths may contain one-time tokens. The caller's trace is linked instead
 * of continued, because anyone can send its header, and with it decide what is sampled.
 */
export function traceRequests(telemetry: Telemetry): RequestHandler {
  return (request, response, next) => {
    const { method, path } = request;
    // A stream of changes is open for as long as its page.
    if (isPolled(path) || /^\/o\/[^/]+\/live$/.test(path)) return next();
    const options = {
      kind: 'server',
      attributes: { 'http.request.method': method, 'url.scheme': request.protocol },
      linkTo: request.get('traceparent'),
    } as const;
    void telemetry.span(method, options, (span) => {
      const closed = Promise.withResolvers<void>();
      response.on('close', () => {
        const route = findRoute(request);
        if (route) span.rename(`${method} ${route}`);
        span.set({
          'http.route': route,
          'http.response.status_code': response.statusCode,
          'armature.request.id': response.locals.requestId,
        });
        if (response.statusCode >= 500) span.fail(String(response.statusCode));
        closed.resolve();
      });
      next();
      return closed.promise;
    });
  };
}

/** Undefined for pages, whose routes React Router knows. */
function findRoute(request: Request): string | undefined {
  const path: unknown = request.route?.path;
  return typeof path === 'string' ? `${request.baseUrl}${path}` : undefined;
}
