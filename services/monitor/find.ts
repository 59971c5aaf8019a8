import type { Db, Tx } from '../../infra/db/index.ts';
import type { MonitorModel } from '../../prisma/generated/models.ts';
import { monitorNotFound } from './errors.ts';

/** All of these monitors. @throws ArmatureError `monitor_not_found` when one is not this organization's */
export async function monitorsOf(
  db: Db | Tx,
  { orgId, monitorIds }: { orgId: string; monitorIds: readonly string[] },
): Promise<MonitorModel[]> {
  const rows = await db.monitor.findMany({ where: { orgId, id: { in: [...monitorIds] } } });
  if (rows.length < monitorIds.length) throw monitorNotFound();
  return rows;
}

/**
 * Takes the row locks of servers, in one order, so that two bulk actions never wait for each other. Not their keys: a batch of checks
 * that holds an incident's subject, which this transaction may want too, writes rows that refer to the server.
 */
export async function lockServers(
  tx: Tx,
  { orgId, serverIds }: { orgId: string; serverIds: readonly string[] },
): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Server" WHERE "orgId" = ${orgId}::uuid
    AND "id" = ANY(${[...new Set(serverIds)]}::uuid[]) ORDER BY "id" FOR NO KEY UPDATE`;
}
