import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRequestHandler } from '@react-router/express';
import { type Request, type RequestHandler, Router } from 'express';
import { RouterContextProvider, type ServerBuild } from 'react-router';
import sirv from 'sirv';
import { getSession } from '../services/account/session.ts';
import type { Deps } from '../services/context/context.ts';
import type * as entry from '../web/entry.server.tsx';
import { ownOrigins } from './security.ts';
import { readVisit } from './visit.ts';

const buildFolder = fileURLToPath(new URL('../build', import.meta.url));

export type DashboardBuild = ServerBuild & { entry: { module: typeof entry } };

/** @throws Error when the dashboard has not been built */
export async function importDashboard(): Promise<DashboardBuild> {
  const file = join(buildFolder, 'server/index.js');
  if (!existsSync(file)) throw new Error('The dashboard is not built. Run npm run build.');
  // A bundle has no types of its own; React Router's Vite plugin makes it a ServerBuild with the entry of web/.
  return (await import(pathToFileURL(file).href)) as DashboardBuild;
}

/** Creates the dashboard with its assets. */
export async function createDashboard(deps: Deps): Promise<RequestHandler> {
  const router = Router();
  const assets = join(buildFolder, 'client/assets');
  // Beside each file is what the build compressed.
  router.use('/assets', sirv(assets, { immutable: true, maxAge: 31_536_000, brotli: true, gzip: true }));
  router.use('/assets', (_request, response) => {
    response.status(404).type('text').send('Not found');
  });
  router.use(createPageHandler(deps, await importDashboard(), 'production'));
  return router;
}

/** Answers with the pages of `build`. Loaders and actions get `requestContext` (web/shell/request-context.ts). */
export function createPageHandler(
  deps: Deps,
  build: DashboardBuild,
  mode: 'production' | 'development',
): RequestHandler {
  const { requestContext } = build.entry.module;
  // React Router compares `Origin` with the host that it sees, which a proxy may have rewritten.
  const allowedActionOrigins = [...ownOrigins(deps.config.url)].map((origin) => new URL(origin).host);
  const handlePage = createRequestHandler({
    mode,
    build: { ...build, allowedActionOrigins },
    getLoadContext(request, response) {
      const { requestId, nonce } = response.locals;
      const visit = readVisit(request);
      let session: ReturnType<typeof getSession> | undefined;
      const context = new RouterContextProvider();
      context.set(requestContext, {
        armature: deps,
        requestId,
        nonce,
        visit,
        // Shared by all loaders of a page.
        session: () => {
          session ??= getSession({ deps, actor: { kind: 'visitor', id: visit.address }, requestId }, { visit });
          return session;
        },
      });
      return context;
    },
  });
  return (request, response, next) => {
    // Pages contain an organization's data: no cache on the way may keep them. A browser that loads one early, because
    // somebody points at its link, keeps it for as long as the click may take.
    const isEarly = request.get('sec-purpose')?.startsWith('prefetch') ?? false;
    response.set('Cache-Control', isEarly ? 'private, max-age=10' : 'no-store');
    if (isEarly) response.vary('Cookie');
    response.once('finish', () => drain(request));
    return handlePage(request, response, next);
  };
}

/**
 * Discards what no action has read of a body. Otherwise the connection would be reset, in some cases before the client
 * has read the answer. React Router's adapter stops reading with a listener of its own.
 */
function drain(request: Request): void {
  request.removeAllListeners('data');
  request.resume();
}
