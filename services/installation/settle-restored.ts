import { minuteMs } from '../../domain/values/time.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { toJson } from '../context/use-case.ts';
import { settleRun } from '../run/execution/finish.ts';

const pageSize = 200;
/** Until then most monitors have been checked again, so that reminders know whether their incident is over. */
const quietMs = 15 * minuteMs;

/**
 * Ends what was in progress when a backup was made, over all organizations, before anything works on a restored
 * database: the installation that was backed up went on and has done it. So no call of a run is made again and no alert
 * is sent again. Part of a restore, not a use case.
 */
export async function settleRestored(
  deps: Deps,
  { backedUpAt }: { backedUpAt: Date },
): Promise<{ runsEnded: number; deliveriesEnded: number }> {
  const { db } = deps;
  const now = deps.now();
  const when = `${backedUpAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const message = `This run was in progress when the backup of ${when} was made, from which Armature was restored. How it went on is not known.`;
  const runsEnded = await endRuns(deps, message);
  const { count: deliveriesEnded } = await db.delivery.updateMany({
    where: { state: 'pending' },
    data: {
      state: 'unknown',
      endedAt: now,
      error: `This message was waiting when the backup of ${when} was made, from which Armature was restored. It may have been sent since.`,
    },
  });
  const quietUntil = new Date(now.getTime() + quietMs);
  await db.incidentTelling.updateMany({ where: { dueAt: { lt: quietUntil } }, data: { dueAt: quietUntil } });
  await recordOutage(deps, { from: backedUpAt, until: now, when });
  return { runsEnded, deliveriesEnded };
}

async function endRuns(deps: Deps, message: string): Promise<number> {
  let ended = 0;
  for (let after: string | undefined; ; ) {
    const page = await deps.db.run.findMany({
      where: { status: { in: ['pending', 'running'] }, ...(after !== undefined && { id: { gt: after } }) },
      orderBy: { id: 'asc' },
      take: pageSize,
      select: { id: true, orgId: true },
    });
    for (const { id: runId, orgId } of page) await settleRun({ deps }, { orgId, runId, end: 'abandoned', message });
    ended += page.length;
    after = page.at(-1)?.id;
    if (page.length < pageSize) return ended;
  }
}

/** Lateness of checks and runs counts from the end of the last outage (watch.ts): nothing was due in between. */
async function recordOutage({ db }: Deps, { from, until, when }: { from: Date; until: Date; when: string }) {
  await db.monitorSchedule.updateMany({ data: { recordedUntil: until } });
  const organizations = await db.organization.findMany({ select: { id: true } });
  const message = `Armature was restored from the backup of ${when}. What happened in between is not recorded.`;
  await db.incident.createMany({
    data: organizations.map(({ id: orgId }) => ({
      id: newId(),
      orgId,
      subjectKind: 'installation',
      subjectKey: 'worker',
      level: 'bad',
      summary: message,
      cause: toJson({ outcome: 'worker', message }),
      openedAt: from,
      lastFailedAt: until,
      closedAt: until,
      closeReason: 'recovered',
    })),
  });
}
