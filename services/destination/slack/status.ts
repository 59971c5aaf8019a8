import { z } from 'zod';
import { type IncidentLevel, incidentLevels } from '../../../domain/incident/incident.ts';
import { dayMs } from '../../../domain/values/time.ts';
import { countActiveByOutcome } from '../../../infra/db/queries/monitor.ts';
import { useCase } from '../../context/use-case.ts';

const maxIncidents = 10;
const level = z.enum(incidentLevels);

export type SlackStatus = {
  /** Open ones, newest first, at most ten, absorbed ones left out. Summaries are untrusted. */
  incidents: { id: string; summary: string; level: IncidentLevel; openedAt: string }[];
  hasMoreIncidents: boolean;
  /** Active monitors by their latest check; `unchecked`: none yet. */
  monitors: { total: number; failing: number; degraded: number; unchecked: number };
  /** Runs of the last 24 hours that have ended. */
  runs: { total: number; passed: number };
};

/** An organization's state in a few figures. */
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
        take: maxIncidents + 1,
        select: { id: true, summary: true, level: true, openedAt: true },
      }),
      countActiveByOutcome(db, { orgId }),
      db.run.groupBy({
        by: ['status'],
        where: {
          orgId,
          createdAt: { gte: since },
          status: { in: ['pass', 'partial', 'fail', 'error'] },
          OR: [{ errorKind: null }, { errorKind: { not: 'canceled' } }],
        },
        _count: true,
      }),
    ]);
    const countWith = (...outcomes: (string | null)[]) =>
      monitors.filter(({ outcome }) => outcomes.includes(outcome)).reduce((sum, { count }) => sum + count, 0);
    return {
      incidents: incidents.slice(0, maxIncidents).map((row) => ({
        id: row.id,
        summary: row.summary,
        level: level.parse(row.level),
        openedAt: row.openedAt.toISOString(),
      })),
      hasMoreIncidents: incidents.length > maxIncidents,
      monitors: {
        total: monitors.reduce((sum, { count }) => sum + count, 0),
        failing: countWith('fail', 'error'),
        degraded: countWith('degraded'),
        unchecked: countWith(null),
      },
      runs: {
        total: runs.reduce((sum, { _count }) => sum + _count, 0),
        passed: runs.find(({ status }) => status === 'pass')?._count ?? 0,
      },
    };
  },
});
