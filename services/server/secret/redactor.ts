import { isArmatureError } from '../../../domain/error/error.ts';
import { listSecrets } from '../../../infra/mcp-target/index.ts';
import { createRedactor, type Redactor } from '../../../infra/redaction/index.ts';
import type { Deps } from '../../context/context.ts';
import { openEndpoint, type ServerEndpoint } from '../endpoint.ts';

/**
 * Masks the secrets of a server and one of its auth profiles. Of a server that can't be called any more there is
 * nothing to mask: its secrets are destroyed, or nobody can read them.
 */
export async function loadRedactor(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  { orgId, serverId, authProfileId }: { orgId: string; serverId: string; authProfileId: string | null },
): Promise<Redactor> {
  const profile = await db.authProfile.findFirst({
    where: {
      orgId,
      serverId,
      archivedAt: null,
      ...(authProfileId === null ? { isDefault: true } : { id: authProfileId }),
      server: { archivedAt: null },
    },
    include: { server: true, oauth: true },
  });
  return profile ? redactorOf(() => openEndpoint(secrets, profile.server, profile)) : createRedactor([]);
}

type Ref = { serverId: string; authProfileId: string };

/** As `loadRedactor`, for many with a few statements. */
export async function loadRedactors(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  orgId: string,
  refs: readonly Ref[],
): Promise<(ref: Ref) => Redactor> {
  const ids = (key: keyof Ref) => ({ in: [...new Set(refs.map((ref) => ref[key]))] });
  const profiles = await db.authProfile.findMany({
    where: { orgId, id: ids('authProfileId'), archivedAt: null, server: { id: ids('serverId'), archivedAt: null } },
    include: { server: true, oauth: true },
  });
  const stored = profiles.flatMap(({ secretRef, server, oauth }) => [
    secretRef,
    server.secretRef,
    oauth?.tokenRef ?? null,
    oauth?.registeredRef ?? null,
  ]);
  const readable = await secrets.getReadable(orgId, [...new Set(stored.filter((ref) => ref !== null))]);
  const reader = { get: async (_: string, ref: string) => readable.get(ref) ?? null };
  const redactors = await Promise.all(
    profiles.map(async ({ server, ...profile }) => {
      const redactor = await redactorOf(() => openEndpoint(reader, server, profile));
      return [profile.id, redactor] as const;
    }),
  );
  const byProfile = new Map(redactors);
  return ({ authProfileId }) => byProfile.get(authProfileId) ?? createRedactor([]);
}

async function redactorOf(open: () => Promise<ServerEndpoint>): Promise<Redactor> {
  try {
    return createRedactor(listSecrets((await open()).endpoint));
  } catch (error) {
    if (isArmatureError(error)) return createRedactor([]);
    throw error;
  }
}
