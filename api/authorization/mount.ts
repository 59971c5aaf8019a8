import express, { type Express, type RequestHandler } from 'express';
import { toRegistration } from '../../domain/client-sign-in/registration.ts';
import { isArmatureError } from '../../domain/error/error.ts';
import type { Authorization } from '../../infra/authorization/index.ts';
import { clientLimit, countAttempt } from '../../services/account/throttle.ts';
import type { Deps } from '../../services/context/context.ts';
import { dataHeaders } from '../security.ts';
import { readNetwork } from '../visit.ts';

/**
 * The authorization server of `/api/mcp`, where clients sign in. It reads no session: the page at `/connect` asks the
 * person, and the cookies here only bind a request to its browser.
 */
export function mountAuthorization(app: Express, deps: Deps): void {
  const { authorization, config } = deps;
  if (authorization === null) return;
  const headers = dataHeaders({ https: config.url.startsWith('https:') });
  const limit = limitClients(deps);
  for (const [path, document] of [
    ['/.well-known/oauth-protected-resource', authorization.resourceMetadata],
    ['/.well-known/oauth-protected-resource/api/mcp', authorization.resourceMetadata],
    ['/.well-known/oauth-authorization-server', authorization.metadata],
  ] as const) {
    app.options(path, allowPages);
    app.get(path, headers, allowPages, (_request, response) => void response.json(document));
  }
  app.get('/oauth/authorize', headers, async (request, response, next) => {
    const isDocument = String(request.query.client_id).startsWith('https:');
    if (isDocument) await limit(request, response, next);
    else next();
  });
  app.get('/oauth/authorize', withScope, pass(authorization));
  app.get('/oauth/authorize/:requestId', headers, pass(authorization));
  // The page is below the path that the request's cookie is sent to, and so are its data.
  app.get('/connect/:requestId', (request, response) => response.redirect(302, `${request.path}/allow`));
  for (const path of ['/oauth/token', '/oauth/register', '/oauth/revoke']) app.options(path, allowPages);
  app.post(['/oauth/token', '/oauth/revoke'], headers, allowPages, pass(authorization));
  app.post('/oauth/register', headers, allowPages, limit, express.json({ limit: '32kb' }), register(authorization));
}

const pass =
  (authorization: Authorization): RequestHandler =>
  (request, response) =>
    authorization.handle(request, response);

const register =
  (authorization: Authorization): RequestHandler =>
  async (request, response) => {
    const registration = toRegistration(request.body);
    if (registration) return authorization.handle(request, response, registration);
    response.status(400).json({
      error: 'invalid_redirect_uri',
      error_description:
        'redirect_uris must have 1 to 10 addresses over https, on loopback, or of a scheme of the client, without a fragment.',
    });
  };

/** There is one scope. Whatever a client asks for is read as that, as RFC 6749 (3.3) allows. */
const withScope: RequestHandler = (request, _response, next) => {
  const [path = '', query = ''] = request.url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('scope', 'mcp');
  request.url = `${path}?${parameters}`;
  next();
};

/** Web pages may sign in too: nothing here depends on a cookie of the browser. */
const allowPages: RequestHandler = (request, response, next) => {
  response.set('Access-Control-Allow-Origin', '*');
  if (request.method !== 'OPTIONS') return next();
  response.set({
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': 'authorization, content-type, mcp-protocol-version',
    'Access-Control-Max-Age': '3600',
  });
  response.status(204).end();
};

/** Anybody may register a client, or name a document that is fetched. */
const limitClients =
  ({ db, now }: Deps): RequestHandler =>
  async (request, response, next) => {
    const network = readNetwork(request);
    try {
      if (network !== null) await countAttempt(db, clientLimit, network, now());
    } catch (error) {
      if (!isArmatureError(error)) throw error;
      response.status(429).json({ error: 'temporarily_unavailable', error_description: error.message });
      return;
    }
    next();
  };
