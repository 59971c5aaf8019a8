import { z } from 'zod';
import { incidentLevels, subjectKinds } from '../../domain/incident/incident.ts';
import { checkErrorKinds } from '../../domain/monitor/monitor.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Db } from '../../infra/db/index.ts';
import { monitorTotals } from '../monitor/reading/rows.ts';

/** Most monitors and incidents that are listed. */
const most = 100;

/** The part of a workspace's health that monitors and incidents tell. */
export const monitoringHealth = {
  monitors: z
    .object({
      all: z.int(),
      pass: z.int(),
      degraded: z.int(),
      fail: z.int(),
      error: z.int(),
      unchecked: z.int(),
      paused: z.int(),
    })
    .describe('Tool monitors, each counted once: by its latest check, or as paused.'),
  failingMonitors: z
    .array(
      z.object({
        monitorId: z.uuid(),
        name: z.string(),
        serverId: z.uuid(),
        tool: z.string(),
        outcome: z.enum(['degraded', 'fail', 'error']),
        errorKind: z.enum(checkErrorKinds).nullable(),
        since: z.iso.datetime().describe('Since when its checks do not pass; of a degraded one since when they pass.'),
        checkedAt: z.iso.datetime(),
        consecutiveFailures: z.int(),
      }),
    )
    .describe(
      'Active monitors whose latest check failed, was an error or degraded; those failing first, the longest first.',
    ),
  openIncidents: z
    .array(
      z.object({
        incidentId: z.uuid(),
        subject: z.enum(subjectKinds),
        level: z.enum(incidentLevels),
        summary: z.string(),
        serverId: z.uuid().nullable(),
        monitorId: z.uuid().nullable(),
        workflowId: z.uuid().nullable(),
        tool: z.string().nullable(),
        openedAt: z.iso.datetime(),
        lastFailedAt: z.iso.datetime(),
      }),
    )
    .describe('The newest first, without those that an incident of their server took in.'),
};

export async function healthOfMonitoring(db: Db, orgId: string) {
  const [monitors, failingMonitors, openIncidents] = await Promise.all([
    monitorTotals(db, { orgId }),
    failing(db, orgId),
    incidentsOf(db, orgId),
  ]);
  return { monitors, failingMonitors, openIncidents };
}

async function failing(db: Db, orgId: string) {
  const rows = await db.$queryRaw<
    {
      monitorId: string;
      name: string;
      serverId: string;
      tool: string;
      outcome: 'degraded' | 'fail' | 'error';
      errorKind: string | null;
      since: Date;
      checkedAt: Date;
      consecutiveFailures: number;
    }[]
  >`
    SELECT m."id" AS "monitorId", m."name", m."serverId", m."tool", h."outcome", h."errorKind", h."since", h."checkedAt",
      h."consecutiveFailures"
    FROM "Monitor" m JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."orgId" = ${orgId}::uuid AND m."state" = 'active' AND h."outcome" <> 'pass'
    ORDER BY h."outcome" = 'degraded', h."since", m."id" LIMIT ${most}::int`;
  return rows.map(({ errorKind, since, checkedAt, ...row }) => ({
    ...row,
    errorKind: errorKind === null ? null : oneOf(checkErrorKinds, errorKind),
    since: since.toISOString(),
    checkedAt: checkedAt.toISOString(),
  }));
}

async function incidentsOf(db: Db, orgId: string) {
  const rows = await db.incident.findMany({
    where: { orgId, closedAt: null, parentId: null },
    orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
    take: most,
  });
  return rows.map((row) => ({
    incidentId: row.id,
    subject: oneOf(subjectKinds, row.subjectKind),
    level: oneOf(incidentLevels, row.level),
    summary: row.summary,
    serverId: row.serverId,
    monitorId: row.monitorId,
    workflowId: row.workflowId,
    tool: row.tool,
    openedAt: row.openedAt.toISOString(),
    lastFailedAt: row.lastFailedAt.toISOString(),
  }));
}
