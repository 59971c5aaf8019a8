import { z } from 'zod';
import { dayMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findSetUp, type SetUp } from '../../../infra/db/queries/home.ts';
import { useCase } from '../../context/use-case.ts';
import { listCoverage, type serverCoverage } from '../../coverage/list.ts';
import { type IncidentView, incidentViews } from '../../incident/view.ts';
import { countMonitors } from '../../monitor/reading/rows.ts';
import type { MonitorTotals } from '../../monitor/reading/view.ts';
import { type HomeFigures, readFigures } from './figures.ts';
import {
  type FailingWorkflow,
  type MonitorStanding,
  type NextRun,
  readMonitorStanding,
  readNextRuns,
  readWorkflowStanding,
  type WorkflowStanding,
} from './standing.ts';

export type { SetUp };

/** Days of each range, today (UTC) included. */
export const homeRanges = { '24h': 1, '7d': 7, '30d': 30 } as const;
/** Of each list: incidents, proposals. */
const maxListed = 20;

export type Home = {
  figures: HomeFigures;
  /** Open incidents, latest first, without those that an incident of their server absorbed. */
  incidents: IncidentView[];
  /** Workflows whose last run did not pass, and which have no open incident. */
  failing: FailingWorkflow[];
  monitorTotals: MonitorTotals;
  /** Workflows that aren't archived. */
  workflowCount: number;
  monitors: { monitors: MonitorStanding[]; hasMore: boolean };
  workflows: { workflows: WorkflowStanding[]; hasMore: boolean };
  nextRuns: NextRun[];
  /** Open proposals that expire within six hours, next to expire first. */
  expiring: { proposalId: string; workflowId: string | null; workflowName: string | null; expiresAt: string }[];
  coverage: z.infer<typeof serverCoverage>[];
  setUp: SetUp;
};

/** What the workspace's Home shows: what is broken, how it was, what comes next. From roll-ups and latest rows only. */
export const getHome = useCase({
  name: 'organization.home',
  access: 'viewer',
  input: z.object({ range: z.enum(['24h', '7d', '30d']).default('7d') }),
  async run({ ctx, db, orgId, now }, { range }): Promise<Home> {
    const at = { orgId, now: now() };
    const [figures, incidents, monitorTotals, workflowCount, monitors, workflows, nextRuns, expiring, coverage, setUp] =
      await Promise.all([
        readFigures(db, { ...at, days: homeRanges[range] }),
        listOpenIncidents(db, orgId),
        countMonitors(db, { orgId }),
        db.workflow.count({ where: { orgId, state: { not: 'archived' } } }),
        readMonitorStanding(db, at),
        readWorkflowStanding(db, at),
        readNextRuns(db, at),
        listExpiring(db, at),
        listCoverage(ctx, {}),
        findSetUp(db, { orgId }),
      ]);
    const withIncident = new Set(incidents.map(({ subject }) => subject.workflowId));
    const { failing, ...shown } = workflows;
    return {
      figures,
      incidents,
      failing: failing.filter(({ id }) => !withIncident.has(id)),
      monitorTotals,
      workflowCount,
      monitors,
      workflows: shown,
      nextRuns,
      expiring,
      coverage: coverage.servers,
      setUp,
    };
  },
});

async function listOpenIncidents(db: Db, orgId: string): Promise<IncidentView[]> {
  const rows = await db.incident.findMany({
    where: { orgId, closedAt: null, parentId: null },
    orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
    take: maxListed,
    omit: { cause: true },
  });
  return incidentViews(db, orgId, rows);
}

async function listExpiring(db: Db, { orgId, now }: { orgId: string; now: Date }): Promise<Home['expiring']> {
  const rows = await db.proposal.findMany({
    where: { orgId, state: 'open', expiresAt: { gt: now, lte: new Date(now.getTime() + dayMs / 4) } },
    orderBy: [{ expiresAt: 'asc' }, { id: 'asc' }],
    take: maxListed,
    select: { id: true, workflowId: true, expiresAt: true, workflow: { select: { name: true } } },
  });
  return rows.map(({ id, workflowId, expiresAt, workflow }) => ({
    proposalId: id,
    workflowId,
    workflowName: workflow?.name ?? null,
    expiresAt: expiresAt.toISOString(),
  }));
}
