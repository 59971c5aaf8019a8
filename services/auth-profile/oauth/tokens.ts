import { freshnessOf } from '../../../domain/oauth/lifetime.ts';
import { includesScopes, joinScopes } from '../../../domain/oauth/scope.ts';
import { TargetError, type TokenRefusal, type TokenSource } from '../../../infra/mcp-target/index.ts';
import { isOAuthError } from '../../../infra/oauth/index.ts';
import type { Deps } from '../../context/context.ts';
import type { ProfileRef } from './profile.ts';
import { type Need, renewTokens } from './renew.ts';
import { readTokens, type StoredTokens } from './stored.ts';

/** A token that was granted this recently and is refused is refused for another reason than its age. */
const settleMs = 30_000;

type SourceRef = ProfileRef & { tokenRef: string | null; kind: string };

/** The access tokens of a saved profile, for connections. Refreshed ahead of their end, and at a refusal. */
export function createTokenSource(deps: Deps, ref: SourceRef): TokenSource {
  const freshness = (tokens: StoredTokens) =>
    tokens.accessToken === null ? 'ended' : freshnessOf(tokens, deps.now().getTime());
  return {
    async current(signal) {
      const stored = await readTokens(deps.secrets, ref);
      const state = stored ? freshness(stored.tokens) : 'ended';
      if (stored?.tokens.accessToken && state === 'fresh') return stored.tokens.accessToken;
      const need: Need = { isNeeded: (tokens) => freshness(tokens) !== 'fresh', waits: state === 'ended' };
      return requireToken(await renew(deps, ref, need, signal));
    },

    async renew(refusal, signal) {
      const stored = await readTokens(deps.secrets, ref);
      if (!stored) return null;
      const { tokens } = stored;
      if (tokens.accessToken !== null && tokens.accessToken !== refusal.token) return tokens.accessToken;
      if (refusal.status === 403) return stepUp(deps, ref, { tokens, refusal, signal });
      const isNew = tokens.grantedAt !== null && deps.now().getTime() - tokens.grantedAt < settleMs;
      const canRenew = ref.kind === 'oauth_client_credentials' || tokens.refreshToken !== null;
      if (isNew || !canRenew) return null;
      const need: Need = {
        isNeeded: ({ accessToken }) => accessToken === null || accessToken === refusal.token,
        challenge: refusal.challenge,
        waits: true,
      };
      return (await renew(deps, ref, need, signal)).accessToken;
    },
  };
}

/** A person has to sign in again for more scopes; client credentials ask for them. */
async function stepUp(
  deps: Deps,
  ref: SourceRef,
  { tokens, refusal, signal }: { tokens: StoredTokens; refusal: TokenRefusal; signal: AbortSignal },
): Promise<string | null> {
  const wanted = refusal.challenge.scope ?? '';
  if (wanted === '') return null;
  const granted = tokens.scope ?? '';
  if (ref.kind === 'oauth_authorization_code') {
    const { orgId, authProfileId } = ref;
    const neededScope = joinScopes(granted, wanted).slice(0, 2000);
    await deps.db.oAuthProfile.updateMany({
      where: { orgId, authProfileId, OR: [{ neededScope: null }, { neededScope: { not: neededScope } }] },
      data: { neededScope },
    });
    return null;
  }
  if (includesScopes(granted, wanted)) return null;
  const need: Need = {
    isNeeded: ({ accessToken }) => accessToken === null || accessToken === refusal.token,
    challenge: refusal.challenge,
    waits: true,
  };
  return (await renew(deps, ref, need, signal)).accessToken;
}

/**
 * What was sent is awaited whatever the caller does: a new refresh token that nobody stores would end the sign-in.
 * @throws {TargetError} `auth`, or the signal's reason
 */
async function renew(deps: Deps, ref: SourceRef, need: Need, signal: AbortSignal): Promise<StoredTokens> {
  signal.throwIfAborted();
  const work = deps.renewals.run(() => renewTokens(deps, ref, need));
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    throw new TargetError('auth', error.message, { remediation: error.remediation });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function requireToken({ accessToken }: StoredTokens): string {
  if (accessToken !== null) return accessToken;
  throw new TargetError('auth', 'The auth profile is not signed in.', { remediation: "Sign in on the server's page." });
}

/** Of a profile that isn't saved, or whose server has just moved. */
export const unsignedTokens: TokenSource = {
  current: () =>
    Promise.reject(
      new TargetError('auth', 'The auth profile is not signed in yet.', {
        remediation: "Save the server, then sign in on the server's page.",
      }),
    ),
  renew: () => Promise.resolve(null),
};
