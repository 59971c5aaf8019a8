import {
  type CoverageFacts,
  coverageRuns,
  failedOutcomes,
  type RunTally,
  runTally,
  sentOutcomes,
} from '../../domain/coverage/coverage.ts';
import { terminalStatuses } from '../../domain/run/run.ts';
import type { Db } from '../../infra/db/index.ts';
import { countCalls, findLatestEndedRuns, findPolicies } from '../../infra/db/queries/coverage.ts';
import { parseDefinition } from '../workflow/reading/view.ts';

type Servers = { orgId: string; serverIds: readonly string[] };

/** A server's latest ended runs with the tools they called, newest first, and when they were last stored. */
export type RunWindow = { runs: RunTally[]; refreshedAt: Date | null };

/**
 * Reads the current run windows of servers: the stored tallies, plus those of runs that ended since. Takes three
 * queries for any number of servers.
 */
export async function loadWindows(db: Db, { orgId, serverIds }: Servers): Promise<Map<string, RunWindow>> {
  const ids = [...serverIds];
  const [stored, latest] = await Promise.all([
    db.serverCoverage.findMany({ where: { orgId, serverId: { in: ids } } }),
    findLatestEndedRuns(db, { orgId, serverIds: ids, statuses: terminalStatuses, limit: coverageRuns }),
  ]);
  const tallies = new Map(
    stored.flatMap(({ window }) => runTally.array().parse(window)).map((tally) => [tally.runId, tally.tools]),
  );
  const missing = latest.map(({ runId }) => runId).filter((runId) => !tallies.has(runId));
  for (const [runId, tools] of await countCallsByRun(db, { orgId, runIds: missing })) tallies.set(runId, tools);
  const refreshed = new Map(stored.map(({ serverId, refreshedAt }) => [serverId, refreshedAt]));
  const windows = new Map(
    ids.map((id): [string, RunWindow] => [id, { runs: [], refreshedAt: refreshed.get(id) ?? null }]),
  );
  for (const { serverId, runId, workflowId, createdAt } of latest)
    windows.get(serverId)?.runs.push({
      runId,
      workflowId,
      createdAt: createdAt.toISOString(),
      tools: tallies.get(runId) ?? [],
    });
  return windows;
}

async function countCallsByRun(
  db: Db,
  { orgId, runIds }: { orgId: string; runIds: readonly string[] },
): Promise<Map<string, RunTally['tools']>> {
  const tallies = new Map<string, RunTally['tools']>(runIds.map((runId) => [runId, []]));
  if (runIds.length === 0) return tallies;
  const rows = await countCalls(db, { orgId, runIds, sent: sentOutcomes, failed: failedOutcomes });
  for (const { runId, lastOkAt, ...counts } of rows)
    tallies.get(runId)?.push({ ...counts, lastOkAt: lastOkAt?.toISOString() ?? null });
  return tallies;
}

/** Reads what coverage is computed from, by server: run windows, active tools, and workflows with their policies. */
export async function loadCoverageFacts(
  db: Db,
  { orgId, serverIds }: Servers,
): Promise<Map<string, { facts: CoverageFacts; refreshedAt: Date | null }>> {
  const windows = await loadWindows(db, { orgId, serverIds });
  const workflowIds = [...windows.values()].flatMap(({ runs }) => runs.map(({ workflowId }) => workflowId));
  const [tools, workflows] = await Promise.all([
    db.catalogTool.findMany({
      where: { orgId, serverId: { in: [...serverIds] }, active: true },
      select: { serverId: true, name: true, firstSeenAt: true },
    }),
    findPolicies(db, { orgId, serverIds, workflowIds }),
  ]);
  const policies = workflows.map(({ definition, ...row }) => ({
    ...row,
    allowedTools: parseDefinition({ definition }).toolPolicy.allowedTools,
  }));
  return new Map(
    [...windows].map(([serverId, { runs, refreshedAt }]) => {
      const workflowsOfRuns = new Set(runs.map(({ workflowId }) => workflowId));
      const facts: CoverageFacts = {
        runs,
        tools: tools.filter((tool) => tool.serverId === serverId),
        workflows: policies
          .map((row) => ({ ...row, testsServer: row.serverId === serverId && row.state !== 'archived' }))
          .filter(({ id, testsServer }) => testsServer || workflowsOfRuns.has(id)),
      };
      return [serverId, { facts, refreshedAt }];
    }),
  );
}
