import { isArmatureError } from '../../../domain/error/error.ts';
import { listSecrets } from '../../../infra/mcp-target/index.ts';
import { createRedactor, type Redactor } from '../../../infra/redaction/index.ts';
import type { Deps } from '../../context/context.ts';
import { loadEndpoint, openEndpoint, type ServerEndpoint } from '../endpoint.ts';

/**
 * Masks the secrets of a server and one of its auth profiles. Of a server that can't be called any more there is
 * nothing to mask: its secrets are destroyed, or nobody can read them.
 */
export const loadRedactor = (
  deps: Pick<Deps, 'db' | 'secrets'>,
  ref: { orgId: string; serverId: string; authProfileId: string | null },
): Promise<Redactor> => redactorOf(() => loadEndpoint(deps, ref));

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
    include: { server: true },
  });
  const stored = profiles.flatMap(({ secretRef, server }) => [secretRef, server.secretRef]);
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
