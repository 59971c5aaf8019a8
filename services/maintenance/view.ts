import type { MaintenanceWindowModel as Row } from '../../prisma/generated/models.ts';

/** A maintenance window. Times are ISO 8601. */
export type MaintenanceView = {
  id: string;
  /** Null: all servers. */
  serverId: string | null;
  startsAt: string;
  endsAt: string;
  reason: string;
  /** `<kind>:<id>` of its creator, as in the audit log. */
  createdBy: string;
  createdAt: string;
  state: 'upcoming' | 'active' | 'over';
};

export const toMaintenanceView = (row: Row, now: Date): MaintenanceView => ({
  id: row.id,
  serverId: row.serverId,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  reason: row.reason,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  state: row.endsAt <= now ? 'over' : row.startsAt <= now ? 'active' : 'upcoming',
});
