import type { Endpoint } from '../../infra/mcp-target/index.ts';
import type { Secrets } from '../../infra/secrets/index.ts';
import type { ServerModel } from '../../prisma/generated/models.ts';
import { createTokenSource, unsignedTokens } from '../auth-profile/oauth/tokens.ts';
import type { Deps } from '../context/context.ts';
import { credentialsUnreadable, profileNotFound, serverArchived, serverNotFound } from './errors.ts';
import { joinUrl, transport } from './schema.ts';
import {
  type CreateTokens,
  explainUnreadable,
  type ProfileRow,
  readAuth,
  readServerSecret,
  retryOnMissingSecret,
} from './secrets.ts';

/** How to call a server with one of its auth profiles. */
export type ServerEndpoint = {
  orgId: string;
  serverId: string;
  endpoint: Endpoint;
  maxConcurrency: number;
  authProfileId: string;
  isDefaultProfile: boolean;
};

/**
 * Loads a saved server with its decrypted credentials, which must not be stored or logged. Not a use case.
 * @param ref.authProfileId null or absent: the default profile.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 */
export const loadEndpoint = (deps: Deps, ref: EndpointRef): Promise<ServerEndpoint> =>
  retryOnMissingSecret(() => readEndpoint(deps, ref));

type EndpointRef = { orgId: string; serverId: string; authProfileId?: string | null };

async function readEndpoint(deps: Deps, { orgId, serverId, authProfileId }: EndpointRef): Promise<ServerEndpoint> {
  const { db, secrets } = deps;
  const server = await db.server.findFirst({
    where: { orgId, id: serverId },
    include: {
      authProfiles: {
        where: { archivedAt: null, ...(authProfileId ? { id: authProfileId } : { isDefault: true }) },
        include: { oauth: true },
      },
    },
  });
  if (!server) throw serverNotFound();
  if (server.archivedAt) throw serverArchived();
  const [profile] = server.authProfiles;
  if (!profile) throw profileNotFound();
  return openEndpoint(secrets, server, profile, (ref) => createTokenSource(deps, ref));
}

/**
 * @param createTokens of profiles that sign in by OAuth; absent: the endpoint is only masked, not called
 * @throws ArmatureError when a secret is missing or can't be read
 */
export async function openEndpoint(
  secrets: Pick<Secrets, 'get'>,
  server: ServerModel,
  profile: ProfileRow & { name: string; isDefault: boolean },
  createTokens: CreateTokens = () => unsignedTokens,
): Promise<ServerEndpoint> {
  const { orgId } = server;
  const [{ headers, query, path }, auth] = await Promise.all([
    explainUnreadable(readServerSecret(secrets, orgId, server.secretRef), () =>
      credentialsUnreadable(server.name, null),
    ),
    explainUnreadable(readAuth(secrets, orgId, profile, createTokens), () =>
      credentialsUnreadable(server.name, profile.name),
    ),
  ]);
  return {
    orgId,
    serverId: server.id,
    endpoint: {
      transport: transport.parse(server.transport),
      url: joinUrl(server.url, query, path),
      pathSecrets: path,
      headers,
      auth,
      ...(server.protocolVersion !== null && { protocolVersion: server.protocolVersion }),
    },
    maxConcurrency: server.maxConcurrency,
    authProfileId: profile.id,
    isDefaultProfile: profile.isDefault,
  };
}
