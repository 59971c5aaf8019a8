import { generateKeyPairSync } from 'node:crypto';
import Provider, { errors, interactionPolicy } from 'oidc-provider';
import { toRegistration } from '../../domain/client-sign-in/registration.ts';
import type { Outbound } from '../outbound/index.ts';
import type { RecordStore } from './store.ts';

/** The one scope: what the client may do is the role that a person chose. */
export const scope = 'mcp';
const hour = 3600;
const day = 24 * hour;
export const lifetimes = {
  accessToken: hour,
  /** Of a client that doesn't come back. Each refresh begins it anew. */
  idle: 30 * day,
  /** Of a request that waits for a person. */
  request: hour,
};

export const paths = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  registration: '/oauth/register',
  revocation: '/oauth/revoke',
};

type Ctx = { oidc: { result?: { consent?: { grantId?: string } }; client?: { clientId: string } } };

/** The page that asks a person. The browser's cookie is bound to this path, so the page's data has to be below it. */
export const toRequestPath = (uid: string): string => `/connect/${uid}`;

/** Configures oidc-provider: public clients, S256, opaque tokens for one resource, rotation. */
export function createProvider(options: {
  issuer: string;
  resource: string;
  cookieKey: string;
  outbound: Outbound;
  stores: (kind: string) => RecordStore;
  isSignedIn: (keyId: string) => Promise<boolean>;
}): Provider {
  const { issuer, resource, cookieKey, outbound, stores, isSignedIn } = options;
  const isHttps = issuer.startsWith('https:');
  const cookie = { signed: true, httpOnly: true, sameSite: 'lax', secure: isHttps };
  const provider: Provider = new Provider(issuer, {
    adapter: stores,
    clientAuthMethods: ['none'],
    clientDefaults: { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' },
    responseTypes: ['code'],
    scopes: [],
    claims: {},
    // No ID token is issued, but the library wants a key for them.
    jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    routes: paths,
    cookies: {
      keys: [cookieKey],
      names: { session: 'armature_oauth', interaction: 'armature_request', resume: 'armature_resume' },
      long: cookie,
      short: cookie,
    },
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: 60,
      RefreshToken: lifetimes.idle,
      Grant: 10 * 365 * day,
      Interaction: lifetimes.request,
      Session: lifetimes.request,
    },
    findAccount: async (_ctx: unknown, accountId: string, token?: { grantId?: string }) => {
      if (token?.grantId !== undefined && !(await isSignedIn(token.grantId))) return undefined;
      return { accountId, claims: () => ({ sub: accountId }) };
    },
    interactions: { policy: [askAlways()], url: (_ctx: unknown, { uid }: { uid: string }) => toRequestPath(uid) },
    // Only what a person has allowed in this very request.
    loadExistingGrant: async ({ oidc: { result } }: Ctx) =>
      result?.consent?.grantId === undefined ? undefined : provider.Grant.find(result.consent.grantId),
    fetch: (url: string | URL, init: RequestInit) => fetchDocument(outbound, url, init),
    renderError: (ctx: { type: string; body: string }, { error_description: what }: { error_description?: string }) => {
      ctx.type = 'text';
      ctx.body = `The request of the client can't be answered: ${what ?? 'it is invalid'}. Close this page and connect again from the client.`;
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      requestObjects: { enabled: false },
      claimsParameter: { enabled: false },
      registration: { enabled: true, issueRegistrationAccessToken: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx: unknown, client: { clientId: string }, token: { clientId: string }) =>
          client.clientId === token.clientId,
      },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx: unknown, indicator: string) {
          if (indicator !== resource) throw new errors.InvalidTarget();
          return { scope, audience: resource, accessTokenFormat: 'opaque', accessTokenTTL: lifetimes.accessToken };
        },
      },
    },
  });
  // Addresses in answers come from the configured URL, which the caller writes into the request.
  provider.proxy = true;
  return provider;
}

/** A person is asked at each authorization request, whoever has used the browser before. */
function askAlways(): unknown {
  const { Prompt, Check } = interactionPolicy;
  return new Prompt(
    { name: 'consent', requestable: true },
    new Check('person', 'a person has to allow the client', ({ oidc }) =>
      oidc.result?.consent === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  );
}

const maxDocumentBytes = 32 * 1024;

/** Fetches a client metadata document. A visitor names its address, so only public ones are called. */
async function fetchDocument(outbound: Outbound, url: string | URL, init: RequestInit): Promise<Response> {
  const response = await outbound.fetch(url, {
    ...init,
    publicOnly: true,
    timeoutMs: 5000,
    maxBytes: maxDocumentBytes,
  });
  if (response.status !== 200) return response;
  const document: unknown = await response.json();
  const registration = toRegistration(document);
  const id = typeof document === 'object' && document !== null && 'client_id' in document ? document.client_id : null;
  const cacheControl = response.headers.get('cache-control');
  return Response.json(registration && { ...registration, client_id: id }, {
    headers: cacheControl === null ? {} : { 'cache-control': cacheControl },
  });
}
