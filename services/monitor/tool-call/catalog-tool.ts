import type { Db, Tx } from '../../../infra/db/index.ts';
import { profileNotFound } from '../../server/errors.ts';

export type KnownTool = { name: string; inputSchema: unknown; active: boolean };

/** Finds these tools in the catalog, by name. */
export async function findKnownTools(
  db: Db | Tx,
  { orgId, serverId, names }: { orgId: string; serverId: string; names: readonly string[] },
): Promise<Map<string, KnownTool>> {
  const rows = await db.catalogTool.findMany({
    where: { orgId, serverId, name: { in: [...new Set(names)] } },
    select: { name: true, inputSchema: true, active: true },
  });
  return new Map(rows.map((row) => [row.name, row]));
}

/** Why a tool can't be monitored; null for an active one. */
export function toolProblem(tool: string, known: KnownTool | undefined): string | null {
  if (!known) return `The server has no tool "${tool}".`;
  return known.active ? null : `The server no longer offers "${tool}".`;
}

/**
 * Finds a profile of the server that isn't archived, the default one where none is named.
 * @throws ArmatureError `auth_profile_not_found`
 */
export async function findLiveProfile(
  db: Db | Tx,
  { orgId, serverId, authProfileId }: { orgId: string; serverId: string; authProfileId?: string | undefined },
): Promise<{ id: string; name: string }> {
  const profile = await db.authProfile.findFirst({
    where: {
      orgId,
      serverId,
      archivedAt: null,
      ...(authProfileId === undefined ? { isDefault: true } : { id: authProfileId }),
    },
    select: { id: true, name: true },
  });
  if (!profile) throw profileNotFound();
  return profile;
}
