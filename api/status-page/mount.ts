import { createHash } from 'node:crypto';
import type { Express, Response } from 'express';
import { isArmatureError } from '../../domain/error/error.ts';
import type { Deps } from '../../services/context/context.ts';
import { type PublicStatus, readPublicStatus } from '../../services/status-page/read-public.ts';
import { badge } from './badge.ts';
import { statusHtml, stylesheetHash } from './page.ts';

const keptMs = 30_000;
/** Workspaces whose page is remembered; names that are none are remembered too, and anyone can make those up. */
const mostKept = 1000;

/**
 * The public status page of a workspace and its badges. Anyone may ask, so each page is made once in 30 seconds per process, for all who
 * ask at the same time together. What is off, and what never was, are the same answer.
 */
export function mountStatus(app: Express, deps: Deps): void {
  const read = createStatusCache(deps);

  app.get('/status/:slug', async (request, response) => {
    const found = await read(request.params.slug, response.locals.requestId);
    if (!found) return notFound(response);
    cacheable(response);
    // Nothing is loaded from anywhere but this page's own badges, and no script runs.
    response.set(
      'Content-Security-Policy',
      `default-src 'none'; style-src '${stylesheetHash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    response.set('ETag', found.etag).type('html').send(found.html);
  });

  app.get('/status/:slug/badge.svg', async (request, response) => {
    const found = await read(request.params.slug, response.locals.requestId);
    if (!found) return notFound(response);
    sendBadge(response, badge({ label: found.status.title, state: found.status.state }));
  });

  app.get('/status/:slug/monitors/:publicId/badge.svg', async (request, response) => {
    const found = await read(request.params.slug, response.locals.requestId);
    const monitor = found?.status.servers
      .flatMap(({ monitors }) => monitors)
      .find(({ publicId }) => publicId === request.params.publicId);
    if (!monitor) return notFound(response);
    sendBadge(response, badge({ label: monitor.name, state: monitor.state }));
  });
}

function cacheable(response: Response) {
  response.set('Cache-Control', `public, max-age=${keptMs / 1000}`);
  // Set by the security headers for answers that differ between people; these don't.
  response.removeHeader('Vary');
}

function notFound(response: Response) {
  cacheable(response);
  response.status(404).type('text').send('There is no such status page.');
}

function sendBadge(response: Response, svg: string) {
  cacheable(response);
  response
    .set({
      'Content-Security-Policy': "default-src 'none'; sandbox",
      // Badges are for other people's pages.
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ETag: etagOf(svg),
    })
    .type('image/svg+xml')
    .send(svg);
}

const etagOf = (text: string) => `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;

type Kept = { status: PublicStatus; html: string; etag: string };

function createStatusCache(deps: Deps) {
  const pages = new Map<string, { at: number; page: Promise<Kept | null> }>();

  async function make(slug: string, requestId: string): Promise<Kept | null> {
    try {
      const status = await readPublicStatus({ deps, actor: { kind: 'visitor', id: 'public' }, requestId }, { slug });
      const html = statusHtml(status, { slug, url: deps.config.url });
      return { status, html, etag: etagOf(html) };
    } catch (error) {
      if (isArmatureError(error)) return null;
      throw error;
    }
  }

  return (slug: string, requestId: string): Promise<Kept | null> => {
    if (!/^[a-z0-9-]{1,60}$/.test(slug)) return Promise.resolve(null);
    const at = performance.now();
    const kept = pages.get(slug);
    if (kept && at - kept.at < keptMs) return kept.page;
    const page = make(slug, requestId);
    // Taken out before it is put in, so that the first one in the map is the oldest.
    pages.delete(slug);
    pages.set(slug, { at, page });
    for (const oldest of pages.keys()) {
      if (pages.size <= mostKept) break;
      pages.delete(oldest);
    }
    // A failure is not what the next one should get.
    page.catch(() => {
      if (pages.get(slug)?.page === page) pages.delete(slug);
    });
    return page;
  };
}
