import type { z } from 'zod';
import type { CatalogToolShape } from '../../../domain/catalog/diff.ts';
import type { CriterionResult, ToolCall, TraceEvent } from '../../../domain/run/run.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRunRecord } from '../../../infra/db/queries/run-record.ts';
import type { CatalogToolModel } from '../../../prisma/generated/models.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { type RunField, runNotFound } from '../errors.ts';
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

/** `field`: of the input that names the run. @default runId */
type NamedRun = { orgId: string; runId: string; field?: RunField };

/** @throws ArmatureError `run_not_found`. */
export async function loadRun(db: Db, of: NamedRun): Promise<RunRecord> {
  const { definition, ...record } = await readRun(db, of);
  return { ...record, definition: parseDefinition({ definition }) };
}

/** The same with the definition as it is stored. @throws ArmatureError `run_not_found`. */
export async function readRun(
  db: Pick<Db, '$queryRaw'>,
  { orgId, runId, field }: NamedRun,
): Promise<Omit<RunRecord, 'definition'> & { definition: unknown }> {
  const record = await findRunRecord(db, { orgId, runId });
  if (!record) throw runNotFound(field);
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
    calls: calls.map(({ result, error, failure, latencyMs, startedAt, ...call }) => ({
      ...call,
      startedAt: new Date(startedAt).toISOString(),
      ...(result !== null && { result }),
      ...(error !== null && { error }),
      ...(failure !== null && { failure }),
      ...(latencyMs !== null && { latencyMs }),
    })),
  };
}

export const toToolShape = (row: CatalogToolModel): CatalogToolShape => ({
  name: row.name,
  title: row.title,
  description: row.description,
  inputSchema: row.inputSchema,
  outputSchema: row.outputSchema,
  annotations: row.annotations,
});
