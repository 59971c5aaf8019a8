import type { z } from 'zod';
import type { CatalogToolShape } from '../../domain/catalog-diff.ts';
import { entriesOf } from '../../domain/json.ts';
import type { CriterionResult, ToolCall, TraceEvent } from '../../domain/run.ts';
import type { WorkflowDefinition } from '../../domain/workflow-spec.ts';
import type { Db } from '../../infra/db/index.ts';
import type { CatalogToolModel } from '../../prisma/generated/models.ts';
import { definitionOf } from '../workflow/view.ts';
import type { runSchema } from './schemas.ts';
import { callOf, eventOf } from './stored.ts';
import { type RunView, resultView, runNotFound, runView } from './view.ts';

/** All that the database holds of one run. Results that are still sealed stay so. */
export type RunRecord = {
  run: z.infer<typeof runSchema>;
  finalAnswer: string | null;
  definition: WorkflowDefinition;
  catalogHash: string | null;
  results: CriterionResult[];
  events: TraceEvent[];
  calls: ToolCall[];
};

/** @throws ArmatureError `run_not_found`. */
export async function loadRun(db: Db, { orgId, runId }: { orgId: string; runId: string }): Promise<RunRecord> {
  const row = await db.run.findFirst({
    where: { orgId, id: runId },
    include: {
      workflow: { select: { name: true } },
      server: { select: { name: true } },
      version: { select: { number: true, definition: true } },
      results: { orderBy: { position: 'asc' } },
    },
  });
  if (!row) throw runNotFound(runId);
  const [events, calls] = await Promise.all([
    db.traceEvent.findMany({ where: { orgId, runId }, orderBy: { seq: 'asc' } }),
    db.toolCall.findMany({ where: { orgId, runId }, orderBy: { index: 'asc' } }),
  ]);
  const view = runView(row);
  return {
    run: {
      ...headOf(view),
      workflowName: row.workflow.name,
      serverName: row.server.name,
      versionNumber: row.version.number,
    },
    finalAnswer: view.finalAnswer,
    definition: definitionOf(row.version),
    catalogHash: view.catalogHash,
    results: row.results.map(resultView),
    events: events.map(eventOf),
    calls: calls.map((call) => callOf(call)),
  };
}

/** What a run's record shows of its row. */
function headOf(view: RunView) {
  const { finalAnswer, catalogHash, errorMessage, actorKind, actorId, cancelRequestedBy, ...head } = view;
  return head;
}

/** The catalog that a run saw; null where it saw none. */
export async function catalogSeen(
  db: Db,
  { orgId, serverId, hash }: { orgId: string; serverId: string; hash: string | null },
): Promise<CatalogToolShape[] | null> {
  if (hash === null) return null;
  const snapshot = await db.catalogSnapshot.findFirst({ where: { orgId, serverId, hash }, select: { tools: true } });
  if (!snapshot || !Array.isArray(snapshot.tools)) return null;
  return snapshot.tools.flatMap((tool): CatalogToolShape[] => {
    const fields = entriesOf(tool);
    const name = fields?.get('name');
    if (!fields || typeof name !== 'string') return [];
    return [
      {
        name,
        title: textOf(fields.get('title')),
        description: textOf(fields.get('description')),
        inputSchema: fields.get('inputSchema'),
        outputSchema: fields.get('outputSchema') ?? null,
        annotations: fields.get('annotations') ?? {},
      },
    ];
  });
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const toolShape = (row: CatalogToolModel): CatalogToolShape => ({
  name: row.name,
  title: row.title,
  description: row.description,
  inputSchema: row.inputSchema,
  outputSchema: row.outputSchema,
  annotations: row.annotations,
});
