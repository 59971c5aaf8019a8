import { createHash } from 'node:crypto';
import type { Express, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { isArmatureError } from '../../domain/error/error.ts';
import type { Deps } from '../../services/context/context.ts';
import type { PublicStatus } from '../../services/status-page/content.ts';
import { readPublicStatus } from '../../services/status-page/read-public.ts';
import { renderBadge } from './badge.ts';
import { renderPage, scriptHash, stylesheetHash } from './page.ts';
import { sendPreview } from './preview.ts';

const maxAgeMs = 30_000;
/** Limits the memory for slugs of pages that don't exist, which are cached too. */
const maxCachedPages = 1000;

/**
 * Serves the public status page of a workspace and its badges. Visitors are anonymous, so each process renders a page
 * once in 30 seconds for all of them. A page that is switched off and one that never existed get the same response.
 */
export function mountStatus(app: Express, deps: Deps): void {
  const readPage = createPageCache(deps);

  app.get('/status/:slug', async (request, response) => {
    const page = await readPage(request.params.slug, response.locals.requestId);
    if (!page) return sendNotFound(response);
    allowCaching(response);
    response.set('Content-Security-Policy', pagePolicy("'none'"));
    response.set('ETag', page.etag).type('html').send(page.html);
  });

  app.get('/status/:slug/preview', sendPreview(deps, pagePolicy("'self'")));

  app.get('/status/:slug/badge.svg', async (request, response) => {
    const page = await readPage(request.params.slug, response.locals.requestId);
    if (!page) return sendNotFound(response);
    sendBadge(response, renderBadge({ name: page.status.title, state: page.status.state }));
  });

  app.get('/status/:slug/monitors/:publicId/badge.svg', async (request, response) => {
    const page = await readPage(request.params.slug, response.locals.requestId);
    const monitor = page?.status.servers
      .flatMap(({ monitors }) => monitors)
      .find(({ publicId }) => publicId === request.params.publicId);
    if (!monitor) return sendNotFound(response);
    sendBadge(response, renderBadge({ name: monitor.name, state: monitor.state }));
  });
}

/** Only the page's own badges can be loaded, and only its own script runs. */
const pagePolicy = (frameAncestors: string): string =>
  `default-src 'none'; style-src '${stylesheetHash}'; script-src '${scriptHash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ${frameAncestors}`;

function allowCaching(response: Response) {
  response.set('Cache-Control', `public, max-age=${maxAgeMs / 1000}`);
  // The response is the same for everyone.
  response.removeHeader('Vary');
}

function sendNotFound(response: Response) {
  allowCaching(response);
  response.status(404).type('text').send('Status page not found. Check the address.');
}

function sendBadge(response: Response, svg: string) {
  allowCaching(response);
  response
    .set({
      'Content-Security-Policy': "default-src 'none'; sandbox",
      // Badges are embedded in other sites.
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ETag: toEtag(svg),
    })
    .type('image/svg+xml')
    .send(svg);
}

const toEtag = (text: string) => `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;

type Page = { status: PublicStatus; html: string; etag: string };

function createPageCache(deps: Deps): (slug: string, requestId: string) => Promise<Page | null> {
  async function render(slug: string, requestId: string): Promise<Page | null> {
    try {
      const status = await readPublicStatus({ deps, actor: { kind: 'visitor', id: 'public' }, requestId }, { slug });
      const html = renderPage(status, { slug, url: deps.config.url });
      return { status, html, etag: toEtag(html) };
    } catch (error) {
      if (isArmatureError(error)) return null;
      throw error;
    }
  }

  // Requests that come while a page is rendered share it. Failures are not cached.
  const pages = new LRUCache<string, { page: Page | null }, string>({
    max: maxCachedPages,
    ttl: maxAgeMs,
    fetchMethod: async (slug, _stale, { context: requestId }) => ({ page: await render(slug, requestId) }),
  });
  return async (slug, requestId) =>
    /^[a-z0-9-]{1,60}$/.test(slug) ? (await pages.forceFetch(slug, { context: requestId })).page : null;
}
