import { dayMs, hourMs } from '../../domain/values/time.ts';
import { syncServer } from '../../services/catalog/sync.ts';
import type { Demo } from './fill.ts';
import { setSwitches } from './shop.ts';

/** A release that broke a tool six days ago, and the next one, which took it back after three hours. */
export async function addDrift(demo: Demo, serverId: string): Promise<void> {
  const { ctx } = demo;
  const { db, now } = ctx.deps;
  const releasedAt = new Date(now().getTime() - 6 * dayMs);
  const repairedAt = new Date(releasedAt.getTime() + 3 * hourMs);
  for (const [schema, seenAt] of [
    [{ check_stock: 'breaking' }, releasedAt],
    [{}, repairedAt],
  ] as const) {
    const before = await db.toolChange.findMany({ where: { serverId }, select: { id: true } });
    await setSwitches(demo, { schema });
    await db.server.update({ where: { id: serverId }, data: { syncAttemptedAt: null } });
    await syncServer(ctx, { serverId });
    const known = before.map(({ id }) => id);
    await db.toolChange.updateMany({ where: { serverId, id: { notIn: known } }, data: { seenAt } });
  }
  await db.incident.updateMany({
    where: { serverId, subjectKind: 'tool_change' },
    data: { openedAt: releasedAt, lastFailedAt: releasedAt, closedAt: repairedAt },
  });
}
