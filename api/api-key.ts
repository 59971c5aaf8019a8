import type { Request, Response } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ArmatureError } from '../domain/error/error.ts';
import { createKeyVerifier, type KeyActor } from '../services/api-key/verify.ts';
import type { Deps } from '../services/context/context.ts';
import { readNetwork } from './visit.ts';

export const howToSendKey =
  'Create a key on the API keys page of your workspace and send it as "Authorization: Bearer amt_…".';

export type KeyAuth = (request: Request, response: Response) => Promise<KeyActor>;

/**
 * Authenticates requests by API key and limits their rate. Sets `WWW-Authenticate` and the `RateLimit-*` headers.
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

  return async (request, response) => {
    const authorization = request.get('authorization');
    const [, bearer = null] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
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
    await limitRate(actor, response);
    return actor;
  };
}
