import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRequest, sendResponse } from '@remix-run/node-fetch-server';
import { createRequestHandler, type ServerBuild } from '@remix-run/server-runtime';
import express, { type RequestHandler, Router } from 'express';
import { getSession } from '../services/account/session.ts';
import type { Deps } from '../services/context/context.ts';

const buildFolder = fileURLToPath(new URL('../build', import.meta.url));

/** The Remix app with its assets. Loaders and actions get what they need by load context (web/shell/load-context.ts). */
export async function createDashboard(deps: Deps): Promise<RequestHandler> {
  const entry = join(buildFolder, 'server/index.js');
  if (!existsSync(entry)) throw new Error('The dashboard is not built. Run npm run build.');
  // A bundle has no types of its own; Remix's Vite plugin makes it a ServerBuild.
  const build = (await import(pathToFileURL(entry).href)) as ServerBuild;
  const handle = createRequestHandler(build, 'production');

  const router = Router();
  const assets = join(buildFolder, 'client/assets');
  router.use('/assets', express.static(assets, { immutable: true, maxAge: '1y', index: false, redirect: false }));
  router.use('/assets', (_request, response) => {
    response.status(404).type('text').send('Not found');
  });
  // Lazy route discovery is off; refusing its address as well keeps an upgrade from bringing it back unseen.
  router.use('/__manifest', (_request, response) => {
    response.status(404).type('text').send('Not found');
  });
  router.use(async (request, response) => {
    const { requestId, nonce } = response.locals;
    const visit = {
      cookie: request.headers.cookie ?? '',
      address: request.ip ?? 'unknown',
      userAgent: request.headers['user-agent'] ?? '',
    };
    let session: ReturnType<typeof getSession> | undefined;
    const asked = createRequest(request, response, { protocol: `${request.protocol}:`, host: request.host });
    // Remix holds `Origin` against the host that it sees, which a proxy may have rewritten. It has been held against
    // ARMATURE_URL already (security.ts), so Remix is told what it names.
    const origin = asked.headers.get('origin');
    if (origin !== null && URL.canParse(origin)) asked.headers.set('x-forwarded-host', new URL(origin).host);
    const answer = await handle(asked, {
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
    // Pages hold an organization's data: no cache on the way may keep them.
    if (!answer.headers.has('cache-control')) answer.headers.set('cache-control', 'no-store');
    await sendResponse(response, answer);
  });
  return router;
}
