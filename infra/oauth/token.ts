import { decodeJwt } from 'jose';
import { toLifetime } from '../../domain/oauth/lifetime.ts';
import { classifyFailure, readTokenAnswer, type TokenAnswer } from '../../domain/oauth/token-answer.ts';
import { authenticateClient, type OAuthClient } from './client.ts';
import type { Discovered } from './discover.ts';
import { OAuthError } from './error.ts';
import type { Exchanges } from './exchange.ts';

/** What a token request gave. Times are milliseconds since 1970. */
export type Granted = {
  accessToken: string;
  /** Null: none was given. After a refresh, the earlier one stays valid then. */
  refreshToken: string | null;
  expiresAt: number | null;
  refreshAt: number | null;
  /** When the sign-in itself ends, where the server says so. */
  signInEndsAt: number | null;
  scope: string | null;
  /** Whom it acts as, where the server says so. */
  user: string | null;
};

export type At = Pick<Discovered, 'metadata' | 'resource' | 'clockSkewMs'>;

type Grant = { title: string; parameters: { [name: string]: string | undefined } };

/** @throws OAuthError `ended`, `client`, `later`, `refused`, `unreachable` */
export async function requestTokens(
  exchanges: Exchanges,
  at: At,
  { client, grant, now }: { client: OAuthClient; grant: Grant; now: () => Date },
): Promise<Granted> {
  const { issuer, token_endpoint: endpoint } = at.metadata;
  let { answer, requestedAt } = await ask(issuer);
  // Some servers want the address of the endpoint there. At another origin, the assertion could be used elsewhere.
  const isSameOrigin = URL.parse(issuer)?.origin === new URL(endpoint).origin;
  if (!answer.ok && answer.error === 'invalid_client' && client.privateKey !== undefined && isSameOrigin)
    ({ answer, requestedAt } = await ask(endpoint));
  if (!answer.ok) throw toError(answer, new URL(endpoint).host);
  const { accessToken, refreshToken, expiresInSeconds, refreshExpiresInSeconds, scope, idToken } = answer.tokens;
  const { expiresAt, refreshAt } = toLifetime(requestedAt, expiresInSeconds, Math.random());
  return {
    accessToken,
    refreshToken,
    expiresAt,
    refreshAt,
    signInEndsAt: refreshExpiresInSeconds === null ? null : requestedAt + refreshExpiresInSeconds * 1000,
    scope: scope ?? grant.parameters.scope ?? null,
    user: idToken === null ? null : readUser(idToken),
  };

  async function ask(audience: string): Promise<{ answer: TokenAnswer; requestedAt: number }> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...grant.parameters, resource: at.resource }))
      if (value !== undefined) parameters.set(name, value);
    const headers: { [name: string]: string } = {};
    await authenticateClient(client, at, { parameters, headers, now: now(), audience });
    let answer: TokenAnswer | undefined;
    const { requestedAt } = await exchanges.send({
      title: grant.title,
      url: endpoint,
      parameters,
      headers,
      judge: ({ status, contentType, headers: received, body }) => {
        const cacheControl = received.get('cache-control') ?? '';
        answer = readTokenAnswer({ status, contentType, cacheControl, body });
        return answer.findings;
      },
    });
    if (!answer) throw new Error('An answer is always judged.');
    return { answer, requestedAt };
  }
}

export const codeGrant = (code: string, codeVerifier: string, redirectUri: string): Grant => ({
  title: 'Exchange the code for tokens',
  parameters: { grant_type: 'authorization_code', code, code_verifier: codeVerifier, redirect_uri: redirectUri },
});

export const refreshGrant = (refreshToken: string): Grant => ({
  title: 'Refresh the token',
  parameters: { grant_type: 'refresh_token', refresh_token: refreshToken },
});

export const clientCredentialsGrant = (scope: string | undefined, audience: string | null): Grant => ({
  title: 'Ask for a token with client credentials',
  parameters: { grant_type: 'client_credentials', scope, audience: audience ?? undefined },
});

function toError(failure: Extract<TokenAnswer, { ok: false }>, host: string): OAuthError {
  const code = failure.error.slice(0, 100);
  const named = `${host} answered the token request with "${code}" (HTTP status ${failure.status}).`;
  switch (classifyFailure(failure)) {
    case 'ended':
      return new OAuthError('ended', `The sign-in has ended: ${named}`, 'Sign in again.');
    case 'client':
      return new OAuthError('client', `The client was refused: ${named}`, 'Check the client id and its credentials.');
    case 'later':
      return new OAuthError('later', named, 'Armature tries again. If it lasts, check the authorization server.');
    case 'refused':
      return new OAuthError('refused', named, 'Check scopes, audience and resource of the auth profile.');
  }
}

/** Its signature needn't be checked: it came from the token endpoint itself (OpenID Connect Core, 3.1.3.7). */
function readUser(idToken: string): string | null {
  try {
    const claims = decodeJwt(idToken);
    const named = [claims.email, claims.preferred_username, claims.name, claims.sub];
    return (
      named
        .find((claim) => typeof claim === 'string' && claim !== '')
        ?.toString()
        .slice(0, 200) ?? null
    );
  } catch {
    return null;
  }
}
