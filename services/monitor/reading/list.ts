import { readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { listMonitorsInput } from '../schema.ts';
import { countMonitors, listMonitorRows } from './rows.ts';
import type { MonitorRow, MonitorTotals } from './view.ts';

/**
 * The monitors of the workspace, newest first, by keyset; archived ones only when `state` asks for them. `totals` count
 * all pages, of one server where `serverId` is given, whatever the other filters.
 */
export const listMonitors = useCase({
  name: 'monitor.list',
  access: 'viewer',
  input: listMonitorsInput,
  async run(
    { db, orgId, secrets, now },
    { cursor, limit, ...filters },
  ): Promise<{ monitors: MonitorRow[]; nextCursor: string | null; totals: MonitorTotals }> {
    const after = readCursor(cursor);
    const [rows, totals] = await Promise.all([
      listMonitorRows({ db, secrets }, { orgId, ...filters, after, limit: limit + 1, now: now() }),
      countMonitors(db, { orgId, serverId: filters.serverId }),
    ]);
    const { items, nextCursor } = toPage(rows, limit, (row) => ({ id: row.id, createdAt: new Date(row.createdAt) }));
    return { monitors: items, nextCursor, totals };
  },
});
