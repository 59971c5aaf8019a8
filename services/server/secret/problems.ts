import type { Secrets } from '../../../infra/secrets/index.ts';
import type { AuthProfileModel, ServerModel } from '../../../prisma/generated/models.ts';
import { credentialsUnreadable } from '../errors.ts';

/**
 * Finds which secrets of a server can't be read.
 * @returns the problem of an auth profile, or with null of the server's own header and query values
 */
export async function findSecretProblems(
  secrets: Secrets,
  server: ServerModel,
  profiles: readonly AuthProfileModel[],
): Promise<(profile: AuthProfileModel | null) => string | null> {
  const refs = [server, ...profiles].flatMap(({ secretRef }) => secretRef ?? []);
  const readable = await secrets.getReadable(server.orgId, refs);
  return (profile) => {
    const { secretRef } = profile ?? server;
    // The secrets of what is archived are destroyed.
    if (secretRef === null || readable.has(secretRef) || (profile ?? server).archivedAt !== null) return null;
    const { message, remediation } = credentialsUnreadable(server.name, profile?.name ?? null);
    return `${message} ${remediation}`;
  };
}
