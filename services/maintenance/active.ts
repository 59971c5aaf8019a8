import type { Db, Tx } from '../../infra/db/index.ts';

/** Whether a server is in a maintenance window at the given time. Not a use case. */
export async function isInMaintenance(
  db: Db | Tx,
  { orgId, serverId, at }: { orgId: string; serverId: string; at: Date },
): Promise<boolean> {
  const window = await db.maintenanceWindow.findFirst({
    where: { orgId, serverId, startsAt: { lte: at }, endsAt: { gt: at } },
    select: { id: true },
  });
  return window !== null;
}
