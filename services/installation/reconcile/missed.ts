import { nextFireTimes } from '../../../domain/schedule/schedule.ts';
import { hourMs, minuteMs } from '../../../domain/values/time.ts';
import type { ScheduleCheck } from '../../../infra/temporal/index.ts';
import type { Deps } from '../../context/context.ts';

/** How far back fire times are read, and how many: an every-minute schedule has this many in twelve hours. */
const windowMs = 12 * hourMs;
const maxTimes = 720;
/** A younger fire time may still start: Temporal's catch-up window, and the time until a run's row appears. */
const settleMs = 6 * minuteMs;

const missedReason = 'Temporal or the worker was not available at this time, for longer than the catch-up window.';

/**
 * Lists fire times that Temporal passed over as skipped. Temporal only counts them (missed catch-up windows, and
 * firings while the one before waited for a worker), so these are the schedule's times since the last edit that left
 * neither a run nor a skip, at most as many as Temporal counts. @returns how many were listed
 */
export async function recordMissed(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  workflow: { id: string; orgId: string; cron: string; timezone: string; models: string[]; updatedAt: Date },
  { missedCount, recentFirings, pausedByOperator }: ScheduleCheck,
): Promise<number> {
  if (missedCount === 0 || pausedByOperator) return 0;
  const { orgId, id: workflowId } = workflow;
  const until = now().getTime() - settleMs;
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
  // Firings that wait for a worker will leave their own rows.
  for (const time of recentFirings) known.add(time.getTime());
  const missing = nextFireTimes(workflow.cron, workflow.timezone, new Date(from), maxTimes)
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
