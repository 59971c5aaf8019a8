import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import Provider from 'oidc-provider';
import { type Listening, listen } from '../targets/http.ts';
import { createStore, type ProviderStore } from './store.ts';

export type ProviderOptions = {
  /** Clients that are registered beforehand, as oidc-provider takes them. */
  clients?: object[];
  /** Seconds. @default 3600 */
  accessTokenTtl?: number;
  /** Seconds. @default 14 days */
  refreshTokenTtl?: number;
  /** Changes the metadata that it publishes. */
  metadata?: (document: { [member: string]: unknown }) => { [member: string]: unknown };
  /** Sees each request before the provider; true: it has answered itself. */
  before?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  /** How long a refresh token that was used is taken once more, as many providers allow. Milliseconds. @default 0 */
  leewayMs?: number;
  /** What it says about a person in an ID token. @default an address that it has not verified */
  claimsOf?: (user: string) => { [claim: string]: unknown };
  /** Whether clients may register by themselves. @default true */
  registration?: boolean;
};

export type TestProvider = Listening & {
  issuer: string;
  store: ProviderStore;
  /** Whether a token is valid for a resource. */
  accepts(token: string, resource: string): Promise<{ scopes: string[]; user: string | undefined } | null>;
};

const scopes = ['tools', 'tools:write', 'admin'];

/** An authorization server: rotation, registration, resource indicators, client credentials and S256 only. */
export async function startProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  let handle: RequestListener = (_, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => void answer(request, response));
  const listening = await listen(server);
  const issuer = listening.origin;
  const store = createStore(options.leewayMs ?? 0);
  const provider = new Provider(issuer, toConfiguration(options, store));
  handle = provider.callback();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await options.before?.(request, response)) return;
    if (options.metadata && request.url?.startsWith('/.well-known/')) changeBody(response, options.metadata);
    handle(request, response);
  }

  return {
    ...listening,
    issuer,
    store,
    async accepts(value, resource) {
      const token = (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value));
      if (!token || token.isExpired || ![token.aud].flat().includes(resource)) return null;
      return { scopes: token.scope?.split(' ') ?? [], user: token.accountId };
    },
  };
}

function toConfiguration(
  {
    clients = [],
    accessTokenTtl = 3600,
    refreshTokenTtl = 14 * 86_400,
    registration = true,
    claimsOf = (user) => ({ email: `${user}@example.com` }),
  }: ProviderOptions,
  store: ProviderStore,
): object {
  return {
    clients,
    adapter: store.adapter,
    scopes: ['openid', 'offline_access', 'profile', 'email', ...scopes],
    claims: { openid: ['sub', 'email'], profile: ['name'], email: ['email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...claimsOf(id) }),
    }),
    pkce: { required: () => true, methods: ['S256'] },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    cookies: { keys: ['only for tests'] },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    ttl: { AccessToken: accessTokenTtl, ClientCredentials: accessTokenTtl, RefreshToken: refreshTokenTtl },
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: registration },
      revocation: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenFormat: 'opaque',
          accessTokenTTL: accessTokenTtl,
        }),
        useGrantedResource: () => true,
      },
    },
  };
}

/** Changes the JSON that is about to be sent. */
function changeBody(response: ServerResponse, change: NonNullable<ProviderOptions['metadata']>): void {
  const end = response.end.bind(response);
  // Koa ends an answer with a document in one call.
  const replaced = (body: unknown): ServerResponse => {
    const document: { [member: string]: unknown } = JSON.parse(String(body));
    const text = JSON.stringify(change(document));
    response.setHeader('content-length', Buffer.byteLength(text));
    return end(text);
  };
  Object.assign(response, { end: replaced });
}
