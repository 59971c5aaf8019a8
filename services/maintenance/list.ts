import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { type MaintenanceView, toMaintenanceView } from './view.ts';

/** Of each: current and past ones. */
const maxWindows = 50;

/** Lists maintenance windows: current and upcoming ones, soonest first, then past ones, latest first. */
export const listMaintenance = useCase({
  name: 'maintenance.list',
  access: 'viewer',
  input: z.object({ serverId: z.uuid().optional() }),
  async run({ db, orgId, now }, { serverId }): Promise<{ windows: MaintenanceView[] }> {
    const at = now();
    const scope = { orgId, ...(serverId !== undefined && { serverId }) };
    const [current, past] = await Promise.all([
      db.maintenanceWindow.findMany({
        where: { ...scope, endsAt: { gt: at } },
        orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
        take: maxWindows,
      }),
      db.maintenanceWindow.findMany({
        where: { ...scope, endsAt: { lte: at } },
        orderBy: [{ endsAt: 'desc' }, { id: 'desc' }],
        take: maxWindows,
      }),
    ]);
    return { windows: [...current, ...past].map((row) => toMaintenanceView(row, at)) };
  },
});
