import type { Express, RequestHandler, Response } from 'express';
import { isArmatureError } from '../../domain/error/error.ts';
import { clientName, toClientMetadata } from '../../domain/oauth/registration.ts';
import { getSession } from '../../services/account/session.ts';
import { toDocumentUrl, toRedirectUri } from '../../services/auth-profile/oauth/profile.ts';
import { completeSignIn, findPendingSignIn } from '../../services/auth-profile/sign-in/complete.ts';
import type { Deps } from '../../services/context/context.ts';
import { readVisit } from '../visit.ts';

/** Serves what authorization servers of servers under test ask for, and where they send browsers back to. */
export function mountOAuth(app: Express, deps: Deps): void {
  app.get('/oauth/client.json', clientDocument(deps));
  app.get('/oauth/callback', callback(deps));
}

/** The client metadata document: authorization servers read it to know who asks. */
function clientDocument({ config }: Deps): RequestHandler {
  const documentUrl = toDocumentUrl(config.url);
  return (_request, response) => {
    if (documentUrl === null)
      return refuse(
        response,
        404,
        'This installation has no public https address, so it publishes no client metadata.',
      );
    response.set({ 'Cache-Control': 'public, max-age=3600' }).json({
      client_id: documentUrl,
      client_uri: config.url,
      ...toClientMetadata(toRedirectUri(config.url), 'none'),
    });
  };
}

/**
 * Ends a sign-in. Only the browser that began it can, so a link makes nobody sign a profile in. Leads to the page of
 * that profile, and nowhere else.
 */
function callback(deps: Deps): RequestHandler {
  const own = new URL(deps.config.url);
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    const query = request.originalUrl.split('?')[1] ?? '';
    // The session's cookie is of the name that the dashboard is opened by.
    if (request.hostname === '127.0.0.1' && own.hostname === 'localhost')
      return response.redirect(302, `${own.origin}/oauth/callback?${query}`);
    const state = new URLSearchParams(query).get('state') ?? '';
    const { requestId } = response.locals;
    const visit = readVisit(request);
    const visitor = { kind: 'visitor', id: visit.address } as const;
    const session = await getSession({ deps, actor: visitor, requestId }, { visit });
    if (!session)
      return refuse(response, 403, `Sign in to ${clientName} in this browser, then start the sign-in again.`);
    const pending = await findPendingSignIn(deps, { state, session: session.id, userId: session.user.id });
    const org = session.organizations.find(({ id }) => id === pending?.orgId);
    if (!pending || !org)
      return refuse(
        response,
        400,
        'This sign-in is unknown, has ended, or was started in another browser. Start it again on the page of the server.',
      );
    const page = `/o/${org.slug}/servers/${pending.serverId}/auth/${pending.authProfileId}`;
    const actor = { kind: 'member', id: session.user.id, orgId: org.id, role: org.role } as const;
    try {
      await completeSignIn({ deps, actor, requestId }, { state, query, session: session.id });
      response.redirect(302, `${page}?signed=in`);
    } catch (error) {
      if (!isArmatureError(error)) throw error;
      // The page shows why, with the trace.
      response.redirect(302, `${page}?signed=failed`);
    }
  };
}

const refuse = (response: Response, status: number, message: string): void => {
  response.status(status).type('text').send(message);
};
