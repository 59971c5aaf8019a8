import type { Request, Response } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ArmatureError } from '../domain/error/error.ts';
import { createKeyVerifier, type KeyActor } from '../services/api-key/verify.ts';
import { verifyToken } from '../services/client-sign-in/keys.ts';
import type { Deps } from '../services/context/context.ts';
import { readNetwork } from './visit.ts';

export const howToSendKey =
  'Create a key on the API keys page of your workspace and send it as "Authorization: Bearer amt_…".';

/** @param takesTokens whether a client that signed in by OAuth may send its token, where that is offered */
export type KeyAuth = (request: Request, response: Response, options?: { takesTokens: boolean }) => Promise<KeyActor>;

/**
 * Authenticates requests by API key, or by a token of one, and limits their rate. Sets `WWW-Authenticate` and the
 * `RateLimit-*` headers.
 * @throws ArmatureError `unauthenticated`, `rate_limited` (`retryAfterSeconds`)
 */
export function createKeyAuth(deps: Deps): KeyAuth {
  const verify = createKeyVerifier(deps);
  const perMinute = deps.config.keyRequestsPerMinute;
  // Windows of 12 seconds, so that a burst can't use up the whole minute. Each process counts on its own, in memory:
  // a write per request would cost more than most requests do.
  const points = Math.max(1, Math.floor(perMinute / 5));
  const requests = new RateLimiterMemory({ points, duration: (points / perMinute) * 60 });

  async function limitRate({ id }: KeyActor, response: Response): Promise<void> {
    const { consumedPoints, remainingPoints, msBeforeNext } = await requests.penalty(id);
    const resetSeconds = Math.ceil(msBeforeNext / 1000);
    response.set({
      'RateLimit-Limit': String(points),
      'RateLimit-Remaining': String(remainingPoints),
      'RateLimit-Reset': String(resetSeconds),
    });
    if (consumedPoints <= points) return;
    throw new ArmatureError(
      'rate_limited',
      `This API key sends more than ${perMinute} requests a minute.`,
      `Wait ${resetSeconds} s, then continue more slowly.`,
      { retryAfterSeconds: resetSeconds },
    );
  }

  async function authenticate(request: Request, response: Response, takesTokens: boolean): Promise<KeyActor> {
    const authorization = request.get('authorization');
    const [, bearer = null] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    // A client with a configured key is never sent to a sign-in.
    if (takesTokens && deps.authorization !== null && !bearer?.startsWith('amt_'))
      return authenticateClient(deps, response, bearer);
    const actor = await verify(bearer, readNetwork(request), ({ keyId, orgId, reason }) =>
      deps.security.record({
        kind: 'api_key',
        outcome: 'failed',
        subject: { kind: 'api_key', id: keyId },
        orgIds: orgId === null ? [] : [orgId],
        address: request.ip ?? null,
        requestId: response.locals.requestId,
        detail: reason,
      }),
    );
    if (!actor) {
      const isSent = authorization !== undefined;
      response.set('WWW-Authenticate', `Bearer realm="armature"${isSent ? ', error="invalid_token"' : ''}`);
      throw new ArmatureError(
        'unauthenticated',
        isSent ? 'Invalid API key: it is malformed, unknown, revoked or expired.' : 'An API key is required.',
        howToSendKey,
      );
    }
    return actor;
  }

  return async (request, response, { takesTokens } = { takesTokens: false }) => {
    const actor = await authenticate(request, response, takesTokens);
    await limitRate(actor, response);
    return actor;
  };
}

/** A 401 leads the client to the metadata, by which it finds out how to sign in. */
async function authenticateClient(deps: Deps, response: Response, token: string | null): Promise<KeyActor> {
  const actor = token === null ? null : await verifyToken(deps, token);
  if (actor) return actor;
  const metadata = `${deps.config.url}/.well-known/oauth-protected-resource/api/mcp`;
  const parameters = ['realm="armature"', `resource_metadata="${metadata}"`, 'scope="mcp"'];
  if (token !== null) parameters.push('error="invalid_token"');
  response.set('WWW-Authenticate', `Bearer ${parameters.join(', ')}`);
  throw new ArmatureError(
    'unauthenticated',
    token === null ? 'A sign-in or an API key is required.' : 'The sign-in has ended, or was revoked.',
    `Sign in with your client, or use an API key. ${howToSendKey}`,
  );
}
