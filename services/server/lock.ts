import type { Tx } from '../../infra/db/index.ts';
import { lockServerRow } from '../../infra/db/queries/server.ts';
import { serverArchived, serverNotFound } from './errors.ts';

/**
 * Takes the row lock of a server that isn't archived: what changes a server, its profiles and its catalog takes turns
 * by it.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`
 */
export async function lockServer(tx: Tx, { orgId, serverId }: { orgId: string; serverId: string }): Promise<void> {
  const row = await lockServerRow(tx, { orgId, serverId });
  if (!row) throw serverNotFound();
  if (row.archivedAt) throw serverArchived();
}
