import { hourMs, minuteMs } from '../../domain/values/time.ts';
import { forEachConcurrent } from '../context/concurrency.ts';
import type { Deps } from '../context/context.ts';

type Of = { orgId: string; serverId: string };

const pageSize = 300;

/**
 * Starts the report that a sync left due, at most one at a time for a server. Never throws: one that could not be
 * started is logged, and reconcile starts it when Temporal is back.
 */
export async function startReport(
  { temporal, config, log }: Pick<Deps, 'temporal' | 'config' | 'log'>,
  of: Of,
): Promise<void> {
  try {
    await temporal.startReport({ ...of, heartbeatSeconds: config.heartbeatSeconds });
  } catch (error) {
    log.warn({ err: error, serverId: of.serverId }, 'a report was not started; reconcile starts it');
  }
}

/**
 * Starts reports that are still due: those that nobody started, and those that failed. One that failed for an hour
 * waits for the next sync. Part of reconcile, over all organizations.
 */
export async function startDueReports(
  deps: Deps,
  { onProgress, olderThanMs = 2 * minuteMs }: { onProgress: () => void; olderThanMs?: number },
): Promise<{ reportsStarted: number }> {
  const now = deps.now().getTime();
  const due = await deps.db.server.findMany({
    where: { archivedAt: null, reportDueAt: { gte: new Date(now - hourMs), lte: new Date(now - olderThanMs) } },
    orderBy: { reportDueAt: 'asc' },
    take: pageSize,
    select: { id: true, orgId: true },
  });
  const { temporal, config, log } = deps;
  let reportsStarted = 0;
  await forEachConcurrent(due, { concurrency: 8, onProgress, log }, async ({ id: serverId, orgId }) => {
    const isNew = await temporal.startReport({ orgId, serverId, heartbeatSeconds: config.heartbeatSeconds });
    if (isNew) reportsStarted += 1;
  });
  return { reportsStarted };
}
