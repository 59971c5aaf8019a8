import { createHash } from 'node:crypto';
import { Router } from 'express';
import { ArmatureError } from '../../domain/error/error.ts';
import { createDocument } from './openapi.ts';
import { createPages, stylesheet } from './reference-pages.ts';
import type { Route } from './route.ts';

/** Hash for the content security policy, which allows no other style sheet. */
const stylesheetHash = `sha256-${createHash('sha256').update(stylesheet).digest('base64')}`;

/**
 * The reference pages of the API, made from its OpenAPI document: an overview, a page for each noun, one for each
 * schema. No script runs on them.
 */
export function createReference({ routes, url }: { routes: readonly Route[]; url: string }): Router {
  const pages = createPages(routes, createDocument({ routes, url }), url);
  const router = Router({ caseSensitive: true });
  router.get('{/*path}', (request, response) => {
    const page = pages.get(request.path.replace(/\/$/, ''));
    if (page === undefined)
      throw new ArmatureError('not_found', 'The reference has no such page.', `Open ${url}/reference.`);
    response
      .set(
        'Content-Security-Policy',
        `default-src 'none'; style-src '${stylesheetHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .set('Cache-Control', 'public, max-age=300')
      .type('html')
      .send(page);
  });
  return router;
}
