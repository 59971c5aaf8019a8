import { createHash, randomBytes } from 'node:crypto';
import { Client, type OAuthClientProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import express from 'express';
import { createKeyAuth } from '../../../api/api-key.ts';
import { mountAuthorization } from '../../../api/authorization/mount.ts';
import { listen } from '../../../api/listen.ts';
import { mountMcp } from '../../../api/mcp/endpoint.ts';
import { requestLog } from '../../../api/request-log.ts';
import { mountRest } from '../../../api/rest/mount.ts';
import type { Role } from '../../../domain/role/role.ts';
import { findFreePort } from '../../../scripts/port.ts';
import { allowClient } from '../../../services/client-sign-in/answer.ts';
import type { Context, Deps } from '../../../services/context/context.ts';
import { type TestDeps, testDeps } from '../setup/context.ts';

export type OAuthEndpoint = { deps: Deps; origin: string; url: string; close(): Promise<void> };

/** The MCP endpoint with its authorization server, as the api process mounts them, without the dashboard. */
export async function startOAuthEndpoint(): Promise<OAuthEndpoint> {
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const scenario: TestDeps = await testDeps({ env: { ARMATURE_URL: origin, ARMATURE_OAUTH: 'true' } });
  const app = express();
  app.use(requestLog(scenario.deps.log));
  mountAuthorization(app, scenario.deps);
  const authenticate = createKeyAuth(scenario.deps);
  mountMcp(app, scenario.deps, authenticate);
  mountRest(app, scenario.deps, authenticate);
  const server = await listen(app, { port, host: '127.0.0.1' });
  return {
    deps: scenario.deps,
    origin,
    url: `${origin}/api/mcp`,
    async close() {
      await server.close();
      await scenario.close();
    },
  };
}

export const redirectUri = 'http://127.0.0.1:4567/callback';

/** What the SDK's client remembers of a sign-in. `asked`: where it sent the person. */
export function createMemory(redirect = redirectUri): OAuthClientProvider & { asked: URL | undefined } {
  let client: Awaited<ReturnType<OAuthClientProvider['clientInformation']>>;
  let tokens: Awaited<ReturnType<OAuthClientProvider['tokens']>>;
  let verifier = '';
  let discovered: Awaited<ReturnType<NonNullable<OAuthClientProvider['discoveryState']>>>;
  return {
    asked: undefined,
    redirectUrl: redirect,
    clientMetadata: { client_name: 'An agent', redirect_uris: [redirect] },
    state: () => randomBytes(16).toString('hex'),
    clientInformation: () => client,
    saveClientInformation(given) {
      client = given;
    },
    tokens: () => tokens,
    saveTokens(given) {
      tokens = given;
    },
    redirectToAuthorization(url) {
      this.asked = url;
    },
    saveCodeVerifier(given) {
      verifier = given;
    },
    codeVerifier: () => verifier,
    discoveryState: () => discovered,
    saveDiscoveryState(given) {
      discovered = given;
    },
    invalidateCredentials(what) {
      if (what !== 'client') tokens = undefined;
      if (what !== 'tokens') client = undefined;
    },
  };
}

export function createClient(url: string, authProvider: OAuthClientProvider) {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  return { client, transport: new StreamableHTTPClientTransport(new URL(url), { authProvider }) };
}

/** A browser's visits to the authorization server: its cookies, and where it was sent. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async open(url: string | URL): Promise<{ status: number; location: URL | null; text: string }> {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: this.cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    const location = response.headers.get('location');
    return {
      status: response.status,
      location: location === null ? null : new URL(location, url),
      text: await response.text(),
    };
  }

  /** Opens a request of a client. @returns its id, which the page of the dashboard has in its address */
  async request(url: string | URL): Promise<string> {
    const { location, text } = await this.open(url);
    const [, requestId] = /\/connect\/([\w-]+)$/.exec(location?.pathname ?? '') ?? [];
    if (requestId === undefined) throw new Error(`nobody was asked: ${location} ${text}`);
    return requestId;
  }

  /** Answers a request as the page does. @returns where the client gets its code */
  async allow(ctx: Context, requestId: string, role: Role): Promise<URL> {
    const { continueAt } = await allowClient(ctx, { requestId, cookie: this.cookie, role });
    const { location, text } = await this.open(continueAt);
    if (!location) throw new Error(`no redirect: ${text}`);
    return location;
  }
}

/** Requests as a client without an SDK makes them. */
export function createRawClient(origin: string) {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const post = async (path: string, body: URLSearchParams | string, headers: HeadersInit = {}) => {
    const response = await fetch(`${origin}${path}`, { method: 'POST', body, headers });
    const text = await response.text();
    const answer: { [member: string]: unknown } = text === '' ? {} : JSON.parse(text);
    return { status: response.status, body: answer };
  };
  return {
    register: (metadata: object) =>
      post('/oauth/register', JSON.stringify(metadata), { 'content-type': 'application/json' }),
    authorizeUrl(clientId: string, changed: { [name: string]: string | undefined } = {}): URL {
      const url = new URL('/oauth/authorize', origin);
      const parameters = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state: 'a state',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        resource: `${origin}/api/mcp`,
        ...changed,
      };
      for (const [name, value] of Object.entries(parameters))
        if (value !== undefined) url.searchParams.set(name, value);
      return url;
    },
    exchange: (clientId: string, code: string, changed: { [name: string]: string } = {}) =>
      post(
        '/oauth/token',
        new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: clientId,
          redirect_uri: redirectUri,
          code,
          code_verifier: verifier,
          ...changed,
        }),
      ),
    refresh: (clientId: string, refreshToken: string, changed: { [name: string]: string } = {}) =>
      post(
        '/oauth/token',
        new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: clientId,
          refresh_token: refreshToken,
          ...changed,
        }),
      ),
    revoke: (clientId: string, token: string) =>
      post('/oauth/revoke', new URLSearchParams({ client_id: clientId, token })),
    /** Lists the tools with a token. @returns the HTTP status */
    async list(token: string): Promise<{ status: number; challenge: string | null }> {
      const response = await fetch(`${origin}/api/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
      });
      await response.text();
      return { status: response.status, challenge: response.headers.get('www-authenticate') };
    },
  };
}
