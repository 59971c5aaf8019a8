import { z } from 'zod';
import { serverMetadata } from '../../../domain/oauth/metadata.ts';
import type { OAuthClient, SignIn } from '../../../infra/oauth/index.ts';
import type { Deps } from '../../context/context.ts';
import { profileNotFound } from '../../server/errors.ts';
import { joinUrl, transport } from '../../server/schema.ts';
import { readServerSecret } from '../../server/secrets.ts';
import { type OAuthKind, oauthKinds, oauthSettings } from './input.ts';
import { type ClientOrigin, clientSecrets, readTokens, registeredClient } from './stored.ts';

export type ProfileRef = { orgId: string; authProfileId: string };

/** What was discovered, as the row keeps it for refreshes. */
export const discoveredState = z.object({
  resource: z.string(),
  metadata: serverMetadata.extend({ token_endpoint: z.string() }),
  clockSkewMs: z.number(),
});

/** Why a sign-in ended or failed, for people. */
export const signInProblem = z.object({ kind: z.string(), message: z.string(), remediation: z.string() });
export type SignInProblem = z.output<typeof signInProblem>;

/** An OAuth profile with what its requests need. Credentials are in memory only. */
export type OAuthProfile = Awaited<ReturnType<typeof loadOAuthProfile>>;

/** @throws ArmatureError `auth_profile_not_found` */
export async function loadOAuthProfile({ db, secrets }: Pick<Deps, 'db' | 'secrets'>, ref: ProfileRef) {
  const { orgId, authProfileId } = ref;
  const row = await db.oAuthProfile.findFirst({
    where: { orgId, authProfileId, authProfile: { archivedAt: null, server: { archivedAt: null } } },
    include: { authProfile: { include: { server: true } } },
  });
  if (!row) throw profileNotFound();
  const { authProfile: profile } = row;
  const { server } = profile;
  const [{ headers, query, path }, own, registered] = await Promise.all([
    readServerSecret(secrets, orgId, server.secretRef),
    profile.secretRef === null ? null : secrets.get(orgId, profile.secretRef),
    row.registeredRef === null ? null : secrets.get(orgId, row.registeredRef),
  ]);
  const settings = oauthSettings.parse(row.settings);
  const entered =
    settings.clientId === null ? null : { clientId: settings.clientId, ...clientSecrets.parse(own ?? {}) };
  return {
    ...ref,
    kind: oauthKinds.find((kind) => kind === profile.kind) ?? ('oauth_authorization_code' satisfies OAuthKind),
    name: profile.name,
    server: {
      id: server.id,
      name: server.name,
      url: joinUrl(server.url, query, path),
      transport: transport.parse(server.transport),
      headers,
    },
    settings,
    issuer: row.issuer,
    entered,
    enteredFor: row.clientIssuer,
    registered: registered && registeredClient.parse(registered),
    registeredFor: row.registeredIssuer,
    discovered: discoveredState.nullable().catch(null).parse(row.discovered),
    tokenRef: row.tokenRef,
    registeredRef: row.registeredRef,
    state: row.state,
    problem: signInProblem.nullable().catch(null).parse(row.problem),
    retryAt: row.refreshAt,
    neededScope: row.neededScope,
    attempted:
      row.attemptedGeneration === null || row.attemptedAt === null
        ? null
        : { generation: row.attemptedGeneration, at: row.attemptedAt },
  };
}

/** The clients that may be used at an authorization server: none is ever used at another than its own. */
export function findKnownClient(
  { entered, enteredFor, registered, registeredFor }: OAuthProfile,
  issuer: string,
): { client: OAuthClient; origin: ClientOrigin } | null {
  if (entered && (enteredFor ?? issuer) === issuer) return { client: entered, origin: 'entered' };
  if (!entered && registered && registeredFor === issuer) return { client: registered, origin: 'registered' };
  return null;
}

export const listClientSecrets = ({ entered, registered }: Pick<OAuthProfile, 'entered' | 'registered'>): string[] =>
  [entered?.clientSecret, entered?.privateKey, registered?.clientSecret].filter((secret) => secret !== undefined);

/** Begins requests for a profile: to origins that people have confirmed, with all of its secrets masked. */
export async function beginSignIn(
  { oauth, secrets }: Pick<Deps, 'oauth' | 'secrets'>,
  profile: OAuthProfile,
  signal: AbortSignal,
): Promise<SignIn> {
  const { settings, issuer, server } = profile;
  const named = [settings.issuer, settings.authorizationEndpoint, settings.tokenEndpoint, issuer];
  const stored = await readTokens(secrets, profile);
  const tokens = [stored?.tokens.accessToken, stored?.tokens.refreshToken].filter((token) => typeof token === 'string');
  return oauth.begin({
    trusted: named.flatMap((url) => (url === null ? [] : [new URL(url).origin])),
    serverUrl: server.url,
    transport: server.transport,
    headers: server.headers,
    secrets: [...listClientSecrets(profile), ...tokens, ...Object.values(server.headers)],
    signal,
  });
}

/** Where authorization servers send browsers back to: one address of the installation. */
export function toRedirectUri(url: string): string {
  const redirect = new URL('/oauth/callback', url);
  // RFC 8252, 8.3: some authorization servers refuse the name.
  if (redirect.hostname === 'localhost') redirect.hostname = '127.0.0.1';
  return redirect.href;
}

/** The address of this installation's client metadata; null where authorization servers can't read it. */
export function toDocumentUrl(url: string): string | null {
  const document = new URL('/oauth/client.json', url);
  const isPublicName =
    /\.[a-z][a-z0-9-]*$/i.test(document.hostname) &&
    !/\.(local|internal|localhost|lan|home|test)$/i.test(document.hostname);
  return document.protocol === 'https:' && isPublicName ? document.href : null;
}
