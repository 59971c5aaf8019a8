import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { concerning } from './active.ts';
import { type MaintenanceView, toMaintenanceView } from './view.ts';

/** Of each: current and past ones. */
const maxWindows = 50;

/**
 * Lists maintenance windows: current and upcoming ones, soonest first, then past ones, latest first. With a server:
 * those that concern it. With null: those of the whole workspace. `serverName`: null for all servers.
 */
export const listMaintenance = useCase({
  name: 'maintenance.list',
  access: 'viewer',
  input: z.object({ serverId: givenId.nullable().optional() }),
  async run(
    { db, orgId, now },
    { serverId },
  ): Promise<{ windows: (MaintenanceView & { serverName: string | null })[] }> {
    const at = now();
    const scope = serverId ? concerning({ orgId, serverId }) : { orgId, ...(serverId === null && { serverId }) };
    const [current, past] = await Promise.all([
      db.maintenanceWindow.findMany({
        where: { ...scope, endsAt: { gt: at } },
        orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
        take: maxWindows,
        include: { server: { select: { name: true } } },
      }),
      db.maintenanceWindow.findMany({
        where: { ...scope, endsAt: { lte: at } },
        orderBy: [{ endsAt: 'desc' }, { id: 'desc' }],
        take: maxWindows,
        include: { server: { select: { name: true } } },
      }),
    ]);
    return {
      windows: [...current, ...past].map((row) => ({
        ...toMaintenanceView(row, at),
        serverName: row.server?.name ?? null,
      })),
    };
  },
});
