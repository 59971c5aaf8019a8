import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { type MaintenanceView, maintenanceView } from './view.ts';

/** How many of each are shown. */
const most = 50;

/** Maintenance windows, of a server or of the workspace: those that go on or are to come, the next first, then the latest that are over. */
export const listMaintenance = useCase({
  name: 'maintenance.list',
  access: 'viewer',
  input: z.object({ serverId: z.uuid().optional() }),
  async run({ db, orgId, now }, { serverId }): Promise<{ windows: MaintenanceView[] }> {
    const at = now();
    const of = { orgId, ...(serverId !== undefined && { serverId }) };
    const [current, over] = await Promise.all([
      db.maintenanceWindow.findMany({
        where: { ...of, endsAt: { gt: at } },
        orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
        take: most,
      }),
      db.maintenanceWindow.findMany({
        where: { ...of, endsAt: { lte: at } },
        orderBy: [{ endsAt: 'desc' }, { id: 'desc' }],
        take: most,
      }),
    ]);
    return { windows: [...current, ...over].map((row) => maintenanceView(row, at)) };
  },
});
