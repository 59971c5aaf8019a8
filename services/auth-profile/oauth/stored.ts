import { z } from 'zod';
import { createClientKey, describeKeyProblem, type Granted } from '../../../infra/oauth/index.ts';
import type { Secrets } from '../../../infra/secrets/index.ts';
import { fieldError } from '../../context/errors.ts';
import { type OAuthInput, oauthSettings } from './input.ts';

/** Which of the clients of a profile got the tokens. */
export const clientOrigins = ['entered', 'registered', 'document'] as const;
export type ClientOrigin = (typeof clientOrigins)[number];

const time = z.number().nullable();
const storedTokens = z.object({
  accessToken: z.string().nullable(),
  refreshToken: z.string().nullable(),
  expiresAt: time,
  refreshAt: time,
  endsAt: time,
  /** When the access token was granted. */
  grantedAt: time,
  scope: z.string().nullable(),
  /** The authorization server that they belong to. */
  issuer: z.string().nullable(),
  client: z.enum(clientOrigins).nullable(),
});
export type StoredTokens = z.output<typeof storedTokens>;
export type Versioned = { generation: number; tokens: StoredTokens };

export const noTokens: StoredTokens = {
  accessToken: null,
  refreshToken: null,
  expiresAt: null,
  refreshAt: null,
  endsAt: null,
  grantedAt: null,
  scope: null,
  issuer: null,
  client: null,
};

type Ref = { orgId: string; tokenRef: string | null };

/** The tokens of a profile with their generation; null when they are destroyed. */
export async function readTokens(
  secrets: Pick<Secrets, 'getVersioned'>,
  { orgId, tokenRef }: Ref,
): Promise<Versioned | null> {
  const found = tokenRef === null ? null : await secrets.getVersioned(orgId, tokenRef);
  return found && { generation: found.generation, tokens: storedTokens.parse(found.value) };
}

/** As they are after a grant. A refresh without another refresh token keeps the one that it used. */
export const toStored = (
  granted: Granted,
  of: { issuer: string; client: ClientOrigin; now: number; before: StoredTokens | null },
): StoredTokens => ({
  accessToken: granted.accessToken,
  refreshToken: granted.refreshToken ?? of.before?.refreshToken ?? null,
  expiresAt: granted.expiresAt,
  refreshAt: granted.refreshAt,
  endsAt: granted.signInEndsAt ?? (granted.refreshToken === null ? (of.before?.endsAt ?? null) : null),
  grantedAt: of.now,
  scope: granted.scope ?? of.before?.scope ?? null,
  issuer: of.issuer,
  client: of.client,
});

/** When a person has to sign in again, as far as it is known. */
export const toEnd = (kind: string, { refreshToken, expiresAt, endsAt }: StoredTokens): number | null =>
  kind === 'oauth_client_credentials' ? null : refreshToken === null ? expiresAt : endsAt;

/** When the tokens have to be looked at again: what is never renewed, when it ends. */
export const toRefreshAt = (kind: string, { refreshToken, expiresAt, refreshAt }: StoredTokens): number | null =>
  refreshToken === null && kind !== 'oauth_client_credentials' ? expiresAt : refreshAt;

export const clientSecrets = z.object({ clientSecret: z.string().optional(), privateKey: z.string().optional() });

/** Stores what a person entered. @returns null without anything. @throws ArmatureError `validation_failed` */
export async function putClientSecrets(secrets: Secrets, orgId: string, input: OAuthInput): Promise<string | null> {
  const { clientSecret, createKey } = input;
  const privateKey = createKey ? await createClientKey() : input.privateKey || undefined;
  if (privateKey !== undefined && !createKey) {
    const problem = await describeKeyProblem(privateKey);
    if (problem !== null)
      throw fieldError('validation_failed', 'auth.privateKey', "The private key can't be used.", problem);
  }
  if (!clientSecret && privateKey === undefined) return null;
  return secrets.put(orgId, {
    ...(clientSecret && { clientSecret }),
    ...(privateKey !== undefined && { privateKey }),
  });
}

export const entersSecrets = ({ clientSecret, privateKey, createKey }: OAuthInput): boolean =>
  createKey || Boolean(clientSecret) || Boolean(privateKey);

export const toSettings = (input: OAuthInput) => oauthSettings.parse(input);

export const registeredClient = z.object({
  clientId: z.string(),
  clientSecret: z.string().optional(),
  authMethod: z.string().optional(),
});

type Refs = { tokenRef: string | null; registeredRef: string | null };

/** The secrets of a profile beside its own. */
export const listRefs = (oauth: Refs | null): (string | null)[] => (oauth ? [oauth.tokenRef, oauth.registeredRef] : []);

/** A row whose secrets are destroyed. */
export const noRefs = {
  tokenRef: null,
  registeredRef: null,
  refreshAt: null,
  endsAt: null,
  state: 'signed_out',
} as const;
