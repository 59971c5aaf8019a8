import {
  canonicalResource,
  coversServer,
  isConfidential,
  resourceMetadataAddresses,
  serverMetadataAddresses,
} from '../../domain/oauth/addresses.ts';
import type { OAuthChallenge } from '../../domain/oauth/challenge.ts';
import { chooseIssuer } from '../../domain/oauth/issuer.ts';
import {
  parseResourceMetadata,
  parseServerMetadata,
  type ResourceMetadata,
  type ServerMetadata,
} from '../../domain/oauth/metadata.ts';
import { type Finding, toFinding } from '../../domain/oauth/rules.ts';
import { type Asked, askServer } from './ask-server.ts';
import { OAuthError } from './error.ts';
import { type Answer, type Exchanges, readJson } from './exchange.ts';

/** What a person entered because discovery doesn't give it. Null or absent: discovered. */
export type Entered = {
  issuer?: string | null;
  authorizationEndpoint?: string | null;
  tokenEndpoint?: string | null;
  resource?: string | null;
};

/** Where and how to sign in to a server. */
export type Discovered = {
  /** The resource indicator for every request. */
  resource: string;
  metadata: ServerMetadata & { token_endpoint: string };
  /** Of the refusal that started it. */
  scope: string | undefined;
  scopesOfResource: string[] | undefined;
  /** How far the clock of the authorization server is ahead, in milliseconds. */
  clockSkewMs: number;
};

type Options = Asked & {
  /** The refusal that was received; absent: the server is asked. */
  challenge?: OAuthChallenge | undefined;
  /** The authorization server that the credentials belong to. */
  boundIssuer: string | null;
  entered: Entered;
};

/**
 * Finds the authorization server of a server under test.
 * @throws OAuthError `unreachable`, `discovery`, `issuer_changed`, `issuer_unconfirmed`
 */
export async function discover(exchanges: Exchanges, options: Options): Promise<Discovered> {
  const { serverUrl, boundIssuer, entered } = options;
  const challenge = options.challenge ?? (await askServer(exchanges, options));
  const found = await findResourceMetadata(exchanges, serverUrl, challenge);
  const resource = entered.resource ?? chooseResource(found, serverUrl);
  const common = { resource, scope: challenge.scope, scopesOfResource: found?.scopes_supported };
  const named = (found?.authorization_servers ?? []).filter((each) => URL.canParse(each));
  if (found && named.length === 0)
    exchanges.note({
      title: 'Choose the authorization server',
      findings: [toFinding('authorization-servers', false, 'authorization_servers names none.')],
    });
  const chosen = chooseIssuer(named, entered.issuer ?? boundIssuer);
  if (chosen.changed && chosen.issuer !== null) throw issuerChanged(chosen.issuer, entered.issuer ?? boundIssuer);
  // Servers of MCP 2025-03-26 are their own authorization server.
  const issuer = chosen.issuer ?? new URL(serverUrl).origin;
  const read = await findServerMetadata(exchanges, issuer, chosen.issuer === null);
  const metadata = mergeEntered(read?.metadata ?? null, issuer, entered);
  if (!metadata)
    throw new OAuthError(
      'discovery',
      `The authorization server ${new URL(issuer).host} publishes no metadata.`,
      'Check the server, or enter the addresses of its authorization and token endpoints.',
      { issuer },
    );
  checkEndpoints(exchanges, metadata, read !== null);
  return { ...common, metadata, clockSkewMs: read?.clockSkewMs ?? 0 };
}

const issuerChanged = (issuer: string, before: string | null): OAuthError =>
  new OAuthError(
    'issuer_changed',
    `The server now names ${new URL(issuer).origin} as its authorization server, no longer ${before}.`,
    'If that is right, confirm it and sign in again. The credentials of the other one are not used there.',
    { issuer },
  );

async function findResourceMetadata(
  exchanges: Exchanges,
  serverUrl: string,
  { resourceMetadata }: OAuthChallenge,
): Promise<ResourceMetadata | null> {
  const named = resourceMetadata === undefined ? null : URL.parse(resourceMetadata, serverUrl);
  // Elsewhere, a query could ask for an action.
  if (named && named.origin !== new URL(serverUrl).origin) named.search = '';
  const isWeb = named !== null && /^https?:$/.test(named.protocol);
  const addresses = new Set([...(isWeb ? [named.href] : []), ...resourceMetadataAddresses(serverUrl)]);
  let last: OAuthError | null = null;
  for (const url of addresses) {
    const metadata = await readResourceMetadata(exchanges, url, serverUrl).catch((error: unknown) => {
      if (!(error instanceof OAuthError)) throw error;
      last = error;
      return null;
    });
    if (metadata) return metadata;
  }
  exchanges.note({
    title: 'Find the metadata of the protected resource',
    problem: 'None of its addresses answers with the document.',
    findings: [toFinding('resource-metadata', false, 'The server publishes no such document.')],
  });
  if (last !== null && addresses.size === 1) throw last;
  return null;
}

