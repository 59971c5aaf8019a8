import { isCredible } from '../../domain/values/clock.ts';
import { dayMs } from '../../domain/values/time.ts';
import { setRecordedUntil } from '../../infra/db/queries/monitor.ts';
import { isInMaintenance } from '../maintenance/active.ts';
import type { DueMonitor } from './due.ts';
import { toUncalledRow } from './result.ts';
import { type StoreDeps, storeChecks } from './store.ts';

/** Of one batch. The next batches record the rest. */
const maxTimes = 60;
const maxChecks = 5000;
/** What was missed before that isn't recorded. */
const maxAgeMs = dayMs;

const message = 'Not checked: Temporal, the workers or the database were not available, or still at an earlier check.';

/**
 * Records the nominal times before a batch that had none, oldest first: Temporal skips a time while the batch before it
 * goes on, as it does for long after the death of a worker, and times that it was away itself. Monitors that were
 * changed since are left out, and nothing is missed while an operator pauses the Schedule.
 * @param batch.monitors those that are due. @returns whether nothing is left to record
 */
export async function recordMissed(
  deps: StoreDeps,
  batch: {
    orgId: string;
    serverId: string;
    intervalSeconds: number;
    scheduledAt: Date;
    monitors: readonly DueMonitor[];
  },
): Promise<boolean> {
  const { db, now } = deps;
  const { orgId, serverId, intervalSeconds, scheduledAt, monitors } = batch;
  const key = { orgId, serverId, intervalSeconds };
  const schedule = await db.monitorSchedule.findFirst({ where: key });
  if (!schedule || schedule.pausedByOperator) return true;
  const recordedUntil = schedule.recordedUntil.getTime();
  if (!isCredible(recordedUntil, now().getTime())) return true;
  const unchangedSince = Math.min(...monitors.map(({ updatedAt }) => updatedAt.getTime()));
  const times = findTimes({
    after: Math.max(recordedUntil, unchangedSince, scheduledAt.getTime() - maxAgeMs),
    before: scheduledAt.getTime(),
    everyMs: intervalSeconds * 1000,
    offsetMs: schedule.offsetSeconds * 1000,
  });
  const some = times.slice(0, Math.max(1, Math.min(maxTimes, Math.floor(maxChecks / monitors.length))));
  for (const time of some) {
    const at = new Date(time);
    const maintenance = await isInMaintenance(db, { orgId, serverId, at });
    const checks = monitors
      .filter(({ updatedAt }) => updatedAt < at)
      .map((monitor) => toUncalledRow(monitor, 'not_reached', message, { startedAt: null, attempts: 0, maintenance }));
    await storeChecks(deps, { orgId, serverId, scheduledAt: at, key: '', checks });
    await setRecordedUntil(db, { ...key, at });
  }
  return some.length === times.length;
}

/** The nominal times between two times, both excluded, which are at most a day apart. */
function findTimes(of: { after: number; before: number; everyMs: number; offsetMs: number }): number[] {
  const { after, before, everyMs, offsetMs } = of;
  const times: number[] = [];
  const first = (Math.floor((after - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
  for (let time = first; time < before; time += everyMs) times.push(time);
  return times;
}
