import type { Db, Tx } from '../../infra/db/index.ts';
import type { MonitorModel } from '../../prisma/generated/models.ts';
import { monitorNotFound } from './errors.ts';

/** Finds all of these monitors. @throws ArmatureError `monitor_not_found` when one is not this organization's */
export async function findMonitorsById(
  db: Db | Tx,
  { orgId, monitorIds }: { orgId: string; monitorIds: readonly string[] },
): Promise<MonitorModel[]> {
  const rows = await db.monitor.findMany({ where: { orgId, id: { in: [...monitorIds] } } });
  if (rows.length < monitorIds.length) throw monitorNotFound();
  return rows;
}
