import { nextFireTimes } from '../../../domain/schedule/schedule.ts';
import type { ScheduleCheck } from '../../../infra/temporal/index.ts';
import type { Deps } from '../../context/context.ts';

/** How far back fire times are looked up, and how many. A schedule of every minute has this many in twelve hours. */
const windowMs = 12 * 3_600_000;
const mostTimes = 720;
/** A fire time this young may still be taken: Temporal's catch-up window, and the time a run takes to appear. */
const settledMs = 6 * 60_000;

const missedReason = 'Temporal or the worker was away at this time, for longer than the catch-up window.';

/**
 * Lists the fire times that Temporal passed over, as skipped. Temporal tells only how many there were (missed catch-up windows, and
 * firings that found the one before still waiting for a worker), so the times are those of the schedule that left neither a run
 * nor a skip, since the workflow was last changed, and no more than Temporal counts. @returns how many times were listed.
 */
export async function recordMissed(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  workflow: { id: string; orgId: string; cron: string; timezone: string; models: string[]; updatedAt: Date },
  { missedCount, recentFirings, pausedByOperator }: ScheduleCheck,
): Promise<number> {
  if (missedCount === 0 || pausedByOperator) return 0;
  const { orgId, id: workflowId } = workflow;
  const until = now().getTime() - settledMs;
  const from = Math.max(workflow.updatedAt.getTime(), until - windowMs);
  if (from >= until) return 0;
  const where = { orgId, workflowId, scheduledAt: { gt: new Date(from), lte: new Date(until) } };
  const [ran, skipped] = await Promise.all([
    db.run.findMany({ where: { ...where, trigger: 'scheduled' }, select: { scheduledAt: true } }),
    db.skippedRun.findMany({ where, select: { scheduledAt: true, reason: true } }),
  ]);
  const known = new Set([...ran, ...skipped].map(({ scheduledAt }) => scheduledAt?.getTime()));
  const listed = new Set(
    skipped.filter(({ reason }) => reason === missedReason).map(({ scheduledAt }) => scheduledAt.getTime()),
  ).size;
  // Those that were taken and wait for a worker will leave their own rows.
  for (const time of recentFirings) known.add(time.getTime());
  const missing = nextFireTimes(workflow.cron, workflow.timezone, new Date(from), mostTimes)
    .filter((time) => time.getTime() <= until && !known.has(time.getTime()))
    .slice(0, Math.max(0, missedCount - listed));
  if (missing.length === 0) return 0;
  await db.skippedRun.createMany({
    data: missing.flatMap((scheduledAt) =>
      workflow.models.map((model) => ({ orgId, workflowId, model, scheduledAt, reason: missedReason })),
    ),
    skipDuplicates: true,
  });
  return missing.length;
}
