import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import sirv from 'sirv';
import type { Logger } from '../infra/logger/index.ts';
import type { Deps } from '../services/context/context.ts';
import { createProductServing } from '../services/product-mcp/serving/serve.ts';
import { createKeyAuth } from './api-key.ts';
import { mountAuthorization } from './authorization/mount.ts';
import { compress } from './compress.ts';
import { createDashboard } from './dashboard.ts';
import { mountLive } from './live/mount.ts';
import { mountMcp } from './mcp/endpoint.ts';
import { mountOAuth } from './oauth/mount.ts';
import { mountProductMcp } from './product-mcp/mount.ts';
import { requestLog } from './request-log.ts';
import { mountRest } from './rest/mount.ts';
import { limitBodies, ownOrigins, refuseForgery, securityHeaders } from './security.ts';
import { mountSlack } from './slack/mount.ts';
import { mountStatus } from './status-page/mount.ts';
import { mountHealth } from './system/health.ts';
import { mountMetrics } from './system/metrics.ts';
import { mountSchemas } from './system/schemas.ts';
import { traceRequests } from './trace-requests.ts';
import { mountResendWebhook } from './webhooks/resend.ts';

/**
 * Builds the Express app with all routes. It has no global body parser, because the dashboard reads bodies itself.
 * @param dashboard serves the pages. @default the built dashboard
 */
export async function createApp(deps: Deps, dashboard?: RequestHandler): Promise<Express> {
  const { config, log } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustedProxies.length > 0 ? config.trustedProxies : false);

  app.use(traceRequests(deps.telemetry));
  app.use(requestLog(log));
  app.use(compress());
  // Before the dashboard's headers and forgery check, which protect cookies: these endpoints only accept API keys.
  mountProductMcp(app, deps, createProductServing(deps));
  const authenticate = createKeyAuth(deps);
  mountAuthorization(app, deps);
  mountMcp(app, deps, authenticate);
  mountRest(app, deps, authenticate);
  app.use(securityHeaders({ https: config.url.startsWith('https:') }));

  mountSchemas(app);
  mountHealth(app, deps);
  mountMetrics(app, deps);
  mountStatus(app, deps);
  // Before the forgery check: these requests come from other sites, and are signed.
  mountResendWebhook(app, deps);
  mountSlack(app, deps);
  mountOAuth(app, deps);
  app.use(refuseForgery(ownOrigins(config.url), log));
  app.use(limitBodies);
  mountLive(app, deps);
  app.use('/docs/images', sirv(fileURLToPath(new URL('../docs/images', import.meta.url)), { maxAge: 3600 }));
  app.use(dashboard ?? (await createDashboard(deps)));
  app.use(handleErrors(log));
  return app;
}

/** Fallback error handler, for errors outside of the dashboard, which has its own error pages. */
function handleErrors(log: Logger): ErrorRequestHandler {
  return (error, _request, response, next) => {
    const { requestId } = response.locals;
    const status = getClientErrorStatus(error);
    if (status === null) log.error({ err: error, requestId }, 'request failed');
    if (response.headersSent) return next(error);
    response
      .status(status ?? 500)
      .type('text')
      .send(
        status === null
          ? `Something went wrong on our side. Give the operator this request id: ${requestId}`
          : 'The request is malformed.',
      );
  };
}

/** Express gives errors that the client caused a 4xx status, for example when it can't decode the path. */
function getClientErrorStatus(error: unknown): number | null {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}
