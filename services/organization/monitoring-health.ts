import { z } from 'zod';
import { incidentLevels, subjectKinds } from '../../domain/incident/incident.ts';
import { checkErrorKinds } from '../../domain/monitor/monitor.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Db } from '../../infra/db/index.ts';
import { countMonitors } from '../monitor/reading/rows.ts';

/** Of each list: monitors and incidents. */
const maxListed = 100;

/** Characters of a monitor's error. */
const maxErrorLength = 300;

/** The monitors and incidents in a workspace's health summary. */
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
    .describe('Monitors, each counted once: by its latest check, or as paused.'),
  failingMonitors: z
    .array(
      z.object({
        monitorId: z.uuid(),
        name: z.string(),
        serverId: z.uuid(),
        tool: z.string(),
        outcome: z.enum(['degraded', 'fail', 'error']),
        errorKind: z.enum(checkErrorKinds).nullable(),
        error: z.string().nullable().describe('Beginning of what its latest failed check got. get_monitor has more.'),
        since: z.iso.datetime().describe('Since when its checks fail; for a degraded monitor, since when they pass.'),
        checkedAt: z.iso.datetime(),
        consecutiveFailures: z.int(),
      }),
    )
    .describe('Active monitors whose latest check was fail, error or degraded; degraded ones last, longest first.'),
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
    .describe('Newest first, without incidents that an incident of their server absorbed.'),
};

export async function readMonitoringHealth(db: Db, orgId: string) {
  const [monitors, failingMonitors, openIncidents] = await Promise.all([
    countMonitors(db, { orgId }),
    listFailingMonitors(db, orgId),
    listOpenIncidents(db, orgId),
  ]);
  return { monitors, failingMonitors, openIncidents };
}

async function listFailingMonitors(db: Db, orgId: string) {
  const rows = await db.$queryRaw<
    {
      monitorId: string;
      name: string;
      serverId: string;
      tool: string;
      outcome: 'degraded' | 'fail' | 'error';
      errorKind: string | null;
      error: string | null;
      since: Date;
      checkedAt: Date;
      consecutiveFailures: number;
    }[]
  >`
    SELECT m."id" AS "monitorId", m."name", m."serverId", m."tool", h."outcome", h."errorKind", h."since", h."checkedAt",
      h."consecutiveFailures",
      -- The days before keep Postgres from looking into every partition.
      (SELECT left(c."excerpt", ${maxErrorLength}::int) FROM "Check" c
        WHERE c."orgId" = m."orgId" AND c."monitorId" = m."id" AND c."outcome" = h."outcome"
          AND c."scheduledAt" > h."checkedAt" - interval '1 day' AND c."scheduledAt" <= h."checkedAt" + interval '1 day'
        ORDER BY c."scheduledAt" DESC LIMIT 1) AS "error"
    FROM "Monitor" m JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."orgId" = ${orgId}::uuid AND m."state" = 'active' AND h."outcome" <> 'pass'
    ORDER BY h."outcome" = 'degraded', h."since", m."id" LIMIT ${maxListed}::int`;
  return rows.map(({ errorKind, since, checkedAt, ...row }) => ({
    ...row,
    errorKind: errorKind === null ? null : oneOf(checkErrorKinds, errorKind),
    since: since.toISOString(),
    checkedAt: checkedAt.toISOString(),
  }));
}

async function listOpenIncidents(db: Db, orgId: string) {
  const rows = await db.incident.findMany({
    where: { orgId, closedAt: null, parentId: null },
    orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
    take: maxListed,
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
