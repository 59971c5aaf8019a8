import { z } from 'zod';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import type { Endpoint, EndpointAuth } from '../../infra/mcp-target/index.ts';
import type { Secrets } from '../../infra/secrets/index.ts';
import type { Deps } from '../context/context.ts';
import { joinUrl, transport } from './schema.ts';

const values = z.record(z.string(), z.string());
const serverSecret = z.object({ headers: values.default({}), query: values.default({}) });
export type ServerSecret = z.output<typeof serverSecret>;
const credential = z.object({ value: z.string() });

export const serverNotFound = (): ArmatureError =>
  new ArmatureError(
    'mcp_server_not_found',
    'There is no such MCP server in this workspace.',
    'List the servers to find the right id.',
  );
export const serverArchived = (): ArmatureError =>
  new ArmatureError(
    'mcp_server_archived',
    'This MCP server was deleted: it is not called any more, and its credentials are destroyed.',
    'Connect the server again, or choose another one.',
  );
export const profileNotFound = (): ArmatureError =>
  new ArmatureError(
    'auth_profile_not_found',
    'This MCP server has no such auth profile.',
    'Choose one of the profiles on the page of the server.',
  );

/** Header and query values of a server; empty when it has none. @throws ArmatureError when they should be there and are not. */
export async function readServerSecret(secrets: Secrets, orgId: string, ref: string | null): Promise<ServerSecret> {
  if (ref === null) return { headers: {}, query: {} };
  return serverSecret.parse(present(await secrets.get(orgId, ref)));
}

/** Reference of the server's header and query values; null when there are none to keep. */
export async function putServerSecret(secrets: Secrets, orgId: string, secret: ServerSecret): Promise<string | null> {
  const isEmpty = Object.keys(secret.headers).length === 0 && Object.keys(secret.query).length === 0;
  return isEmpty ? null : secrets.put(orgId, secret);
}

/** Reference of a profile's credential; null for one without. */
export async function putCredential(secrets: Secrets, orgId: string, auth: EndpointAuth): Promise<string | null> {
  if (auth.kind === 'none') return null;
  return secrets.put(orgId, { value: auth.kind === 'bearer' ? auth.token : auth.value });
}

type ProfileRow = { kind: string; header: string | null; secretRef: string | null };

export async function readAuth(secrets: Secrets, orgId: string, row: ProfileRow): Promise<EndpointAuth> {
  if (row.kind === 'none') return { kind: 'none' };
  const { value } = credential.parse(present(row.secretRef === null ? null : await secrets.get(orgId, row.secretRef)));
  return row.kind === 'bearer'
    ? { kind: 'bearer', token: value }
    : { kind: 'api_key_header', header: row.header ?? '', value };
}

const missing = Symbol('missing secret');

function present(secret: object | null): object {
  if (secret) return secret;
  const error = new ArmatureError(
    'auth_profile_not_found',
    'The credentials of this MCP server are not in the secrets store any more.',
    'Type them again on the page of the server.',
  );
  throw Object.assign(error, { [missing]: true });
}

/**
 * Reads a row and the secrets that it refers to. An edit in between destroys those that it replaced, so where one is missing the row
 * is read again.
 */
export async function withRow<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === 3 || !isArmatureError(error) || !(missing in error)) throw error;
    }
  }
}

/** A server as it is called with one of its auth profiles. */
export type ServerEndpoint = {
  endpoint: Endpoint;
  /** What calls to this server share a gate by. */
  serverKey: string;
  maxConcurrency: number;
  authProfileId: string;
  isDefaultProfile: boolean;
};

/**
 * A saved server with its credentials, in clear: for memory only. Not a use case.
 * @param of.authProfileId null or left out: the default profile.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`. @throws SecretsKeyError
 */
export const endpointOf = (deps: Pick<Deps, 'db' | 'secrets'>, ref: EndpointRef): Promise<ServerEndpoint> =>
  withRow(() => readEndpoint(deps, ref));

type EndpointRef = { orgId: string; serverId: string; authProfileId?: string | null };

async function readEndpoint(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  { orgId, serverId, authProfileId }: EndpointRef,
): Promise<ServerEndpoint> {
  const server = await db.server.findFirst({
    where: { orgId, id: serverId },
    include: {
      authProfiles: {
        where: { archivedAt: null, ...(authProfileId ? { id: authProfileId } : { isDefault: true }) },
      },
    },
  });
  if (!server) throw serverNotFound();
  if (server.archivedAt) throw serverArchived();
  const [profile] = server.authProfiles;
  if (!profile) throw profileNotFound();
  const [{ headers, query }, auth] = await Promise.all([
    readServerSecret(secrets, orgId, server.secretRef),
    readAuth(secrets, orgId, profile),
  ]);
  return {
    endpoint: {
      transport: transport.parse(server.transport),
      url: joinUrl(server.url, query),
      headers,
      auth,
      ...(server.protocolVersion !== null && { protocolVersion: server.protocolVersion }),
    },
    serverKey: server.id,
    maxConcurrency: server.maxConcurrency,
    authProfileId: profile.id,
    isDefaultProfile: profile.isDefault,
  };
}

/**
 * Lets go of secrets that nothing refers to any more. A failure is logged: the change that freed them stands.
 * @returns whether all of them are gone.
 */
export async function destroySecrets(
  { secrets, log }: Pick<Deps, 'secrets' | 'log'>,
  orgId: string,
  refs: readonly (string | null)[],
): Promise<boolean> {
  const ends = await Promise.allSettled(refs.filter((ref) => ref !== null).map((ref) => secrets.destroy(orgId, ref)));
  const failed = ends.filter((end) => end.status === 'rejected');
  for (const { reason } of failed)
    log.error({ err: reason, orgId }, 'a secret that is no longer used was not destroyed');
  return failed.length === 0;
}

/** Stores secrets, then does the rest; what was stored is taken back when that fails. */
export async function withSecrets<T>(
  deps: Pick<Deps, 'secrets' | 'log'>,
  orgId: string,
  put: readonly (() => Promise<string | null>)[],
  rest: (refs: (string | null)[]) => Promise<T>,
): Promise<T> {
  const refs: (string | null)[] = [];
  try {
    for (const each of put) refs.push(await each());
    return await rest(refs);
  } catch (error) {
    await destroySecrets(deps, orgId, refs);
    throw error;
  }
}
