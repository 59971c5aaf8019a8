import type { RequestFailure } from '../../../domain/monitor/server-failure.ts';
import {
  callOutcomes,
  type ToolCall,
  type ToolResult,
  type TraceEvent,
  type Transcript,
} from '../../../domain/run/run.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Db, Tx } from '../../../infra/db/index.ts';
import type { Secrets } from '../../../infra/secrets/index.ts';
import type { ToolCallModel as CallRow, TraceEventModel as EventRow } from '../../../prisma/generated/models.ts';
import { loadOfferedTools, readOfferedHash } from './offered-tools.ts';

/** Context of a sealed result: its bytes can't be moved to another call. */
export const sealContext = (runId: string, index: number): string => `run/${runId}/call/${index}`;

/** The events of a run in order, or at most `take` of those after `afterSeq`. */
export async function loadEvents(
  db: Db | Tx,
  { orgId, runId, afterSeq = -1, take }: { orgId: string; runId: string; afterSeq?: number; take?: number },
): Promise<TraceEvent[]> {
  const rows = await db.traceEvent.findMany({
    where: { orgId, runId, seq: { gt: afterSeq } },
    orderBy: { seq: 'asc' },
    ...(take !== undefined && { take }),
  });
  const offered = await loadOfferedTools(db, orgId, rows);
  return rows.map((row) => toTraceEvent(row, offered));
}

function toTraceEvent(
  { seq, at, type, data }: Pick<EventRow, 'seq' | 'at' | 'type' | 'data'>,
  offered: ReadonlyMap<string, string[]>,
): TraceEvent {
  const { offeredHash: _, ...body } =
    typeof data === 'object' && data !== null && !Array.isArray(data) ? data : { offeredHash: null };
  const hash = readOfferedHash(data);
  const names = hash === null ? undefined : offered.get(hash);
  // Only recorder.ts and finish.ts write rows, each from a TraceEvent.
  return { ...body, ...(names && { offered: names }), seq, at: at.toISOString(), type } as TraceEvent;
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
  | 'failure'
  | 'startedAt'
  | 'latencyMs'
  | 'attempts'
>;

/** @param secrets opens results that are sealed until the run ends. Without it they are left out. */
export function toToolCall(row: StoredCall, secrets?: Secrets): ToolCall {
  const result = openResult(row, secrets);
  return {
    index: row.index,
    turn: row.turn,
    tool: row.tool,
    arguments: row.arguments,
    outcome: oneOf(callOutcomes, row.outcome),
    ...(result && { result }),
    ...(row.error !== null && { error: row.error }),
    // Only recorder.ts writes it, from a RequestFailure.
    ...(row.failure !== null && { failure: row.failure as RequestFailure }),
    startedAt: row.startedAt.toISOString(),
    ...(row.latencyMs !== null && { latencyMs: row.latencyMs }),
    attempts: row.attempts,
  };
}

function openResult(row: StoredCall, secrets: Secrets | undefined): ToolResult | null {
  // Only recorder.ts writes both, from a ToolResult.
  if (row.result !== null) return row.result as ToolResult;
  if (!row.sealedResult || !secrets) return null;
  const bytes = secrets.open(row.sealedResult, sealContext(row.runId, row.index));
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as ToolResult;
}

/** A run's whole trace, with sealed results opened. */
export async function loadTranscript(
  { db, secrets }: { db: Db; secrets: Secrets },
  { orgId, runId }: { orgId: string; runId: string },
): Promise<Transcript> {
  const [events, calls] = await Promise.all([
    loadEvents(db, { orgId, runId }),
    db.toolCall.findMany({ where: { orgId, runId }, orderBy: { index: 'asc' } }),
  ]);
  return { events, calls: calls.map((row) => toToolCall(row, secrets)) };
}
