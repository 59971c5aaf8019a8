import { z } from 'zod';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import type { EndpointAuth, TokenSource } from '../../infra/mcp-target/index.ts';
import { type Secrets, SecretsKeyError } from '../../infra/secrets/index.ts';
import { isOAuthKind } from '../auth-profile/oauth/input.ts';
import type { Deps } from '../context/context.ts';
import type { StaticAuth } from './schema.ts';

const values = z.record(z.string(), z.string());
const serverSecret = z.object({
  headers: values.default({}),
  query: values.default({}),
  /** Segments of the URL's path, in their order. */
  path: z.array(z.string()).default([]),
});
export type ServerSecret = z.output<typeof serverSecret>;
const credential = z.object({ value: z.string() });
const secretText = z.string().nullish();
const oauthSecrets = z
  .object({ accessToken: secretText, refreshToken: secretText, clientSecret: secretText, privateKey: secretText })
  .transform((values) => Object.values(values).filter((value) => typeof value === 'string'));

/** Header and query values of a server; empty when it has none. @throws ArmatureError when the secret is missing */
export async function readServerSecret(
  secrets: Pick<Secrets, 'get'>,
  orgId: string,
  ref: string | null,
): Promise<ServerSecret> {
  if (ref === null) return { headers: {}, query: {}, path: [] };
  return serverSecret.parse(requireSecret(await secrets.get(orgId, ref)));
}

/** Stores a server's header and query values. @returns their reference; null when there are none */
export async function putServerSecret(secrets: Secrets, orgId: string, secret: ServerSecret): Promise<string | null> {
  const isEmpty = [secret.headers, secret.query, secret.path].every((part) => Object.keys(part).length === 0);
  return isEmpty ? null : secrets.put(orgId, secret);
}

/** Stores a profile's credential. @returns its reference; null for a profile without one */
export async function putCredential(secrets: Secrets, orgId: string, auth: StaticAuth): Promise<string | null> {
  if (auth.kind === 'none') return null;
  return secrets.put(orgId, { value: auth.kind === 'bearer' ? auth.token : auth.value });
}

/** An auth profile with what its credentials are found by. */
export type ProfileRow = {
  id: string;
  kind: string;
  header: string | null;
  secretRef: string | null;
  oauth: { tokenRef: string | null; registeredRef: string | null } | null;
};
export type CreateTokens = (ref: {
  orgId: string;
  authProfileId: string;
  kind: string;
  tokenRef: string | null;
}) => TokenSource;

/** @throws ArmatureError when a secret is missing */
export async function readAuth(
  secrets: Pick<Secrets, 'get'>,
  orgId: string,
  row: ProfileRow,
  createTokens: CreateTokens,
): Promise<EndpointAuth> {
  if (row.kind === 'none') return { kind: 'none' };
  if (isOAuthKind(row.kind)) {
    const { id: authProfileId, kind, secretRef, oauth } = row;
    const tokenRef = oauth?.tokenRef ?? null;
    const refs = [secretRef, tokenRef, oauth?.registeredRef ?? null].filter((ref) => ref !== null);
    const values = await Promise.all(refs.map((ref) => secrets.get(orgId, ref)));
    return {
      kind: 'oauth',
      tokens: createTokens({ orgId, authProfileId, kind, tokenRef }),
      secrets: values.flatMap((value) => oauthSecrets.parse(value ?? {})),
    };
  }
  const { value } = credential.parse(
    requireSecret(row.secretRef === null ? null : await secrets.get(orgId, row.secretRef)),
  );
  return row.kind === 'bearer'
    ? { kind: 'bearer', token: value }
    : { kind: 'api_key_header', header: row.header ?? '', value };
}

/** Converts the error of a secret that can't be opened into one that says whose it is. */
export async function explainUnreadable<T>(read: Promise<T>, explain: () => Error): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw error instanceof SecretsKeyError ? explain() : error;
  }
}

/** Marks the error of a missing secret, so that `retryOnMissingSecret` recognizes it. */
const missing = Symbol('missing secret');

function requireSecret(secret: object | null): object {
  if (secret) return secret;
  const error = new ArmatureError(
    'auth_profile_not_found',
    'The credentials of this MCP server are no longer in the secrets store.',
    'Type them again on the page of the server.',
  );
  throw Object.assign(error, { [missing]: true });
}

/**
 * Reads a row and its secrets. An edit in between destroys the secrets that it replaces, so a missing one means: read
 * again.
 */
export async function retryOnMissingSecret<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === 3 || !isArmatureError(error) || !(missing in error)) throw error;
    }
  }
}

/**
 * Destroys secrets that nothing refers to any more. A failure is logged: the change that freed them is committed.
 * @returns whether all of them are destroyed.
 */
export async function destroySecrets(
  { secrets, log }: Pick<Deps, 'secrets' | 'log'>,
  orgId: string,
  refs: readonly (string | null)[],
): Promise<boolean> {
  const results = await Promise.allSettled(
    refs.filter((ref) => ref !== null).map((ref) => secrets.destroy(orgId, ref)),
  );
  const failed = results.filter((result) => result.status === 'rejected');
  for (const { reason } of failed) log.error({ err: reason, orgId }, 'an unused secret was not destroyed');
  return failed.length === 0;
}

/** Stores secrets, then does the rest. When that fails, the stored secrets are destroyed again. */
export async function withSecrets<T>(
  deps: Pick<Deps, 'secrets' | 'log'>,
  orgId: string,
  put: readonly (() => Promise<string | null>)[],
  rest: (refs: (string | null)[]) => Promise<T>,
): Promise<T> {
  const refs: (string | null)[] = [];
  try {
    for (const store of put) refs.push(await store());
    return await rest(refs);
  } catch (error) {
    await destroySecrets(deps, orgId, refs);
    throw error;
  }
}
