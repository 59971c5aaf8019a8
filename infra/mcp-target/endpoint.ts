import type { OAuthChallenge } from '../../domain/oauth/challenge.ts';
import { describeOrdinary } from '../../domain/secret/ordinary.ts';
import { TargetError } from './error.ts';

/** The credentials of an auth profile in plain text, which exist in memory only. */
export type EndpointAuth =
  | { kind: 'none' }
  /** A pasted `Bearer ` before the token is removed. */
  | { kind: 'bearer'; token: string }
  | { kind: 'api_key_header'; header: string; value: string }
  /** `secrets`: what is known of it that has to be masked. */
  | { kind: 'oauth'; tokens: TokenSource; secrets: readonly string[] };

/** How a server refused a token. */
export type TokenRefusal = { token: string; status: 401 | 403; challenge: OAuthChallenge };

/** The access tokens of an auth profile that signs in by OAuth. */
export type TokenSource = {
  /** A token that is valid, as far as is known. @throws {TargetError} `auth` */
  current(signal: AbortSignal): Promise<string>;
  /** Another one after a refusal; null: there is none, and the refusal stands. @throws {TargetError} `auth` */
  renew(refusal: TokenRefusal, signal: AbortSignal): Promise<string | null>;
};

export type Endpoint = {
  transport: 'streamable_http' | 'sse';
  /** The full URL, with query values. */
  url: string;
  /** Extra headers. Their values are secrets like credentials. */
  headers: { [name: string]: string };
  auth: EndpointAuth;
  /** Segments of the URL's path that are secret. */
  pathSecrets?: readonly string[];
  /** MCP revision that an earlier connection negotiated. Saves this one the negotiation. */
  protocolVersion?: string;
};

const bareToken = (token: string): string => token.trim().replace(/^bearer\s+/i, '');

/** @throws {TargetError} `invalid_url` when HTTP doesn't allow one of the headers */
export function toHeaders({ headers, auth }: Endpoint): { [name: string]: string } {
  const all: { [name: string]: string } = { ...headers };
  const set = (name: string, value: string): void => {
    for (const other of Object.keys(all)) if (other.toLowerCase() === name.toLowerCase()) delete all[other];
    all[name] = value;
  };
  if (auth.kind === 'bearer') set('Authorization', `Bearer ${bareToken(auth.token)}`);
  if (auth.kind === 'api_key_header') set(auth.header, auth.value);
  for (const [name, value] of Object.entries(all)) {
    if (isAllowed(name, value)) continue;
    throw new TargetError('invalid_url', `The header "${name.slice(0, 80)}" can't be sent: HTTP does not allow it.`, {
      remediation: 'Correct the name or the value of this header.',
    });
  }
  return all;
}

// The HTTP client sets the headers that describe the connection.
const ownHeaders = /^(connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

function isAllowed(name: string, value: string): boolean {
  // Names: HTTP's token. Values: what a Headers object accepts, without line breaks and characters beyond latin1.
  return (
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !ownHeaders.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
  );
}

/** Whether the server gets credentials that it could refuse. */
export const hasCredentials = ({ auth, headers }: Endpoint): boolean =>
  auth.kind !== 'none' || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');

/** Everything that is secret in an endpoint, for masking. */
export function listSecrets({ url, headers, auth, pathSecrets = [] }: Endpoint): string[] {
  const query = URL.canParse(url) ? [...new URL(url).searchParams.values()] : [];
  const values = [...Object.values(headers), ...query].filter((value) => describeOrdinary(value) === null);
  return [...listCredentials(auth), ...pathSecrets, ...values];
}

function listCredentials(auth: EndpointAuth): readonly string[] {
  switch (auth.kind) {
    case 'none':
      return [];
    case 'bearer':
      return [bareToken(auth.token)];
    case 'api_key_header':
      return [auth.value];
    case 'oauth':
      return auth.secrets;
  }
}
