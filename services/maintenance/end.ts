import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { MaintenanceWindowModel } from '../../prisma/generated/models.ts';
import { useCase } from '../context/use-case.ts';

/**
 * Ends an active maintenance window now, or deletes one that hasn't started. A window that is over stays unchanged.
 * @throws ArmatureError `maintenance_not_found`
 */
export const endMaintenance = useCase({
  name: 'maintenance.end',
  access: 'editor',
  input: z.object({ windowId: givenId }),
  async run({ orgId, write, now }, { windowId }): Promise<{ ended: 'ended' | 'taken_back' | 'over' }> {
    const at = now();
    const { ended } = await write(
      async (tx) => {
        const row = await tx.maintenanceWindow.findFirst({ where: { orgId, id: windowId } });
        if (!row)
          throw new ArmatureError(
            'maintenance_not_found',
            'This workspace has no maintenance window with this id.',
            "Choose one of the windows on the server's page, or of all servers on the Alerts page.",
          );
        return { ended: await endWindow(tx, row, at), row };
      },
      ({ ended: how, row }) => (how === 'over' ? null : { subject: row.serverId ?? windowId, data: { windowId, how } }),
    );
    return { ended };
  },
});

/** Ends a window now, or deletes one that hasn't started. */
export async function endWindow(
  tx: Tx,
  { orgId, id, startsAt, endsAt }: MaintenanceWindowModel,
  at: Date,
): Promise<'ended' | 'taken_back' | 'over'> {
  if (endsAt <= at) return 'over';
  if (startsAt >= at) {
    await tx.maintenanceWindow.deleteMany({ where: { orgId, id } });
    return 'taken_back';
  }
  await tx.maintenanceWindow.updateMany({ where: { orgId, id, endsAt: { gt: at } }, data: { endsAt: at } });
  return 'ended';
}
