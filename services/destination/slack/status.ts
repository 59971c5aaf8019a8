import { z } from 'zod';
import { type IncidentLevel, incidentLevels } from '../../../domain/incident/incident.ts';
import { countActiveByOutcome } from '../../../infra/db/queries/monitor.ts';
import { useCase } from '../../context/use-case.ts';

const most = 10;
const dayMs = 24 * 3_600_000;
const level = z.enum(incidentLevels);

export type SlackStatus = {
  /** Open ones, newest first, at most ten; those that a server's incident took in are left out. Summaries are untrusted. */
  incidents: { id: string; summary: string; level: IncidentLevel; openedAt: string }[];
  hasMoreIncidents: boolean;
  /** Active monitors by the outcome of their latest check; `unchecked` had none yet. */
  monitors: { total: number; failing: number; degraded: number; unchecked: number };
  /** Runs of the last 24 hours that ended. */
  runs: { total: number; passed: number };
};

/** How an organization does, in a few figures. */
export const slackStatus = useCase({
  name: 'slack.status',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId, now }): Promise<SlackStatus> {
    const since = new Date(now().getTime() - dayMs);
    const [incidents, monitors, runs] = await Promise.all([
      db.incident.findMany({
        where: { orgId, closedAt: null, parentId: null },
        orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
        take: most + 1,
        select: { id: true, summary: true, level: true, openedAt: true },
      }),
      countActiveByOutcome(db, { orgId }),
      db.run.groupBy({
        by: ['status'],
        where: { orgId, createdAt: { gte: since }, status: { in: ['pass', 'partial', 'fail', 'error'] } },
        _count: true,
      }),
    ]);
    const monitorsWith = (...outcomes: (string | null)[]) =>
      monitors.filter(({ outcome }) => outcomes.includes(outcome)).reduce((sum, { count }) => sum + count, 0);
    return {
      incidents: incidents.slice(0, most).map((row) => ({
        id: row.id,
        summary: row.summary,
        level: level.parse(row.level),
        openedAt: row.openedAt.toISOString(),
      })),
      hasMoreIncidents: incidents.length > most,
      monitors: {
        total: monitors.reduce((sum, { count }) => sum + count, 0),
        failing: monitorsWith('fail', 'error'),
        degraded: monitorsWith('degraded'),
        unchecked: monitorsWith(null),
      },
      runs: {
        total: runs.reduce((sum, { _count }) => sum + _count, 0),
        passed: runs.find(({ status }) => status === 'pass')?._count ?? 0,
      },
    };
  },
});
