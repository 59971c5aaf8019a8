import { z } from 'zod';
import { taskQueues } from '../../domain/run/ids.ts';
import { runStatuses } from '../../domain/run/run.ts';
import type { Db } from '../../infra/db/index.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { loadCoverageFigures } from '../coverage/get.ts';
import { monitoringHealth, readMonitoringHealth } from './monitoring-health.ts';

const ranges = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;
const hourMs = 3_600_000;
/** A catalog that was not synced for this long is stale. */
const staleMs = 24 * hourMs;
/** Of each list: workflows, servers, proposals. */
const maxListed = 100;

const counts = z.object({
  runs: z.int(),
  pass: z.int(),
  partial: z.int(),
  fail: z.int(),
  error: z.int(),
  canceled: z.int(),
  unfinished: z.int(),
  flagged: z.int(),
  passRate: z.number().nullable().describe('0 to 1: pass ÷ (pass + partial + fail). Null without such a run.'),
});
type Counts = z.infer<typeof counts>;

export const getOrgHealthInput = z.object({ range: z.enum(['24h', '7d', '30d']).default('24h') });

export const getOrgHealthOutput = z.object({
  range: z.enum(['24h', '7d', '30d']),
  since: z.iso.datetime(),
  totals: counts,
  workflows: z
    .array(counts.extend({ workflowId: z.uuid(), name: z.string(), state: z.string() }))
    .describe('Workflows that ran, lowest pass rate first.'),
  servers: z.array(counts.extend({ serverId: z.uuid(), name: z.string() })),
  failingWorkflows: z
    .array(
      z.object({
        workflowId: z.uuid(),
        name: z.string(),
        runId: z.uuid(),
        model: z.string(),
        status: z.enum(runStatuses),
        flagged: z.boolean(),
        createdAt: z.iso.datetime(),
      }),
    )
    .describe(
      'Workflows, by tester model, whose last ended run in this range did not pass. Use diagnose_run on these.',
    ),
  ...monitoringHealth,
  unhealthyServers: z
    .array(
      z.object({
        serverId: z.uuid(),
        name: z.string(),
        problem: z.enum(['unreachable', 'never_synced', 'stale']),
        syncedAt: z.iso.datetime().nullable(),
      }),
    )
    .describe('stale: not synced for a day.'),
  coverage: z.array(
    z.object({
      serverId: z.uuid(),
      name: z.string(),
      coveredCount: z.int(),
      toolCount: z.int(),
      percent: z.number().nullable(),
    }),
  ),
  expiringProposals: z
    .array(z.object({ proposalId: z.uuid(), workflowId: z.uuid().nullable(), expiresAt: z.iso.datetime() }))
    .describe('Open proposals, next to expire first.'),
  scheduler: z.object({
    reachable: z.boolean().describe('Whether Temporal answers.'),
    workersPolling: z.boolean().describe('Whether a worker is polling each queue.'),
    unhostedQueues: z
      .array(z.enum(taskQueues))
      .describe('Queues that no worker is polling: no runs start, no monitors are checked, no alerts are delivered.'),
    scheduled: z.int().describe('Active workflows with an up-to-date Schedule.'),
    unsynced: z.int().describe('Workflows with a change that their Schedule does not have yet.'),
    pausedByOperator: z.int(),
  }),
});

