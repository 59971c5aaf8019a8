import { missedReason } from '../../../domain/schedule/catch-up.ts';
import { nextFireTimes } from '../../../domain/schedule/schedule.ts';
import { isCredible } from '../../../domain/values/clock.ts';
import { minuteMs } from '../../../domain/values/time.ts';
import { setFiresListedUntil } from '../../../infra/db/queries/workflow-schedule.ts';
import type { ScheduleCheck } from '../../../infra/temporal/index.ts';
import type { Deps } from '../../context/context.ts';

/** Fire times of one workflow that one pass looks at. The next pass, a minute later, continues. */
const maxTimes = 720;
/** Fire times that are computed at once: a pass on time finds one or two. */
const timesAtOnce = 4;
/** A younger fire time may still start: Temporal's catch-up window, and the time until a run's row appears. */
const settleMs = 6 * minuteMs;

/**
 * Lists fire times that left neither a run nor a skip as skipped, however long ago: those since the last edit, or since
 * the last one that was looked at. It needs nothing that Temporal remembers. @returns how many were listed
 */
export async function recordMissed(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  workflow: {
    id: string;
    orgId: string;
    cron: string;
    timezone: string;
    models: string[];
    updatedAt: Date;
    firesListedUntil?: Date | null;
  },
  { recentFirings, pausedByOperator }: Pick<ScheduleCheck, 'recentFirings' | 'pausedByOperator'>,
): Promise<number> {
  const { orgId, id: workflowId } = workflow;
  const at = now().getTime();
  const known = [workflow.updatedAt, workflow.firesListedUntil ?? workflow.updatedAt].map((time) => time.getTime());
  // A clock that ran ahead left a time in the future: nothing is known of what is before it.
  const from = known.every((time) => isCredible(time, at)) ? Math.max(...known) : at - settleMs;
  const times = findFireTimes(workflow, { from, until: at - settleMs });
  const [first, last] = [times.at(0), times.at(-1)];
  if (!first || !last) return 0;
  // While an operator pauses the Schedule, nothing is missed.
  const missing = pausedByOperator ? [] : await findMissing(db, { orgId, workflowId, times, recentFirings });
  await db.$transaction(async (tx) => {
    await tx.skippedRun.createMany({
      data: missing.flatMap((scheduledAt) =>
        workflow.models.map((model) => ({ orgId, workflowId, model, scheduledAt, reason: missedReason })),
      ),
      skipDuplicates: true,
    });
    await setFiresListedUntil(tx, { orgId, id: workflowId, at: last });
  });
  return missing.length;
}

function findFireTimes(
  { cron, timezone }: { cron: string; timezone: string },
  { from, until }: { from: number; until: number },
): Date[] {
  const times: Date[] = [];
  for (let after = new Date(from); times.length < maxTimes; ) {
    const next = nextFireTimes(cron, timezone, after, timesAtOnce);
    times.push(...next.filter((time) => time.getTime() <= until));
    const last = next.at(-1);
    if (!last || last.getTime() > until) break;
    after = last;
  }
  return times;
}

async function findMissing(
  db: Deps['db'],
  of: { orgId: string; workflowId: string; times: readonly Date[]; recentFirings: readonly Date[] },
): Promise<Date[]> {
  const { orgId, workflowId, times } = of;
  const [gte, lte] = [times[0] ?? new Date(0), times.at(-1) ?? new Date(0)];
  const where = { orgId, workflowId, scheduledAt: { gte, lte } };
  const [ran, skipped] = await Promise.all([
    db.run.findMany({ where: { ...where, trigger: 'scheduled' }, select: { scheduledAt: true } }),
    db.skippedRun.findMany({ where, select: { scheduledAt: true } }),
  ]);
  // Firings that wait for a worker leave their own rows.
  const known = new Set([
    ...[...ran, ...skipped].map(({ scheduledAt }) => scheduledAt?.getTime()),
    ...of.recentFirings.map((time) => time.getTime()),
  ]);
  return times.filter((time) => !known.has(time.getTime()));
}
