import { findImpact } from '../../../domain/catalog/impact.ts';
import { adaptToCatalog } from '../../../domain/diagnosis/adapt.ts';
import type { SuggestedChange } from '../../../domain/diagnosis/remedy.ts';
import { terminalStatuses } from '../../../domain/run/run.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRunPositions } from '../../../infra/db/queries/run-search.ts';
import { loadDiagnosisFacts } from '../../run/diagnosis/facts.ts';
import { loadRun, type RunRecord } from '../../run/reading/load.ts';

/** Open breaking changes of a server that are looked at. */
const maxChanges = 50;

export type OpenChange = { incidentId: string; tool: string; summary: string; openedAt: Date };

/**
 * Breaking changes of the server that nobody has accepted, of tools that this definition, or its latest run, uses. A
 * run that passed since shows that the workflow copes with it.
 */
export async function listHits(
  db: Db,
  of: { orgId: string; workflowId: string; definition: WorkflowDefinition; latest: RunRecord | null },
): Promise<OpenChange[]> {
  const { orgId, workflowId, definition, latest } = of;
  const { name, prompt, criteria, toolPolicy, serverId } = definition;
  const open = await db.incident.findMany({
    where: { orgId, serverId, subjectKind: 'tool_change', closedAt: null, tool: { not: null } },
    orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
    take: maxChanges,
    select: { id: true, tool: true, summary: true, openedAt: true },
  });
  const use = {
    id: workflowId,
    name,
    prompt,
    criteria: criteria.map(({ text }) => text),
    ...toolPolicy,
    called: new Set(latest?.calls.map(({ tool }) => tool)),
  };
  const passedAt = latest?.run.status === 'pass' ? Date.parse(latest.run.createdAt) : Number.NEGATIVE_INFINITY;
  return open.flatMap(({ id, tool, summary, openedAt }) => {
    if (tool === null || passedAt > openedAt.getTime()) return [];
    const { workflows, policies } = findImpact(tool, { workflows: [use], monitors: [] });
    return workflows.length + policies.length === 0 ? [] : [{ incidentId: id, tool, summary, openedAt }];
  });
}

/** The latest ended run; null before the first. */
export async function loadLatestRun(
  db: Db,
  { orgId, workflowId }: { orgId: string; workflowId: string },
): Promise<RunRecord | null> {
  const [found] = await findRunPositions(db, { orgId, workflowId, statuses: terminalStatuses, limit: 1 });
  return found ? loadRun(db, { orgId, runId: found.id }) : null;
}

/** What adapts the workflow to its server's tools, as its latest run shows. */
export async function findAdaptation(
  db: Db,
  orgId: string,
  latest: RunRecord,
): Promise<{ suggestedChange: SuggestedChange | null; successors: ReadonlyMap<string, string> }> {
  const { facts, failed } = await loadDiagnosisFacts(db, orgId, latest);
  const { run, definition, calls } = latest;
  // A run that passed before the change shows best what the tools were.
  const passed = { id: run.id, definition, calls, tools: failed.tools, durationMs: run.durationMs };
  return adaptToCatalog({ ...facts, lastPassing: run.status === 'pass' ? passed : facts.lastPassing });
}
