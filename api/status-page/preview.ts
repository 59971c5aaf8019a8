import type { RequestHandler } from 'express';
import { isArmatureError } from '../../domain/error/error.ts';
import { getSession } from '../../services/account/session.ts';
import type { Deps } from '../../services/context/context.ts';
import { getStatusPage } from '../../services/status-page/get.ts';
import { previewStatusPage } from '../../services/status-page/preview.ts';
import { readVisit } from '../visit.ts';
import { renderPage } from './page.ts';

const nameField = 'displayName.';

/**
 * Shows members the page before it is public, with the saved settings or, with `draft=1`, with those of the query: the
 * fields of the settings' form. The settings show it in a frame.
 */
export function sendPreview(deps: Deps, policy: string): RequestHandler<{ slug: string }> {
  return async (request, response) => {
    const { requestId } = response.locals;
    response.set({ 'Cache-Control': 'private, no-store', 'Content-Security-Policy': policy });
    response.removeHeader('X-Frame-Options');
    const visit = readVisit(request);
    const visitor = { kind: 'visitor', id: visit.address } as const;
    const session = await getSession({ deps, actor: visitor, requestId }, { visit });
    const org = session?.organizations.find(({ slug }) => slug === request.params.slug);
    if (!session || !org) {
      response.status(404).type('text').send('Status page not found. Check the address.');
      return;
    }
    const actor = { kind: 'member', id: session.user.id, orgId: org.id, role: org.role } as const;
    const ctx = { deps, actor, requestId };
    const query = new URL(request.originalUrl, deps.config.url).searchParams;
    try {
      const page = query.has('draft') ? readDraft(query) : await getStatusPage(ctx, {});
      const status = await previewStatusPage(ctx, page);
      response.type('html').send(renderPage(status, { slug: org.slug, url: deps.config.url }));
    } catch (error) {
      if (!isArmatureError(error)) throw error;
      response.status(400).type('text').send(`${error.message} ${error.remediation}`);
    }
  };
}

const readDraft = (query: URLSearchParams) => ({
  title: query.get('title') ?? '',
  description: query.get('description') ?? '',
  serverIds: query.getAll('serverIds'),
  displayNames: Object.fromEntries(
    [...query].flatMap(([field, value]) =>
      field.startsWith(nameField) && value.trim() !== '' ? [[field.slice(nameField.length), value]] : [],
    ),
  ),
});
