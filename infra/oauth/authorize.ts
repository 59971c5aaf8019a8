import { createHash, randomBytes } from 'node:crypto';
import { issuerProblem } from '../../domain/oauth/issuer.ts';
import { chooseScope } from '../../domain/oauth/scope.ts';
import type { OAuthClient } from './client.ts';
import type { Discovered } from './discover.ts';
import { OAuthError } from './error.ts';
import type { Exchanges } from './exchange.ts';

/** An authorization request that waits for its answer. `codeVerifier` and `state` are secret. */
export type PendingAuthorization = {
  url: string;
  state: string;
  codeVerifier: string;
  issuer: string;
  announcesIss: boolean;
  redirectUri: string;
  resource: string;
  scope: string | undefined;
};

const random = (): string => randomBytes(32).toString('base64url');

/**
 * Prepares the address to send a person's browser to.
 * @param options.scope what a person entered, or what a step-up needs; absent: chosen by what was discovered
 * @throws OAuthError `no_pkce`, `discovery`
 */
export function prepareAuthorization(
  exchanges: Exchanges,
  { metadata, resource, scope: challenged, scopesOfResource }: Discovered,
  {
    client,
    redirectUri,
    audience,
    scope: entered,
  }: { client: OAuthClient; redirectUri: string; audience?: string | null; scope?: string | undefined },
): PendingAuthorization {
  if (!metadata.code_challenge_methods_supported?.includes('S256'))
    throw new OAuthError(
      'no_pkce',
      'The authorization server does not announce PKCE with S256, which protects the sign-in from stolen codes.',
      'Let it announce code_challenge_methods_supported: ["S256"]. MCP clients have to refuse it otherwise.',
    );
  if (metadata.authorization_endpoint === undefined || !URL.canParse(metadata.authorization_endpoint))
    throw new OAuthError(
      'discovery',
      'The authorization server announces no authorization endpoint.',
      'Enter its address in the auth profile, or use client credentials.',
    );
  const offline = metadata.grant_types_supported?.includes('refresh_token') ?? true;
  const scope = chooseScope({
    entered,
    challenged,
    ofResource: scopesOfResource,
    ofServer: metadata.scopes_supported,
    offline,
  });
  const state = random();
  const codeVerifier = random();
  const url = new URL(metadata.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource,
    ...(scope !== undefined && { scope }),
    // OpenID Connect gives a refresh token only after consent.
    ...(scope?.split(' ').includes('offline_access') && { prompt: 'consent' }),
    ...(audience && { audience }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const { issuer, authorization_response_iss_parameter_supported: announcesIss = false } = metadata;
  exchanges.note({
    title: 'Send the browser to the authorization server',
    request: { method: 'GET', url: url.origin + url.pathname, parameters: { ...parameters, state: '[secret]' } },
  });
  return { url: url.href, state, codeVerifier, issuer, announcesIss, redirectUri, resource, scope };
}

/**
 * Checks the answer that came back by the browser.
 * @returns the code. @throws OAuthError `callback`, `denied`
 */
export function readCallback(
  exchanges: Exchanges,
  pending: Pick<PendingAuthorization, 'state' | 'issuer' | 'announcesIss'>,
  answer: URLSearchParams,
): string {
  const title = 'Check the answer of the authorization server';
  const only = (name: string): string | undefined => {
    const values = answer.getAll(name);
    if (values.length > 1) throw untrusted(exchanges, title, `It has the parameter ${name} more than once.`);
    return values[0];
  };
  if (only('state') !== pending.state) throw untrusted(exchanges, title, 'Its state is not that of this sign-in.');
  const iss = only('iss');
  const problem = issuerProblem(pending, iss);
  if (problem !== null) {
    const detail =
      problem === 'missing'
        ? 'The authorization server announces iss, but the answer has none.'
        : `iss is "${iss?.slice(0, 200)}" instead of ${pending.issuer}.`;
    exchanges.note({ title, findings: [{ rule: 'issuer-returned', verdict: 'breaks', detail }] });
    throw new OAuthError(
      'callback',
      `${detail} It may come from another authorization server, so its code is not used.`,
      'Sign in again. If it happens again, report it to the operator of the authorization server.',
    );
  }
  const error = only('error');
  const code = only('code');
  const granted = error === undefined && code !== undefined;
  const detail = granted ? 'The answer has a code.' : `The answer is the error "${(error ?? '').slice(0, 100)}".`;
  exchanges.note({
    title,
    findings: [
      {
        rule: 'issuer-returned',
        verdict: 'follows',
        detail: iss === undefined ? 'iss is not announced.' : 'iss is right.',
      },
      { rule: 'authorization-granted', verdict: granted ? 'follows' : 'breaks', detail },
    ],
  });
  if (error !== undefined || code === undefined)
    throw new OAuthError(
      'denied',
      error === 'access_denied'
        ? 'Access was denied at the authorization server.'
        : `The authorization server answered with the error "${(error ?? 'no code').slice(0, 100)}".`,
      error === 'access_denied'
        ? 'Sign in again, and allow the access.'
        : 'Check the scopes and the client of the auth profile, then sign in again.',
    );
  return code;
}

function untrusted(exchanges: Exchanges, title: string, problem: string): OAuthError {
  exchanges.note({ title, problem });
  return new OAuthError(
    'callback',
    "The answer of the authorization server doesn't belong to this sign-in.",
    'Start the sign-in again from the page of the server.',
  );
}
