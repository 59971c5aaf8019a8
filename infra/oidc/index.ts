import { randomBytes } from 'node:crypto';
import { createAuthorizationURL, validateAuthorizationCode, validateToken } from 'better-auth/oauth2';
import { z } from 'zod';
import type { Config } from '../config/index.ts';

/** What the end of a sign-in needs. It stays in the browser that began it. */
export const pendingSignIn = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });
export type PendingSignIn = z.infer<typeof pendingSignIn>;

/** Who signed in, as the provider says. */
export type Identity = {
  /** Of the person at this provider, for good. An address can change. */
  id: string;
  email: string | null;
  isEmailVerified: boolean;
  name: string | null;
};

/** Sign-in of people at an OpenID provider. */
export type Oidc = {
  /** Its host, for people. */
  name: string;
  /** @returns where the browser goes. @throws OidcError */
  begin(): Promise<{ url: string; pending: PendingSignIn }>;
  /** @param query of the address that the provider sent the browser back to. @throws OidcError */
  complete(query: string, pending: PendingSignIn): Promise<Identity>;
};

/** The provider can't be reached, or its answer proves nothing. The message is for the log. */
export class OidcError extends Error {
  override name = 'OidcError';
}

const endpoint = z.url();
const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  jwks_uri: endpoint,
  userinfo_endpoint: endpoint.optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).default(['client_secret_basic']),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});
type Discovery = z.infer<typeof discovery>;

const person = z.object({
  sub: z.string().min(1),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
});
const idToken = person.extend({ nonce: z.string() });

const timeoutMs = 10_000;
const newSecret = (): string => randomBytes(32).toString('base64url');

export const callbackPath = '/sign-in/provider/callback';

/** better-auth's functions speak the protocol: code with PKCE, and an ID token that is checked against the keys. */
export function createOidc({ oidc, url }: { oidc: NonNullable<Config['oidc']>; url: string }): Oidc {
  const { issuer, clientId, clientSecret } = oidc;
  const redirectURI = `${url}${callbackPath}`;
  const options = { clientId, clientSecret };
  let discovered: Promise<Discovery> | undefined;

  /** Once per process, and again after a failure. */
  function discover(): Promise<Discovery> {
    discovered ??= readDiscovery(issuer).catch((error: unknown) => {
      discovered = undefined;
      throw error;
    });
    return discovered;
  }

  return {
    name: new URL(issuer).host,

    begin: () =>
      attempt(async () => {
        const { authorization_endpoint: authorizationEndpoint } = await discover();
        const pending = { state: newSecret(), nonce: newSecret(), verifier: newSecret() };
        const to = await createAuthorizationURL({
          id: 'oidc',
          options,
          redirectURI,
          authorizationEndpoint,
          state: pending.state,
          nonce: pending.nonce,
          codeVerifier: pending.verifier,
          scopes: ['openid', 'email', 'profile'],
        });
        return { url: to.href, pending };
      }),

    complete: (query, { state, nonce, verifier }) =>
      attempt(async () => {
        const provider = await discover();
        const code = readCode(new URLSearchParams(query), { state, provider });
        const takesPost = !provider.token_endpoint_auth_methods_supported.includes('client_secret_basic');
        const tokens = await validateAuthorizationCode({
          code,
          codeVerifier: verifier,
          redirectURI,
          options,
          tokenEndpoint: provider.token_endpoint,
          authentication: takesPost ? 'post' : 'basic',
        });
        if (!tokens.idToken) throw new OidcError('The provider sent no ID token.');
        const expected = { issuer: provider.issuer, audience: clientId, requiredClaims: ['exp', 'sub', 'nonce'] };
        const { payload } = await validateToken(tokens.idToken, provider.jwks_uri, expected);
        const proven = idToken.parse(payload);
        if (proven.nonce !== nonce) throw new OidcError('The ID token is of another sign-in.');
        // Many providers give the address only to those who ask for it.
        const asked = proven.email === undefined ? await readPerson(provider, tokens.accessToken) : proven;
        if (asked.sub !== proven.sub) throw new OidcError('The provider describes another person.');
        return {
          id: JSON.stringify([provider.issuer, proven.sub]),
          email: asked.email ?? null,
          isEmailVerified: asked.email_verified ?? false,
          name: asked.name ?? proven.name ?? null,
        };
      }),
  };
}

/** @throws OidcError if the answer is of another sign-in or provider (RFC 9207), or an error */
function readCode(answer: URLSearchParams, { state, provider }: { state: string; provider: Discovery }): string {
  if (answer.get('state') !== state) throw new OidcError('The answer is of another sign-in.');
  const iss = answer.get('iss');
  if (iss === null ? provider.authorization_response_iss_parameter_supported : iss !== provider.issuer)
    throw new OidcError('The answer is of another provider.');
  const code = answer.get('code');
  if (code === null) throw new OidcError(`The provider refused: ${answer.get('error')?.slice(0, 100)}`);
  return code;
}

async function readDiscovery(issuer: string): Promise<Discovery> {
  const found = discovery.parse(await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
  if (found.issuer === issuer) return found;
  throw new OidcError(`The provider calls itself ${found.issuer.slice(0, 200)}, not ${issuer}.`);
}

async function readPerson(provider: Discovery, accessToken: string | undefined): Promise<z.infer<typeof person>> {
  if (provider.userinfo_endpoint === undefined || accessToken === undefined)
    throw new OidcError('The provider gives no e-mail address.');
  return person.parse(await fetchJson(provider.userinfo_endpoint, { authorization: `Bearer ${accessToken}` }));
}

async function fetchJson(url: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new OidcError(`${url} answered ${response.status}.`);
  return response.json();
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OidcError) throw error;
    throw new OidcError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
