/** The api of `npm run dev`: like `npm run api`, but the dashboard is served from its sources, with hot reload. */
import type { Server } from 'node:http';
import { type RequestHandler, Router } from 'express';
import { createServer as createViteServer, isRunnableDevEnvironment } from 'vite';
import type { Deps } from '../services/context/context.ts';
import { createPageHandler, type DashboardBuild } from './dashboard.ts';
import { serve } from './serve.ts';

await serve(createDevDashboard);

async function createDevDashboard(deps: Deps, server: Server): Promise<RequestHandler> {
  const vite = await createViteServer({
    appType: 'custom',
    server: { middlewareMode: true, ws: { server } },
  });
  const { ssr } = vite.environments;
  if (!isRunnableDevEnvironment(ssr)) throw new Error('Vite cannot run the dashboard in this process.');
  const load = () => ssr.runner.import<DashboardBuild>('virtual:react-router/server-build');
  // Before the first request, which would wait for it.
  load().catch((error: unknown) => deps.log.error({ err: error }, 'the dashboard does not load'));
  // Open web sockets would keep the HTTP server from closing.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void vite.close());

  const router = Router();
  router.use((_request, response, next) => {
    // Vite adds styles without a nonce, and its client uses a web socket and a worker.
    const policy = String(response.getHeader('Content-Security-Policy'))
      .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
      .replace("connect-src 'self'", "connect-src 'self' ws:; worker-src blob:");
    response.setHeader('Content-Security-Policy', policy);
    next();
  });
  router.use(vite.middlewares);
  router.use(async (request, response, next) => {
    await createPageHandler(deps, await load(), 'development')(request, response, next);
  });
  return router;
}
