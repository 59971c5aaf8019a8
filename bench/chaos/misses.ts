import type { Stack } from '../../tests/faults/stack.ts';
import { intervalSeconds, type Setup } from './setup.ts';

export type Missed = { subjectId: string; at: Date };

const minuteMs = 60_000;

/** The nominal times of a one-minute interval in a time, with its offset. */
export function listTicks(from: Date, until: Date, offsetMs = 0): number[] {
  const first = Math.ceil((from.getTime() - offsetMs) / minuteMs) * minuteMs + offsetMs;
  const ticks: number[] = [];
  for (let at = first; at <= until.getTime(); at += minuteMs) ticks.push(at);
  return ticks;
}

/** Nominal times of monitors that left no check, not even one that says that it could not be made. */
export async function findMissedTicks({ deps: { db }, orgId }: Stack, setup: Setup, until: Date): Promise<Missed[]> {
  const missed: Missed[] = [];
  for (const { monitorIds, offsetSeconds } of setup.watched) {
    const ticks = listTicks(setup.readyAt, until, offsetSeconds * 1000);
    const checks = await db.check.findMany({
      where: { orgId, monitorId: { in: monitorIds }, key: '' },
      select: { monitorId: true, scheduledAt: true },
    });
    const seen = new Set(checks.map(({ monitorId, scheduledAt }) => `${monitorId} ${scheduledAt.getTime()}`));
    for (const monitorId of monitorIds)
      for (const at of ticks)
        if (!seen.has(`${monitorId} ${at}`)) missed.push({ subjectId: monitorId, at: new Date(at) });
  }
  return missed;
}

/** Fire times of workflows that left neither a run nor a skip. */
export async function findMissedFires({ deps: { db }, orgId }: Stack, setup: Setup, until: Date): Promise<Missed[]> {
  const missed: Missed[] = [];
  for (const workflowId of [...setup.scheduledIds, setup.statusId]) {
    const where = { orgId, workflowId, scheduledAt: { not: null } };
    const [runs, skips] = await Promise.all([
      db.run.findMany({ where, select: { scheduledAt: true } }),
      db.skippedRun.findMany({ where: { orgId, workflowId }, select: { scheduledAt: true } }),
    ]);
    const seen = new Set([...runs, ...skips].map(({ scheduledAt }) => scheduledAt?.getTime()));
    for (const at of listTicks(setup.readyAt, until))
      if (!seen.has(at)) missed.push({ subjectId: workflowId, at: new Date(at) });
  }
  return missed;
}

export const slotOf = (at: Date, offsetSeconds: number): number =>
  Math.floor((at.getTime() / 1000 - offsetSeconds) / intervalSeconds);
