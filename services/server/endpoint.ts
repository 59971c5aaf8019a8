import type { Endpoint } from '../../infra/mcp-target/index.ts';
import type { Deps } from '../context/context.ts';
import { profileNotFound, serverArchived, serverNotFound } from './errors.ts';
import { joinUrl, transport } from './schema.ts';
import { readAuth, readServerSecret, retryOnMissingSecret } from './secrets.ts';

/** How to call a server with one of its auth profiles. */
export type ServerEndpoint = {
  endpoint: Endpoint;
  /** Key of the gate that limits concurrent calls to this server. */
  serverKey: string;
  maxConcurrency: number;
  authProfileId: string;
  isDefaultProfile: boolean;
};

/**
 * Loads a saved server with its decrypted credentials, which must not be stored or logged. Not a use case.
 * @param ref.authProfileId null or absent: the default profile.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 * @throws SecretsKeyError
 */
export const loadEndpoint = (deps: Pick<Deps, 'db' | 'secrets'>, ref: EndpointRef): Promise<ServerEndpoint> =>
  retryOnMissingSecret(() => readEndpoint(deps, ref));

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
