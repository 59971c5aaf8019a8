import type { CatalogToolShape } from '../../../domain/catalog/diff.ts';
import type { DiagnosisFacts, OtherRun } from '../../../domain/diagnosis/diagnose.ts';
import type { ComparedRun } from '../../../domain/run/comparison.ts';
import { terminalStatuses } from '../../../domain/run/run.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRunPositions } from '../../../infra/db/queries/run-search.ts';
import { loadSnapshot } from '../../catalog/snapshot.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { toComparedRun } from '../reading/compare.ts';
import { loadRun, type RunRecord, toToolShape } from '../reading/load.ts';
import { toRunStatus } from '../reading/view.ts';

/** Other runs that are looked at: of the same version, and before this one. */
const historyLength = 20;

export type LoadedFacts = {
  facts: DiagnosisFacts;
  failed: ComparedRun;
  passing: { record: RunRecord; compared: ComparedRun } | null;
  workflow: { state: string; activeVersionId: string; activeVersionNumber: number };
};

/** Everything that a diagnosis of an ended run looks at. */
export async function loadDiagnosisFacts(db: Db, orgId: string, record: RunRecord): Promise<LoadedFacts> {
  const { run, finalAnswer, results, calls, events, definition, catalogHash } = record;
  const workflow = await db.workflow.findFirstOrThrow({
    where: { orgId, id: run.workflowId },
    select: { state: true, activeVersionId: true },
  });
  const version = await db.workflowVersion.findFirstOrThrow({
    where: { orgId, id: workflow.activeVersionId },
    select: { number: true, definition: true },
  });
  const active = workflow.activeVersionId === run.versionId ? definition : parseDefinition(version);
  const [passed, current, others, failed] = await Promise.all([
    lastPassing(db, orgId, record),
    currentCatalog(db, { orgId, workflowId: run.workflowId, active }),
    otherRuns(db, orgId, record),
    toComparedRun(db, orgId, record),
  ]);
  const passing = passed && { record: passed, compared: await toComparedRun(db, orgId, passed) };
  return {
    failed,
    passing,
    workflow: {
      state: workflow.state,
      activeVersionId: workflow.activeVersionId,
      activeVersionNumber: version.number,
    },
    facts: {
      run: { id: run.id, status: run.status, error: run.error, limitHit: run.limitHit, model: run.model },
      versionId: run.versionId,
      definition,
      active,
      finalAnswer,
      events,
      calls,
      results,
      seenTools: failed.tools,
      currentTools: current.tools,
      goneTools: current.gone,
      lastPassing: passing && {
        id: passing.record.run.id,
        definition: passing.record.definition,
        calls: passing.record.calls,
        tools: passing.compared.tools,
        durationMs: passing.record.run.durationMs,
      },
      others,
      catalogHash,
      createdAt: run.createdAt,
    },
  };
}

/** Prefers a run of the same model. */
async function lastPassing(db: Db, orgId: string, { run }: RunRecord): Promise<RunRecord | null> {
  const found = await findRunPositions(db, {
    orgId,
    workflowId: run.workflowId,
    statuses: ['pass'],
    createdBefore: new Date(run.createdAt),
    limit: historyLength,
  });
  const rows = await db.run.findMany({
    where: { orgId, id: { in: found.map(({ id }) => id) } },
    select: { id: true, model: true },
  });
  const models = new Map(rows.map(({ id, model }) => [id, model]));
  const best = found.find(({ id }) => models.get(id) === run.model) ?? found[0];
  return best ? loadRun(db, { orgId, runId: best.id }) : null;
}

const failures = ['tool_error', 'rpc_error', 'timeout', 'transport_error'];

/** Runs of the same model before this one, and those of the same version, also after it. */
async function otherRuns(db: Db, orgId: string, { run }: RunRecord): Promise<DiagnosisFacts['others']> {
  const earlier = await findRunPositions(db, {
    orgId,
    workflowId: run.workflowId,
    model: run.model,
    statuses: terminalStatuses,
    createdBefore: new Date(run.createdAt),
    limit: historyLength,
  });
  const found = [...earlier, ...(await sameVersion(db, orgId, run))].map(({ id }) => id);
  const ids = [...new Set(found)].filter((id) => id !== run.id);
  const [rows, results, failed] = await Promise.all([
    db.run.findMany({
      where: { orgId, id: { in: ids } },
      select: { id: true, versionId: true, status: true, catalogHash: true, createdAt: true },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    }),
    db.criterionResult.findMany({
      where: { orgId, runId: { in: ids } },
      select: { runId: true, criterionId: true, text: true, verdict: true },
    }),
    db.toolCall.groupBy({ by: ['runId', 'tool'], where: { orgId, runId: { in: ids }, outcome: { in: failures } } }),
  ]);
  const verdicts = Map.groupBy(results, ({ runId }) => runId);
  const tools = Map.groupBy(failed, ({ runId }) => runId);
  const runs = rows.map(
    (row): OtherRun => ({
      ...row,
      status: toRunStatus(row),
      createdAt: row.createdAt.toISOString(),
      verdicts: (verdicts.get(row.id) ?? []).map(({ criterionId, text, verdict }) => ({
        criterionId,
        text,
        verdict: oneOf(['pass', 'partial', 'fail', 'error'] as const, verdict),
      })),
      failedTools: (tools.get(row.id) ?? []).map(({ tool }) => tool),
    }),
  );
  return { runs, isWhole: earlier.length < historyLength };
}

/**
 * Other runs of the version and model. They were made between this version and the next, which keeps the search short.
 */
async function sameVersion(db: Db, orgId: string, run: RunRecord['run']): Promise<{ id: string }[]> {
  const versions = await db.workflowVersion.findMany({
    where: { orgId, workflowId: run.workflowId, number: { in: [run.versionNumber, run.versionNumber + 1] } },
    select: { createdAt: true },
    orderBy: { number: 'asc' },
  });
  const [own, next] = versions.map(({ createdAt }) => createdAt);
  return findRunPositions(db, {
    orgId,
    workflowId: run.workflowId,
    versionId: run.versionId,
    model: run.model,
    statuses: terminalStatuses,
    createdAfter: own && new Date(own.getTime() - 1),
    // A run dispatched while the next version was saved may be a little later.
    createdBefore: next && new Date(next.getTime() + 60_000),
    limit: historyLength,
  });
}

/**
 * The server's current tools. The catalog is that of the default profile; for a workflow with another profile the tools
 * that its latest run saw are more accurate.
 */
async function currentCatalog(
  db: Db,
  of: { orgId: string; workflowId: string; active: WorkflowDefinition },
): Promise<{ tools: CatalogToolShape[] | null; gone: CatalogToolShape[] }> {
  const { orgId, workflowId } = of;
  const { serverId, authProfileId } = of.active;
  const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { syncedAt: true } });
  const rows = await db.catalogTool.findMany({ where: { orgId, serverId } });
  const gone = rows.filter(({ active }) => !active).map(toToolShape);
  const profile =
    authProfileId === null
      ? null
      : await db.authProfile.findFirst({ where: { orgId, serverId, id: authProfileId }, select: { isDefault: true } });
  if (profile && !profile.isDefault) {
    const latest = await db.run.findFirst({
      where: { orgId, workflowId, serverId, catalogHash: { not: null } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      select: { catalogHash: true },
    });
    const seen = await loadSnapshot(db, { orgId, serverId, hash: latest?.catalogHash ?? null });
    if (seen) return { tools: seen, gone };
  }
  return { tools: server?.syncedAt ? rows.filter(({ active }) => active).map(toToolShape) : null, gone };
}
