import type { z } from 'zod';
import type { CatalogToolShape } from '../../../domain/catalog/diff.ts';
import { toEntries } from '../../../domain/json/json.ts';
import type { CriterionResult, ToolCall, TraceEvent } from '../../../domain/run/run.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRunRecord } from '../../../infra/db/queries/run-record.ts';
import type { CatalogToolModel } from '../../../prisma/generated/models.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { runNotFound } from '../errors.ts';
import type { runSchema } from './schema.ts';
import { getDurationMs, iso } from './view.ts';

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
export async function loadRun(db: Db, of: { orgId: string; runId: string }): Promise<RunRecord> {
  const { definition, ...record } = await readRun(db, of);
  return { ...record, definition: parseDefinition({ definition }) };
}

/** The same with the definition as it is stored. @throws ArmatureError `run_not_found`. */
export async function readRun(
  db: Pick<Db, '$queryRaw'>,
  { orgId, runId }: { orgId: string; runId: string },
): Promise<Omit<RunRecord, 'definition'> & { definition: unknown }> {
  const record = await findRunRecord(db, { orgId, runId });
  if (!record) throw runNotFound(runId);
  const { finalAnswer, catalogHash, definition, results, events, calls, errorKind, errorMessage, ...run } = record;
  const times = { startedAt: iso(run.startedAt), finishedAt: iso(run.finishedAt) };
  return {
    run: {
      ...run,
      ...times,
      scheduledAt: iso(run.scheduledAt),
      createdAt: run.createdAt.toISOString(),
      error: errorKind && { kind: errorKind, message: errorMessage ?? '' },
      durationMs: getDurationMs(times),
    },
    finalAnswer,
    catalogHash,
    definition,
    results: results.map(({ judge, ...result }) => ({ ...result, ...(judge !== null && { judge }) })),
    events: events.map((event) => ({ ...event, at: new Date(event.at).toISOString() })),
    calls: calls.map(({ result, error, latencyMs, startedAt, ...call }) => ({
      ...call,
      startedAt: new Date(startedAt).toISOString(),
      ...(result !== null && { result }),
      ...(error !== null && { error }),
      ...(latencyMs !== null && { latencyMs }),
    })),
  };
}

/** The catalog that a run saw; null where it saw none. */
export async function loadSeenCatalog(
  db: Db,
  { orgId, serverId, hash }: { orgId: string; serverId: string; hash: string | null },
): Promise<CatalogToolShape[] | null> {
  if (hash === null) return null;
  const snapshot = await db.catalogSnapshot.findFirst({ where: { orgId, serverId, hash }, select: { tools: true } });
  if (!snapshot || !Array.isArray(snapshot.tools)) return null;
  return snapshot.tools.flatMap((tool): CatalogToolShape[] => {
    const fields = toEntries(tool);
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

export const toToolShape = (row: CatalogToolModel): CatalogToolShape => ({
  name: row.name,
  title: row.title,
  description: row.description,
  inputSchema: row.inputSchema,
  outputSchema: row.outputSchema,
  annotations: row.annotations,
});
