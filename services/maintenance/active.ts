import type { Db, Tx } from '../../infra/db/index.ts';

/** Windows that concern a server: its own, and those of the whole workspace. */
export const concerning = ({ orgId, serverId }: { orgId: string; serverId: string }) => ({
  orgId,
  OR: [{ serverId }, { serverId: null }],
});

/** Whether a server is in a maintenance window at the given time. Not a use case. */
export async function isInMaintenance(
  db: Db | Tx,
  { orgId, serverId, at }: { orgId: string; serverId: string; at: Date },
): Promise<boolean> {
  const window = await db.maintenanceWindow.findFirst({
    where: { ...concerning({ orgId, serverId }), startsAt: { lte: at }, endsAt: { gt: at } },
    select: { id: true },
  });
  return window !== null;
}

/**
 * Of these servers, those in a window of their own at the given time; null among them: the whole workspace is in one.
 */
export async function findMaintained(
  tx: Tx,
  { orgId, serverIds, at }: { orgId: string; serverIds: readonly string[]; at: Date },
): Promise<ReadonlySet<string | null>> {
  const windows = await tx.maintenanceWindow.findMany({
    where: {
      orgId,
      OR: [{ serverId: { in: [...serverIds] } }, { serverId: null }],
      startsAt: { lte: at },
      endsAt: { gt: at },
    },
    select: { serverId: true },
  });
  return new Set(windows.map(({ serverId }) => serverId));
}
