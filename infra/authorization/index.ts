import { createHmac } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { errors } from 'oidc-provider';
import { unnamedClient } from '../../domain/client-sign-in/registration.ts';
import type { Config } from '../config/index.ts';
import type { Db } from '../db/index.ts';
import type { Logger } from '../logger/index.ts';
import type { Outbound } from '../outbound/index.ts';
import { createMetadata } from './metadata.ts';
import { createProvider, lifetimes, scope } from './provider.ts';
import { createStores } from './store.ts';

/** What a client requests, for the person who is about to allow it. */
export type ClientRequest = {
  clientId: string;
  /** As the client calls itself. Anybody can call itself anything. */
  clientName: string;
  redirectUri: string;
  /** Whether a person has answered it already. */
  isAnswered: boolean;
};

/** A request, and the cookies of the browser that started it: no other browser may answer it. */
export type OfBrowser = { requestId: string; cookie: string };

/** The authorization server of `/api/mcp`: oidc-provider. A client that signed in is an API key with tokens. */
export type Authorization = {
  /** The resource that all tokens are for. */
  resource: string;
  /** RFC 9728: where clients that get a 401 find out how to sign in. */
  resourceMetadata: object;
  /** RFC 8414. */
  metadata: object;
  /** Answers a request to one of its endpoints. @param body instead of the request's own, as JSON */
  handle(request: IncomingMessage, response: ServerResponse, body?: object): Promise<void>;
  /** The API key of an access token; null for a token that is unknown, expired, revoked, or for another resource. */
  findKey(token: string): Promise<string | null>;
  /** Null if it is unknown, has expired, or belongs to another browser. */
  findRequest(of: OfBrowser): Promise<ClientRequest | null>;
  /** Lets the client have tokens of a key. @returns the address at which the browser goes on, on this site */
  allow(of: OfBrowser, grant: { keyId: string; clientId: string; userId: string }): Promise<string>;
  /** @returns as `allow` */
  deny(of: OfBrowser): Promise<string>;
};

/** @param options.keys what becomes of API keys is decided elsewhere */
export function createAuthorization({
  config,
  db,
  outbound,
  log,
  now,
  keys,
}: {
  config: Pick<Config, 'url' | 'authSecret'>;
  db: Db;
  outbound: Outbound;
  log: Logger;
  now: () => Date;
  keys: { isValid(keyId: string): Promise<boolean>; revoke(keyId: string): Promise<void> };
}): Authorization {
  const resource = `${config.url}/api/mcp`;
  const { host, protocol } = new URL(config.url);
  const provider = createProvider({
    issuer: config.url,
    resource,
    cookieKey: createHmac('sha256', config.authSecret).update('oauth requests').digest('base64url'),
    outbound,
    stores: createStores({ db, now, revoke: keys.revoke }),
    isSignedIn: keys.isValid,
  });
  // The library answers with 500 and keeps the error to itself.
  provider.on('server_error', (_: unknown, error: unknown) => log.error({ err: error }, 'OAuth request failed'));
  const answer = provider.callback();

  async function find(of: OfBrowser) {
    try {
      const found = await provider.interactionDetails(...toExchange(of));
      return found.uid === of.requestId ? found : null;
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return null;
      throw error;
    }
  }

  return {
    resource,
    ...createMetadata({ issuer: config.url, resource }),

    async handle(request, response, body) {
      const sent = body === undefined ? request : withBody(request, JSON.stringify(body));
      sent.headers['x-forwarded-host'] = host;
      sent.headers['x-forwarded-proto'] = protocol.slice(0, -1);
      sent.headers.cookie = keepOwnCookies(request.headers.cookie ?? '');
      await answer(sent, response);
    },

    async findKey(token) {
      const found = await provider.AccessToken.find(token);
      if (!found || found.isExpired || ![found.aud].flat().includes(resource)) return null;
      return found.grantId ?? null;
    },

    async findRequest(of) {
      const found = await find(of);
      if (!found) return null;
      const { client_id: clientId, redirect_uri: redirectUri } = found.params;
      if (typeof clientId !== 'string' || typeof redirectUri !== 'string') return null;
      const client = await provider.Client.find(clientId);
      if (!client) return null;
      return {
        clientId,
        clientName: client.clientName ?? unnamedClient,
        redirectUri,
        isAnswered: found.result !== undefined,
      };
    },

    async allow(of, { keyId, clientId, userId }) {
      const grant = new provider.Grant({ jti: keyId, accountId: userId, clientId });
      grant.addResourceScope(resource, scope);
      await grant.save();
      const result = { login: { accountId: userId, remember: false }, consent: { grantId: keyId } };
      return provider.interactionResult(...toExchange(of), result);
    },

    deny: (of) =>
      provider.interactionResult(...toExchange(of), {
        error: 'access_denied',
        error_description: 'The person did not allow it.',
      }),
  };
}

export { lifetimes };

/** A request with another body, since the library reads it from the request. */
function withBody(request: IncomingMessage, body: string): IncomingMessage {
  const { 'transfer-encoding': _, ...headers } = request.headers;
  const replaced = new IncomingMessage(request.socket);
  Object.assign(replaced, {
    method: request.method,
    url: request.url,
    // Else the end of the body would count as a broken connection.
    complete: true,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
  });
  replaced.push(body);
  replaced.push(null);
  return replaced;
}

/** The library reads the cookie of a request from one of Node's. */
function toExchange({ cookie }: OfBrowser): [IncomingMessage, ServerResponse] {
  const request = new IncomingMessage(new Socket());
  request.headers.cookie = keepOwnCookies(cookie);
  return [request, new ServerResponse(request)];
}

/** Only those that bind a request to its browser: the library must not take anybody for signed in. */
const keepOwnCookies = (cookie: string): string =>
  cookie
    .split(/; */)
    .filter((each) => /^armature_(request|resume)(\.sig)?=/.test(each))
    .join('; ');
