import type { CallOutcome, ToolCall, ToolResult, TraceEvent, Transcript } from '../../../domain/run/run.ts';
import type { Db } from '../../../infra/db/index.ts';
import type { Secrets } from '../../../infra/secrets/index.ts';
import type { ToolCallModel as CallRow, TraceEventModel as EventRow } from '../../../prisma/generated/models.ts';

/** What both sides of the seal call it: the bytes of one call's result can't be moved to another call. */
export const sealContext = (runId: string, index: number): string => `run/${runId}/call/${index}`;

export function toTraceEvent({ seq, at, type, data }: Pick<EventRow, 'seq' | 'at' | 'type' | 'data'>): TraceEvent {
  const body = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {};
  // Rows are written by recorder.ts and finish.ts alone, each from a TraceEvent, and never change.
  return { ...body, seq, at: at.toISOString(), type } as TraceEvent;
}

type StoredCall = Pick<
  CallRow,
  | 'runId'
  | 'index'
  | 'turn'
  | 'tool'
  | 'arguments'
  | 'outcome'
  | 'result'
  | 'sealedResult'
  | 'error'
  | 'startedAt'
  | 'latencyMs'
  | 'attempts'
>;

/** @param secrets opens results that are sealed while the run is on; without it they are left out. */
export function toToolCall(row: StoredCall, secrets?: Secrets): ToolCall {
  const result = openResult(row, secrets);
  return {
    index: row.index,
    turn: row.turn,
    tool: row.tool,
    arguments: row.arguments,
    // A check constraint holds the column to the list.
    outcome: row.outcome as CallOutcome,
    ...(result && { result }),
    ...(row.error !== null && { error: row.error }),
    startedAt: row.startedAt.toISOString(),
    ...(row.latencyMs !== null && { latencyMs: row.latencyMs }),
    attempts: row.attempts,
  };
}

function openResult(row: StoredCall, secrets: Secrets | undefined): ToolResult | null {
  // Both are written by recorder.ts alone, from a ToolResult.
  if (row.result !== null) return row.result as ToolResult;
  if (!row.sealedResult || !secrets) return null;
  const bytes = secrets.open(row.sealedResult, sealContext(row.runId, row.index));
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as ToolResult;
}

/** All of a run's trace, with sealed results opened. */
export async function loadTranscript(
  { db, secrets }: { db: Db; secrets: Secrets },
  { orgId, runId }: { orgId: string; runId: string },
): Promise<Transcript> {
  const [events, calls] = await Promise.all([
    db.traceEvent.findMany({ where: { orgId, runId }, orderBy: { seq: 'asc' } }),
    db.toolCall.findMany({ where: { orgId, runId }, orderBy: { index: 'asc' } }),
  ]);
  return { events: events.map(toTraceEvent), calls: calls.map((row) => toToolCall(row, secrets)) };
}
