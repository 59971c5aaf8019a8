import { type Streak, toStreaks } from '../../domain/incident/streak.ts';
import { checkErrorKinds, checkOutcomes } from '../../domain/monitor/monitor.ts';
import { shownStatuses, terminalStatuses, toShownStatus } from '../../domain/run/run.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Db } from '../../infra/db/index.ts';
import { findChecks } from '../../infra/db/queries/check.ts';
import type { IncidentModel } from '../../prisma/generated/models.ts';

type Row = Omit<IncidentModel, 'cause'>;
/** `to` is excluded. */
type During = { from: Date; to: Date; limit: number };

/** The checks of an incident's monitor, joined where they are equal, oldest first. */
export async function listCheckStreaks(db: Db, row: Row, during: During) {
  const { orgId, monitorId } = row;
  if (row.subjectKind !== 'monitor' || monitorId === null) return [];
  const checks = await findChecks(db, { orgId, monitorId, ...during });
  const observations = checks
    .filter(({ maintenance }) => !maintenance)
    .map(({ scheduledAt, outcome, errorKind }) => ({
      at: scheduledAt.toISOString(),
      outcome: oneOf(checkOutcomes, outcome),
      detail: errorKind === null ? null : oneOf(checkErrorKinds, errorKind),
    }))
    .reverse();
  return toStreaks(observations, { openedAt: row.openedAt.toISOString() }).map((streak) => ({
    type: 'checks' as const,
    ...toSpan(streak),
    outcome: streak.last.outcome,
    errorKind: streak.last.detail,
  }));
}

/** The same of the runs of its workflow with its model, by when they were due. */
export async function listRunStreaks(db: Db, row: Row, { from, to, limit }: During) {
  const { orgId, workflowId, model } = row;
  if (row.subjectKind !== 'workflow' || workflowId === null || model === null) return [];
  const runs = await db.run.findMany({
    where: { orgId, workflowId, model, status: { in: [...terminalStatuses] }, createdAt: { gte: from, lt: to } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
    select: { id: true, createdAt: true, scheduledAt: true, status: true, errorKind: true },
  });
  const observations = runs
    .map(({ id, createdAt, scheduledAt, status, errorKind }) => ({
      id,
      at: (scheduledAt ?? createdAt).toISOString(),
      outcome: oneOf(shownStatuses, toShownStatus(oneOf(terminalStatuses, status), errorKind)),
      detail: null,
    }))
    .reverse();
  return toStreaks(observations, { openedAt: row.openedAt.toISOString() }).map((streak) => ({
    type: 'runs' as const,
    ...toSpan(streak),
    status: streak.last.outcome,
    latestRunId: streak.last.id,
  }));
}

const toSpan = ({ at, until, count }: Streak<unknown>) => ({ at, until, count });

/** The maintenance windows of its server and of the workspace. */
export async function listMaintenanceSpans(db: Db, row: Row, { from, to, limit }: During) {
  const windows = await db.maintenanceWindow.findMany({
    where: {
      orgId: row.orgId,
      OR: [{ serverId: null }, ...(row.serverId === null ? [] : [{ serverId: row.serverId }])],
      startsAt: { lt: to },
      endsAt: { gt: from },
    },
    orderBy: [{ startsAt: 'desc' }, { id: 'desc' }],
    take: limit,
  });
  return windows.map(({ startsAt, endsAt, reason, serverId }) => ({
    type: 'maintenance' as const,
    at: startsAt.toISOString(),
    until: endsAt.toISOString(),
    reason,
    allServers: serverId === null,
  }));
}
