import { nextFireTimes } from '../../../domain/schedule/schedule.ts';
import { dayMs, hourMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { listCheckHours } from '../../../infra/db/queries/check.ts';
import {
  listLatestRuns,
  listMonitorsByStanding,
  listSchedules,
  listWorkflowsByStanding,
} from '../../../infra/db/queries/home.ts';

/** Rows of each table. */
const maxRows = 12;
const maxFailing = 50;
/** Runs of each workflow. */
const maxRuns = 30;
const maxNextRuns = 5;
const hoursShown = 24;

export type WorkflowStanding = {
  id: string;
  name: string;
  state: string;
  /** 0 to 1 over 7 days (UTC), today included; null without graded runs. */
  passRate: number | null;
  /** Newest last. `status`: `canceled` for an error of that kind. */
  runs: { id: string; status: string; flagged: boolean; model: string; createdAt: string }[];
};

export type FailingWorkflow = { id: string; name: string; runId: string; status: 'fail' | 'error' | 'partial' };

/**
 * Workflows with their latest runs, worst first.
 * @returns `failing`: those whose last run did not pass; canceled runs don't count
 */
export async function readWorkflowStanding(
  db: Db,
  { orgId, now }: { orgId: string; now: Date },
): Promise<{ workflows: WorkflowStanding[]; hasMore: boolean; failing: FailingWorkflow[] }> {
  const since = new Date((Math.floor(now.getTime() / dayMs) - 6) * dayMs);
  const found = await listWorkflowsByStanding(db, { orgId, since, limit: maxFailing });
  const shown = found.slice(0, maxRows);
  const runs = await listLatestRuns(db, { orgId, workflowIds: shown.map(({ id }) => id), each: maxRuns });
  const byWorkflow = Map.groupBy(runs, ({ workflowId }) => workflowId);
  return {
    hasMore: found.length > maxRows,
    failing: found.flatMap(({ id, name, runId, status }) =>
      runId !== null && (status === 'fail' || status === 'error' || status === 'partial')
        ? [{ id, name, runId, status }]
        : [],
    ),
    workflows: shown.map(({ id, name, state, pass, graded }) => ({
      id,
      name,
      state,
      passRate: graded === 0 ? null : pass / graded,
      runs: (byWorkflow.get(id) ?? [])
        .map(({ runId, status, flagged, model, createdAt }) => ({
          id: runId,
          status,
          flagged,
          model,
          createdAt: createdAt.toISOString(),
        }))
        .reverse(),
    })),
  };
}

/** Checks of an hour: `up` passed (degraded ones too), `degraded` of them, `down` failed. */
export type HourCounts = { at: string; up: number; degraded: number; down: number };

export type MonitorStanding = {
  id: string;
  name: string;
  serverName: string;
  /** Of its latest check; null before the first. */
  outcome: string | null;
  since: string | null;
  /** The last 24 hours, the current one last. */
  hours: HourCounts[];
};

/** Active monitors with their last 24 hours, worst first. */
export async function readMonitorStanding(
  db: Db,
  { orgId, now }: { orgId: string; now: Date },
): Promise<{ monitors: MonitorStanding[]; hasMore: boolean }> {
  const first = (Math.floor(now.getTime() / hourMs) - hoursShown + 1) * hourMs;
  const since = new Date(first);
  const found = await listMonitorsByStanding(db, { orgId, since, limit: maxRows + 1 });
  const shown = found.slice(0, maxRows);
  const rows = await listCheckHours(db, { orgId, monitorIds: shown.map(({ id }) => id), since });
  const byMonitor = Map.groupBy(rows, ({ monitorId }) => monitorId);
  return {
    hasMore: found.length > maxRows,
    monitors: shown.map(({ id, name, serverName, outcome, since: outcomeSince }) => {
      const hours = new Map((byMonitor.get(id) ?? []).map((row) => [row.hour.getTime(), row]));
      return {
        id,
        name,
        serverName,
        outcome,
        since: outcomeSince?.toISOString() ?? null,
        hours: Array.from({ length: hoursShown }, (_, index) => {
          const row = hours.get(first + index * hourMs);
          return {
            at: new Date(first + index * hourMs).toISOString(),
            up: (row?.pass ?? 0) + (row?.degraded ?? 0),
            degraded: row?.degraded ?? 0,
            down: (row?.fail ?? 0) + (row?.error ?? 0),
          };
        }),
      };
    }),
  };
}

export type NextRun = { workflowId: string; name: string; at: string };

/** The next scheduled runs, soonest first. */
export async function readNextRuns(db: Db, { orgId, now }: { orgId: string; now: Date }): Promise<NextRun[]> {
  const schedules = await listSchedules(db, { orgId });
  // Many workflows share a schedule.
  const times = new Map<string, Date | null>();
  return schedules
    .flatMap(({ id, name, cron, timezone }) => {
      const key = `${cron} ${timezone}`;
      const at = times.get(key) ?? nextFireTimes(cron, timezone, now, 1)[0] ?? null;
      times.set(key, at);
      return at ? [{ workflowId: id, name, at: at.toISOString() }] : [];
    })
    .sort((a, b) => a.at.localeCompare(b.at) || a.name.localeCompare(b.name))
    .slice(0, maxNextRuns);
}
