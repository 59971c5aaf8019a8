import { toEntries } from '../../../domain/json/json.ts';
import { resourceMetadataAddresses, serverMetadataAddresses } from '../../../domain/oauth/addresses.ts';
import { readOAuthChallenge } from '../../../domain/oauth/challenge.ts';
import type { Exchange } from '../../../domain/report/evidence.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Ask } from './send.ts';
import type { Surveyor } from './surveyor.ts';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token that nobody signed. */
const unsigned = (claims: object): string =>
  `${encode({ alg: 'RS256', typ: 'JWT', kid: 'armature' })}.${encode(claims)}.${Buffer.alloc(32, 1).toString('base64url')}`;
const farFuture = 4_000_000_000;

/** Requests without credentials and with made-up ones, and the OAuth metadata that the refusal leads to. */
export async function surveySignIn(surveyor: Surveyor, endpoint: Endpoint): Promise<void> {
  const { url, nextId, client } = surveyor;
  const initialize = (step: string, hidden: { [name: string]: string }): Ask => ({
    step: `auth.${step}`,
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    hidden,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: nextId(),
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: client },
    }),
  });
  const { auth } = endpoint;
  const header = auth.kind === 'api_key_header' ? auth.header : 'authorization';
  const others = Object.fromEntries(
    Object.entries(endpoint.headers).filter(
      ([name]) => !/^authorization$/i.test(name) && name.toLowerCase() !== header.toLowerCase(),
    ),
  );
  const none = await surveyor.ask(initialize('none', others));
  if (!none) return;
  const isRefused = none.answer?.status === 401;
  if (
    auth.kind === 'none' &&
    !isRefused &&
    Object.keys(endpoint.headers).every((name) => !/^authorization$/i.test(name))
  )
    return;
  const token = (step: string, value: string): Ask =>
    initialize(step, { ...others, [header]: header === 'authorization' ? `Bearer ${value}` : value });
  const audience = new URL(url.pathname, url.origin).href;
  const begun = await surveyor.askAll([
    token('unknown-token', 'armature-made-up-token'),
    ...(header === 'authorization'
      ? [
          token('expired-token', unsigned({ iss: url.origin, aud: audience, sub: 'armature', exp: 1_000_000_000 })),
          token(
            'other-audience',
            unsigned({
              iss: url.origin,
              aud: 'https://armature-audience-test.example',
              sub: 'armature',
              exp: farFuture,
            }),
          ),
        ]
      : []),
  ]);
  const sessions = [none, ...begun].flatMap((exchange) => exchange?.answer?.headers['mcp-session-id'] ?? []);
  await surveyor.endSessions(sessions, {});
  await readMetadata(surveyor, none);
}

async function readMetadata(surveyor: Surveyor, refused: Exchange): Promise<void> {
  const { url } = surveyor;
  const { resourceMetadata: named } = readOAuthChallenge(refused.answer?.headers['www-authenticate'] ?? null);
  const resources = named !== undefined && URL.canParse(named) ? [named] : resourceMetadataAddresses(url.href);
  const resource = await readFirst(surveyor, 'resource-metadata', resources);
  const servers = toEntries(resource?.answer?.messages[0])?.get('authorization_servers');
  const issuer: unknown = Array.isArray(servers) ? servers[0] : undefined;
  if (typeof issuer === 'string' && URL.canParse(issuer))
    await readFirst(surveyor, 'server-metadata', serverMetadataAddresses(issuer));
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