/** Summarizes the workspace: runs in a range, what is failing now, servers, coverage, proposals and scheduler. */
export const getOrgHealth = useCase({
  name: 'organization.health',
  access: 'viewer',
  input: getOrgHealthInput,
  async run(context, { range }): Promise<z.infer<typeof getOrgHealthOutput>> {
    const { db, orgId, now } = context;
    const at = now();
    const since = new Date(at.getTime() - ranges[range] * hourMs);
    const [rows, workflows, servers, failingWorkflows, expiringProposals, scheduler, monitoring] = await Promise.all([
      countRuns(db, orgId, since),
      db.workflow.findMany({ where: { orgId }, select: { id: true, name: true, state: true } }),
      db.server.findMany({ where: { orgId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
      listFailingWorkflows(db, orgId, since),
      listExpiringProposals(db, orgId, at),
      readSchedulerState(context),
      readMonitoringHealth(db, orgId),
    ]);
    const activeServers = servers.filter(({ archivedAt }) => archivedAt === null);
    const figures = await loadCoverageFigures(db, {
      orgId,
      serverIds: activeServers.slice(0, maxListed).map(({ id }) => id),
    });
    const byRate = (a: Counts, b: Counts) => (a.passRate ?? 2) - (b.passRate ?? 2) || b.runs - a.runs;
    return {
      range,
      since: since.toISOString(),
      totals: countByStatus(rows),
      workflows: tallyBy(rows, 'workflowId', workflows)
        .map(({ id, name, state, tally }) => ({ workflowId: id, name, state, ...tally }))
        .sort(byRate)
        .slice(0, maxListed),
      servers: tallyBy(rows, 'serverId', servers)
        .map(({ id, name, tally }) => ({ serverId: id, name, ...tally }))
        .sort(byRate)
        .slice(0, maxListed),
      failingWorkflows,
      ...monitoring,
      unhealthyServers: activeServers.flatMap(({ id, name, status, syncedAt }) => {
        const problem =
          status === 'unreachable'
            ? ('unreachable' as const)
            : syncedAt === null
              ? ('never_synced' as const)
              : at.getTime() - syncedAt.getTime() > staleMs
                ? ('stale' as const)
                : null;
        return problem ? [{ serverId: id, name, problem, syncedAt: syncedAt?.toISOString() ?? null }] : [];
      }),
      coverage: activeServers.slice(0, maxListed).flatMap(({ id, name }) => {
        const coverage = figures.get(id);
        return coverage ? [{ serverId: id, name, ...coverage }] : [];
      }),
      expiringProposals,
      scheduler,
    };
  },
});

type Row = { workflowId: string; serverId: string; status: string; flagged: boolean; runs: number };

const countRuns = (db: Db, orgId: string, since: Date): Promise<Row[]> => db.$queryRaw<Row[]>`
  SELECT "workflowId", "serverId", CASE WHEN "errorKind" = 'canceled' THEN 'canceled' ELSE "status" END AS "status", "flagged",
    count(*)::int AS "runs" FROM "Run"
  WHERE "orgId" = ${orgId}::uuid AND "createdAt" >= ${since.toISOString()}::timestamptz
  GROUP BY 1, 2, 3, 4`;

function countByStatus(rows: readonly Row[]): Counts {
  const count = (predicate: (row: Row) => boolean) =>
    rows.filter(predicate).reduce((total, { runs }) => total + runs, 0);
  const [pass, partial, fail, error, canceled] = (['pass', 'partial', 'fail', 'error', 'canceled'] as const).map(
    (status) => count((row) => row.status === status),
  );
  const graded = (pass ?? 0) + (partial ?? 0) + (fail ?? 0);
  return {
    runs: count(() => true),
    pass: pass ?? 0,
    partial: partial ?? 0,
    fail: fail ?? 0,
    error: error ?? 0,
    canceled: canceled ?? 0,
    unfinished: count(({ status }) => status === 'pending' || status === 'running'),
    flagged: count(({ flagged }) => flagged),
    passRate: graded === 0 ? null : (pass ?? 0) / graded,
  };
}

function tallyBy<T extends { id: string }>(
  rows: readonly Row[],
  by: 'workflowId' | 'serverId',
  all: readonly T[],
): (T & { tally: Counts })[] {
  const groups = Map.groupBy(rows, (row) => row[by]);
  return all.flatMap((item) => {
    const group = groups.get(item.id);
    return group ? [{ ...item, tally: countByStatus(group) }] : [];
  });
}

async function listFailingWorkflows(db: Db, orgId: string, since: Date) {
  const rows = await db.$queryRaw<
    {
      workflowId: string;
      name: string;
      runId: string;
      model: string;
      status: (typeof runStatuses)[number];
      flagged: boolean;
      createdAt: Date;
    }[]
  >`
    SELECT l."workflowId", w."name", l."runId", l."model", l."status", l."flagged", l."createdAt" FROM (
      SELECT DISTINCT ON ("workflowId", "model") "workflowId", "id" AS "runId", "model", "status", "flagged", "createdAt"
      FROM "Run"
      WHERE "orgId" = ${orgId}::uuid AND "createdAt" >= ${since.toISOString()}::timestamptz
        AND "status" IN ('pass', 'partial', 'fail', 'error') AND "errorKind" IS DISTINCT FROM 'canceled'
      ORDER BY "workflowId", "model", "createdAt" DESC, "id" DESC) l
    JOIN "Workflow" w ON w."orgId" = ${orgId}::uuid AND w."id" = l."workflowId"
    WHERE w."state" <> 'archived' AND l."status" <> 'pass'
    ORDER BY l."createdAt" DESC, l."runId" DESC LIMIT ${maxListed}::int`;
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

async function listExpiringProposals(db: Db, orgId: string, now: Date) {
  const rows = await db.proposal.findMany({
    where: { orgId, state: 'open', expiresAt: { gt: now } },
    orderBy: [{ expiresAt: 'asc' }, { id: 'asc' }],
    take: maxListed,
    select: { id: true, workflowId: true, expiresAt: true },
  });
  return rows.map(({ id, workflowId, expiresAt }) => ({
    proposalId: id,
    workflowId,
    expiresAt: expiresAt.toISOString(),
  }));
}

async function readSchedulerState({ db, orgId, temporal, log }: UseCaseContext) {
  const [{ scheduled, unsynced, pausedByOperator } = { scheduled: 0, unsynced: 0, pausedByOperator: 0 }] =
    await db.$queryRaw<{ scheduled: number; unsynced: number; pausedByOperator: number }[]>`
      SELECT
        (count(*) FILTER (WHERE w."state" = 'active' AND v."definition"->>'schedule' IS NOT NULL
          AND w."scheduleSyncedRevision" >= w."scheduleRevision"))::int AS "scheduled",
        (count(*) FILTER (WHERE w."scheduleSyncedRevision" < w."scheduleRevision"))::int AS "unsynced",
        (count(*) FILTER (WHERE w."state" = 'active' AND w."schedulePausedByOperator"))::int AS "pausedByOperator"
      FROM "Workflow" w JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
      WHERE w."orgId" = ${orgId}::uuid`;
  try {
    const unhostedQueues = await temporal.listUnhostedQueues();
    const workersPolling = unhostedQueues.length === 0;
    return { reachable: true, workersPolling, unhostedQueues, scheduled, unsynced, pausedByOperator };
  } catch (error) {
    log.warn({ err: error }, 'Temporal does not answer');
    return { reachable: false, workersPolling: false, unhostedQueues: [], scheduled, unsynced, pausedByOperator };
  }
}