async function readResourceMetadata(
  exchanges: Exchanges,
  url: string,
  serverUrl: string,
): Promise<ResourceMetadata | null> {
  const answer = await exchanges.send({
    title: 'Read the metadata of the protected resource',
    url,
    judge(given) {
      const metadata = parseResourceMetadata(readJson(given));
      if (!metadata) return [];
      const { resource, authorization_servers: servers = [], scopes_supported: scopes = [] } = metadata;
      const withoutSlash = (text: string): string => text.replace(/\/$/, '');
      return [
        toFinding('resource-metadata', true, 'The server publishes the document.'),
        toFinding(
          'resource-identifier',
          resource !== undefined && withoutSlash(resource) === withoutSlash(canonicalResource(serverUrl)),
          resource === undefined ? 'The document has no resource.' : `resource is "${resource.slice(0, 200)}".`,
        ),
        ...(servers.length > 0 ? [toFinding('authorization-servers', true, `It names ${servers.length}.`)] : []),
        ...(scopes.includes('offline_access')
          ? [toFinding('no-offline-access', false, 'scopes_supported contains offline_access.')]
          : []),
      ];
    },
  });
  return parseResourceMetadata(readJson(answer));
}

function chooseResource(found: ResourceMetadata | null, serverUrl: string): string {
  const resource = found?.resource;
  if (resource === undefined) return canonicalResource(serverUrl);
  if (coversServer(resource, serverUrl)) return resource;
  throw new OAuthError(
    'discovery',
    `The metadata of the protected resource is about "${resource.slice(0, 200)}", not about this server.`,
    'Correct resource in the metadata, or the URL of the server. A token for another resource is not used here.',
  );
}

type Read = { metadata: ServerMetadata; clockSkewMs: number };

async function findServerMetadata(exchanges: Exchanges, issuer: string, isGuessed: boolean): Promise<Read | null> {
  let different: string | null = null;
  const matches = (metadata: ServerMetadata): boolean =>
    metadata.issuer === issuer || (isGuessed && metadata.issuer === `${issuer}/`);
  for (const url of serverMetadataAddresses(issuer)) {
    const answer = await exchanges.send({
      title: 'Read the metadata of the authorization server',
      url,
      judge(given) {
        const metadata = parseServerMetadata(readJson(given));
        return metadata ? judgeServerMetadata(metadata, issuer, matches(metadata)) : [];
      },
    });
    const metadata = parseServerMetadata(readJson(answer));
    if (metadata && matches(metadata)) return { metadata, clockSkewMs: readSkew(answer) };
    different ??= metadata?.issuer ?? null;
  }
  if (different !== null)
    throw new OAuthError(
      'discovery',
      `The metadata of the authorization server is about "${different.slice(0, 200)}", not about ${issuer}.`,
      'Both have to be the same text: correct the metadata, or authorization_servers of the server.',
    );
  exchanges.note({
    title: 'Find the metadata of the authorization server',
    problem: 'None of its addresses answers with the document.',
    findings: [toFinding('server-metadata', false, 'The authorization server publishes no such document.')],
  });
  return null;
}

function judgeServerMetadata(metadata: ServerMetadata, issuer: string, isSame: boolean): Finding[] {
  const announced = metadata.code_challenge_methods_supported?.includes('S256') ?? false;
  const readsDocuments = metadata.client_id_metadata_document_supported === true;
  const announcesIss = metadata.authorization_response_iss_parameter_supported === true;
  return [
    toFinding('server-metadata', true, 'The authorization server publishes the document.'),
    toFinding('issuer-identical', isSame, isSame ? 'Both are the same.' : `issuer is not ${issuer}.`),
    toFinding('pkce-s256', announced, announced ? 'S256 is announced.' : 'S256 is not announced.'),
    toFinding('announces-issuer', announcesIss, announcesIss ? 'iss is announced.' : 'iss is not announced.'),
    toFinding(
      'client-documents',
      readsDocuments,
      readsDocuments ? 'Client metadata documents are announced.' : 'Client metadata documents are not announced.',
    ),
  ];
}

/** Differences below this are of the network. */
const minSkewMs = 5000;

function readSkew({ headers, requestedAt }: Answer): number {
  const date = Date.parse(headers.get('date') ?? '');
  const skew = date - requestedAt;
  return Number.isFinite(skew) && Math.abs(skew) >= minSkewMs ? skew : 0;
}

function mergeEntered(
  read: ServerMetadata | null,
  issuer: string,
  { authorizationEndpoint, tokenEndpoint }: Entered,
): Discovered['metadata'] | null {
  const token_endpoint = tokenEndpoint ?? read?.token_endpoint;
  if (token_endpoint === undefined || !URL.canParse(token_endpoint)) return null;
  const authorization_endpoint = authorizationEndpoint ?? read?.authorization_endpoint;
  return {
    ...(read ?? { issuer, code_challenge_methods_supported: ['S256'] }),
    token_endpoint,
    ...(authorization_endpoint !== undefined && { authorization_endpoint }),
  };
}

function checkEndpoints(exchanges: Exchanges, metadata: ServerMetadata, isRead: boolean): void {
  const { authorization_endpoint, token_endpoint, registration_endpoint } = metadata;
  const endpoints = [authorization_endpoint, token_endpoint, registration_endpoint].filter((url) => url !== undefined);
  const open = endpoints.find((url) => !isConfidential(url));
  if (isRead)
    exchanges.note({
      title: 'Check the endpoints',
      findings: [
        toFinding(
          'endpoints-encrypted',
          open === undefined,
          open ? `${open.slice(0, 200)} is not.` : 'All of them are.',
        ),
      ],
    });
  if (open !== undefined)
    throw new OAuthError(
      'discovery',
      `The authorization server announces ${open.slice(0, 200)}, where credentials would travel unencrypted.`,
      'Let it announce https addresses.',
    );
}
