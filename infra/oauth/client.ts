import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, importPKCS8, type JWK, SignJWT } from 'jose';
import { chooseAuthMethod } from '../../domain/oauth/registration.ts';
import type { Discovered } from './discover.ts';
import { OAuthError } from './error.ts';

/** What Armature is at one authorization server. Secret but for `clientId`. */
export type OAuthClient = {
  clientId: string;
  clientSecret?: string | undefined;
  /** A private key: PKCS #8 in PEM, or a JWK as JSON. */
  privateKey?: string | undefined;
  /** The method that it was registered with. */
  authMethod?: string | undefined;
};

/**
 * Adds the client's authentication to a token request.
 * @param audience for a signed assertion
 * @throws OAuthError `client` for a key that can't be used
 */
export async function authenticateClient(
  client: OAuthClient,
  { metadata, clockSkewMs }: Pick<Discovered, 'metadata' | 'clockSkewMs'>,
  request: { parameters: URLSearchParams; headers: { [name: string]: string }; now: Date; audience: string },
): Promise<void> {
  const { clientId, clientSecret, privateKey, authMethod } = client;
  const { parameters, headers } = request;
  const has = { secret: clientSecret !== undefined, privateKey: privateKey !== undefined, registeredAs: authMethod };
  switch (chooseAuthMethod(metadata, has)) {
    case 'client_secret_basic': {
      // As a form encodes it (RFC 6749, 2.3.1), but only what has to be: many servers don't decode.
      const encode = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');
      const pair = `${encode(clientId)}:${encode(clientSecret ?? '')}`;
      headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
      // Servers of the Python SDK look for it here as well, and RFC 6749, 3.2.1, allows it.
      parameters.set('client_id', clientId);
      return;
    }
    case 'client_secret_post':
      parameters.set('client_id', clientId);
      parameters.set('client_secret', clientSecret ?? '');
      return;
    case 'private_key_jwt':
      parameters.set('client_id', clientId);
      parameters.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      parameters.set('client_assertion', await signAssertion(client, { metadata, clockSkewMs }, request));
      return;
    case 'none':
      parameters.set('client_id', clientId);
  }
}

const assertionSeconds = 60;

async function signAssertion(
  { clientId, privateKey = '' }: OAuthClient,
  { metadata, clockSkewMs }: Pick<Discovered, 'metadata' | 'clockSkewMs'>,
  { now, audience }: { now: Date; audience: string },
): Promise<string> {
  const algorithms = metadata.token_endpoint_auth_signing_alg_values_supported;
  const { key, algorithm, keyId } = await openKey(privateKey, algorithms);
  const seconds = Math.floor((now.getTime() + clockSkewMs) / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + assertionSeconds)
    .sign(key);
}

const candidates = ['ES256', 'RS256', 'PS256', 'EdDSA', 'ES384', 'ES512', 'RS384', 'RS512'];

/**
 * Opens a private key with an algorithm that fits it and that the server takes.
 * @throws OAuthError `client`
 */
async function openKey(text: string, taken: readonly string[] | undefined) {
  const isTaken = (algorithm: string): boolean => taken === undefined || taken.includes(algorithm);
  const jwk = readJwk(text);
  const wanted = jwk?.alg === undefined ? candidates.filter(isTaken) : [jwk.alg];
  for (const algorithm of wanted) {
    if (jwk && !fits(jwk, algorithm)) continue;
    try {
      const key = jwk ? await importJWK(jwk, algorithm) : await importPKCS8(text.trim(), algorithm);
      return { key, algorithm, keyId: jwk?.kid };
    } catch {
      // The key is of another type than this algorithm.
    }
  }
  throw new OAuthError(
    'client',
    'The private key fits no signature algorithm that the authorization server takes.',
    'Paste the key as PKCS #8 in PEM ("BEGIN PRIVATE KEY") or as a JWK, or let Armature create one.',
  );
}

function readJwk(text: string): JWK | null {
  if (!text.trim().startsWith('{')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const curves: { [algorithm: string]: string } = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', EdDSA: 'Ed25519' };

const fits = ({ kty, crv }: JWK, algorithm: string): boolean =>
  algorithm in curves ? crv === curves[algorithm] : kty === 'RSA';

/** @returns null if the text is a private key that can sign, or else what is wrong */
export async function describeKeyProblem(text: string): Promise<string | null> {
  try {
    await openKey(text, undefined);
    return null;
  } catch (error) {
    if (error instanceof OAuthError) return error.remediation;
    throw error;
  }
}

/** Creates a key pair for `private_key_jwt`. @returns the private key as a JWK, which is secret */
export async function createClientKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return JSON.stringify({ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: randomUUID() });
}

/** The public half of a key that Armature created, to be entered at the authorization server; null for any other. */
export function toPublicKey(privateKey: string): { [member: string]: unknown } | null {
  const jwk = readJwk(privateKey);
  if (!jwk) return null;
  const { kty, crv, x, y, n, e, alg, use, kid } = jwk;
  return Object.fromEntries(Object.entries({ kty, crv, x, y, n, e, alg, use, kid }).filter(([, value]) => value));
}
