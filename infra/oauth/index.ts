import type { OAuthChallenge } from '../../domain/oauth/challenge.ts';
import type { TraceStep } from '../../domain/oauth/trace.ts';
import type { Outbound } from '../outbound/index.ts';
import { type PendingAuthorization, prepareAuthorization, readCallback } from './authorize.ts';
import type { OAuthClient } from './client.ts';
import { type Discovered, discover, type Entered } from './discover.ts';
import { createExchanges } from './exchange.ts';
import { findClient } from './register.ts';
import { type At, clientCredentialsGrant, codeGrant, type Granted, refreshGrant, requestTokens } from './token.ts';

export type { PendingAuthorization } from './authorize.ts';
export { createClientKey, describeKeyProblem, type OAuthClient, toPublicKey } from './client.ts';
export type { Discovered, Entered } from './discover.ts';
export { isOAuthError, OAuthError } from './error.ts';
export type { Granted } from './token.ts';

export type SignInOptions = {
  /** Origins that a person has confirmed, beside the server's own; `any`: on a person's own machine. */
  trusted: readonly string[] | 'any';
  serverUrl: string;
  transport: 'streamable_http' | 'sse';
  /** Extra headers of the server, which are secret. */
  headers: { [name: string]: string };
  /** Masked wherever they come back. */
  secrets: readonly string[];
  signal: AbortSignal;
};

/** The steps of a sign-in to one server. All of them throw OAuthError. */
export type SignIn = {
  /** What was sent and answered so far. */
  trace: TraceStep[];
  discover(options: {
    challenge?: OAuthChallenge | undefined;
    boundIssuer: string | null;
    entered: Entered;
  }): Promise<Discovered>;
  findClient(
    discovered: Pick<Discovered, 'metadata'>,
    options: { known: OAuthClient | null; documentUrl: string | null; redirectUri: string },
  ): Promise<OAuthClient & { isNew: boolean }>;
  prepare(
    discovered: Discovered,
    options: { client: OAuthClient; redirectUri: string; audience?: string | null; scope?: string | undefined },
  ): PendingAuthorization;
  readCallback(
    pending: Pick<PendingAuthorization, 'state' | 'issuer' | 'announcesIss'>,
    answer: URLSearchParams,
  ): string;
  exchangeCode(at: At, client: OAuthClient, code: string, pending: PendingCode): Promise<Granted>;
  refresh(at: At, client: OAuthClient, refreshToken: string): Promise<Granted>;
  askWithCredentials(
    at: At,
    client: OAuthClient,
    options: { scope: string | undefined; audience: string | null },
  ): Promise<Granted>;
};
type PendingCode = Pick<PendingAuthorization, 'codeVerifier' | 'redirectUri'>;

export type OAuth = { begin(options: SignInOptions): SignIn };

/** OAuth as a client of servers under test. All requests go through `outbound`. */
export function createOAuth({ outbound, now }: { outbound: Outbound; now: () => Date }): OAuth {
  return {
    begin({ trusted, serverUrl, transport, headers, secrets, signal }) {
      const origins = trusted === 'any' ? trusted : new Set([new URL(serverUrl).origin, ...trusted]);
      const exchanges = createExchanges({ outbound, now, trusted: origins, secrets, signal });
      return {
        trace: exchanges.trace,
        discover: (options) => discover(exchanges, { serverUrl, transport, headers, ...options }),
        findClient: (discovered, options) => findClient(exchanges, discovered, options),
        prepare: (discovered, options) => prepareAuthorization(exchanges, discovered, options),
        readCallback: (pending, answer) => readCallback(exchanges, pending, answer),
        exchangeCode: (at, client, code, { codeVerifier, redirectUri }) =>
          requestTokens(exchanges, at, { client, grant: codeGrant(code, codeVerifier, redirectUri), now }),
        refresh: (at, client, refreshToken) =>
          requestTokens(exchanges, at, { client, grant: refreshGrant(refreshToken), now }),
        askWithCredentials: (at, client, { scope, audience }) =>
          requestTokens(exchanges, at, { client, grant: clientCredentialsGrant(scope, audience), now }),
      };
    },
  };
}
