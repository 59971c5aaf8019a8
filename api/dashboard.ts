import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRequestHandler } from '@react-router/express';
import express, { type RequestHandler, Router } from 'express';
import { RouterContextProvider, type ServerBuild } from 'react-router';
import { getSession } from '../services/account/session.ts';
import type { Deps } from '../services/context/context.ts';
import type * as entry from '../web/entry.server.tsx';
import { ownOrigins } from './security.ts';

const buildFolder = fileURLToPath(new URL('../build', import.meta.url));

export type DashboardBuild = ServerBuild & { entry: { module: typeof entry } };

/** @throws Error when the dashboard has not been built */
export async function importDashboard(): Promise<DashboardBuild> {
  const file = join(buildFolder, 'server/index.js');
  if (!existsSync(file)) throw new Error('The dashboard is not built. Run npm run build.');
  // A bundle has no types of its own; React Router's Vite plugin makes it a ServerBuild with the entry of web/.
  return (await import(pathToFileURL(file).href)) as DashboardBuild;
}

/**
 * The dashboard with its assets. Loaders and actions get what they need from `requestContext`
 * (web/shell/request-context.ts).
 */
export async function createDashboard(deps: Deps): Promise<RequestHandler> {
  const build = await importDashboard();
  const { requestContext } = build.entry.module;

  const router = Router();
  const assets = join(buildFolder, 'client/assets');
  router.use('/assets', express.static(assets, { immutable: true, maxAge: '1y', index: false, redirect: false }));
  router.use('/assets', (_request, response) => {
    response.status(404).type('text').send('Not found');
  });
  router.use((_request, response, next) => {
    // Pages hold an organization's data: no cache on the way may keep them.
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.use(
    createRequestHandler({
      mode: 'production',
      // React Router compares `Origin` with the host that it sees, which a proxy may have rewritten.
      build: { ...build, allowedActionOrigins: [...ownOrigins(deps.config.url)].map((origin) => new URL(origin).host) },
      getLoadContext(request, response) {
        const { requestId, nonce } = response.locals;
        const visit = {
          cookie: request.headers.cookie ?? '',
          address: request.ip ?? 'unknown',
          userAgent: request.headers['user-agent'] ?? '',
        };
        let session: ReturnType<typeof getSession> | undefined;
        const context = new RouterContextProvider();
        context.set(requestContext, {
          armature: deps,
          requestId,
          nonce,
          visit,
          // Several loaders of one page ask; they get one answer.
          session: () => {
            session ??= getSession({ deps, actor: { kind: 'visitor', id: visit.address }, requestId }, { visit });
            return session;
          },
        });
        return context;
      },
    }),
  );
  return router;
}
