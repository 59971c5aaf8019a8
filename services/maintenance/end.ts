import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';

/**
 * Ends an active maintenance window now, or deletes one that hasn't started. A window that is over stays unchanged.
 * @throws ArmatureError `resource_not_found`
 */
export const endMaintenance = useCase({
  name: 'maintenance.end',
  access: 'editor',
  input: z.object({ windowId: z.uuid() }),
  async run({ orgId, write, now }, { windowId }): Promise<{ ended: 'ended' | 'taken_back' | 'over' }> {
    const at = now();
    const { ended } = await write(
      async (tx) => {
        const row = await tx.maintenanceWindow.findFirst({ where: { orgId, id: windowId } });
        if (!row)
          throw new ArmatureError(
            'resource_not_found',
            'This workspace has no maintenance window with this id.',
            "Choose one of the windows on the server's page.",
          );
        if (row.endsAt <= at) return { ended: 'over' as const, row };
        if (row.startsAt >= at) {
          await tx.maintenanceWindow.deleteMany({ where: { orgId, id: windowId } });
          return { ended: 'taken_back' as const, row };
        }
        await tx.maintenanceWindow.updateMany({
          where: { orgId, id: windowId, endsAt: { gt: at } },
          data: { endsAt: at },
        });
        return { ended: 'ended' as const, row };
      },
      ({ ended: how, row }) => (how === 'over' ? null : { subject: row.serverId, data: { windowId, how } }),
    );
    return { ended };
  },
});
