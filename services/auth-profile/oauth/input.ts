import { z } from 'zod';
import { isConfidential } from '../../../domain/oauth/addresses.ts';

export const oauthKinds = ['oauth_client_credentials', 'oauth_authorization_code'] as const;
export type OAuthKind = (typeof oauthKinds)[number];

export const isOAuthKind = (kind: string): kind is OAuthKind => oauthKinds.some((known) => known === kind);

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((value) => (value === '' ? null : value))
    .nullable()
    .default(null);
const address = text(2000).refine(
  (value) => value === null || (URL.canParse(value) && isConfidential(value)),
  'Enter an address that begins with https://.',
);

/** What a person enters because it can't be discovered. Stored as it is; nothing of it is secret. */
export const oauthSettings = z.object({
  issuer: address.describe('The authorization server; without it, the one that the server names.'),
  authorizationEndpoint: address,
  tokenEndpoint: address,
  clientId: text(2000).describe('Without it, Armature registers by itself where that works.'),
  scopes: text(2000).describe('Separated by spaces; without it, those that the server asks for.'),
  audience: text(2000),
  resource: text(2000).refine((value) => value === null || URL.canParse(value), 'The resource has to be an address.'),
});

const secrets = {
  clientSecret: z.string().trim().max(8000).optional(),
  privateKey: z.string().trim().max(20_000).optional().describe('PKCS #8 in PEM, or a JWK.'),
  createKey: z.boolean().default(false).describe('Armature creates a key for private_key_jwt.'),
};

export const oauthInputs = [
  z.object({ kind: z.literal('oauth_client_credentials'), ...oauthSettings.shape, ...secrets }),
  z.object({ kind: z.literal('oauth_authorization_code'), ...oauthSettings.shape, ...secrets }),
] as const;
export type OAuthInput = z.output<(typeof oauthInputs)[number]>;
