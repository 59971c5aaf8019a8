import { toEntries } from '../../../domain/json/json.ts';
import { resourceMetadataAddresses, serverMetadataAddresses } from '../../../domain/oauth/addresses.ts';
import { readOAuthChallenge } from '../../../domain/oauth/challenge.ts';
import { type Exchange, tokensWereTried } from '../../../domain/report/evidence.ts';
import { type Endpoint, hasCredentials } from '../endpoint.ts';
import type { Ask } from './send.ts';
import type { Surveyor } from './surveyor.ts';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token that nobody signed. */
const unsigned = (claims: object): string =>
  `${encode({ alg: 'RS256', typ: 'JWT', kid: 'armature' })}.${encode(claims)}.${Buffer.alloc(32, 1).toString('base64url')}`;
const [longAgo, farFuture] = [1_000_000_000, 4_000_000_000];

type Options = { endpoint: Endpoint; mayTryTokens: () => Promise<boolean> };

/**
 * A request without credentials, the OAuth metadata that its refusal leads to, and requests with made-up tokens where
 * there is any: elsewhere, such a token could count as a failed sign-in of somebody.
 * @returns why no tokens were sent; null if they were
 */
export async function surveySignIn(surveyor: Surveyor, { endpoint, mayTryTokens }: Options): Promise<string | null> {
  const { url, nextId, client } = surveyor;
  const { auth } = endpoint;
  const isCredential = (name: string): boolean =>
    /^authorization$/i.test(name) ||
    (auth.kind === 'api_key_header' && name.toLowerCase() === auth.header.toLowerCase());
  const others = Object.fromEntries(Object.entries(endpoint.headers).filter(([name]) => !isCredential(name)));
  const initialize = (step: string, hidden: { [name: string]: string }): Ask => ({
    step: `auth.${step}`,
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    hidden: { ...others, ...hidden },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: nextId(),
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: client },
    }),
  });
  const begun = [await surveyor.ask(initialize('none', {}))];
  const [none] = begun;
  if (!none) return surveyor.stopped();
  const isRefused = none.answer?.status === 401;
  if (!isRefused && !hasCredentials(endpoint)) return 'The server is called without credentials.';
  const hasMetadata = await readMetadata(surveyor, none);
  const mayTry = hasMetadata && (await mayTryTokens());
  if (mayTry) {
    const token = (step: string, value: string): Ask => initialize(step, { authorization: `Bearer ${value}` });
    const claims = { iss: url.origin, aud: new URL(url.pathname, url.origin).href, sub: 'armature', exp: farFuture };
    begun.push(
      ...(await surveyor.askAll([
        token('unknown-token', 'armature-made-up-token'),
        token('expired-token', unsigned({ ...claims, exp: longAgo })),
        token('other-audience', unsigned({ ...claims, aud: 'https://armature-audience-test.example' })),
      ])),
    );
  }
  const sessions = begun.flatMap((exchange) => exchange?.answer?.headers['mcp-session-id'] ?? []);
  await surveyor.endSessions(sessions, {});
  if (!hasMetadata) return 'The server announces no OAuth metadata, so no made-up tokens are sent.';
  return mayTry ? surveyor.stopped() : tokensWereTried;
}

/** @returns whether the server announces that it is protected by OAuth */
async function readMetadata(surveyor: Surveyor, refused: Exchange): Promise<boolean> {
  const { url } = surveyor;
  const { resourceMetadata: named } = readOAuthChallenge(refused.answer?.headers['www-authenticate'] ?? null);
  const resources = named !== undefined && URL.canParse(named) ? [named] : resourceMetadataAddresses(url.href);
  const resource = await readFirst(surveyor, 'resource-metadata', resources);
  const servers = toEntries(resource?.answer?.messages[0])?.get('authorization_servers');
  const issuer: unknown = Array.isArray(servers) ? servers[0] : undefined;
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) return false;
  await readFirst(surveyor, 'server-metadata', serverMetadataAddresses(issuer));
  return resource?.answer?.status === 200;
}

/** Keeps the first document that exists, or else the first refusal. */
async function readFirst(surveyor: Surveyor, step: string, places: readonly string[]): Promise<Exchange | null> {
  const read = await surveyor.tryAll(places.map((place) => toDocument(step, new URL(place), surveyor.url)));
  const kept = read.find((exchange) => exchange?.answer?.status === 200) ?? read[0] ?? null;
  surveyor.keep(kept);
  return kept;
}

/** A document that the server names: elsewhere than at its own origin, only public addresses are called. */
const toDocument = (step: string, at: URL, own: URL): Ask => ({
  step: `auth.${step}`,
  // Without the query, which could ask for an action.
  url: new URL(at.pathname, at.origin),
  method: 'GET',
  headers: { accept: 'application/json' },
  hidden: {},
  publicOnly: at.origin !== own.origin,
});
