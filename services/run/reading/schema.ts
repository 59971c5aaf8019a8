import { z } from 'zod';
import { toCallId, toEventId } from '../../../domain/run/ids.ts';
import {
  callOutcomes,
  runErrorKinds,
  runLimits,
  runStatuses,
  type ToolCall,
  type TraceEvent,
  triggers,
  verdicts,
} from '../../../domain/run/run.ts';

/** Schemas of what the use cases about runs answer, shared by them. */

export const callSchema = z.object({
  id: z.string().describe('Evidence id: call-<index>.'),
  index: z.int(),
  turn: z.int(),
  tool: z.string(),
  arguments: z.unknown(),
  outcome: z.enum(callOutcomes),
  result: z
    .looseObject({ content: z.array(z.looseObject({ type: z.string() })), isError: z.boolean() })
    .optional()
    .describe('Absent when nothing came back or results are not stored.'),
  error: z.string().optional(),
  startedAt: z.iso.datetime(),
  latencyMs: z.int().optional(),
  attempts: z.int(),
});

export const eventSchema = z.looseObject({
  id: z.string().describe('Evidence id: event-<seq>.'),
  seq: z.int(),
  at: z.iso.datetime(),
  type: z.string(),
});

export const criterionResultSchema = z.object({
  criterionId: z.uuid(),
  position: z.int(),
  text: z.string(),
  isRequired: z.boolean(),
  verdict: z.enum([...verdicts, 'error']),
  rationale: z.string(),
  evidence: z.array(z.string()),
  gradedBy: z.enum(['assertion', 'judge']),
});

export const runSchema = z.object({
  id: z.uuid(),
  workflowId: z.uuid(),
  workflowName: z.string(),
  versionId: z.uuid(),
  versionNumber: z.int(),
  serverId: z.uuid(),
  serverName: z.string(),
  model: z.string(),
  trigger: z.enum(triggers),
  status: z.enum(runStatuses),
  flagged: z.boolean(),
  error: z.object({ kind: z.enum(runErrorKinds), message: z.string() }).nullable(),
  limitHit: z.enum(runLimits).nullable(),
  scheduledAt: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  attempt: z.int(),
  baselineRunId: z.uuid().nullable(),
  turnCount: z.int(),
  callCount: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  judgeTokens: z.int(),
  cost: z.number().nullable().describe('US dollars; null where a price is unknown.'),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  durationMs: z.int().nullable(),
});

export const withEventId = (event: TraceEvent) => ({ id: toEventId(event.seq), ...event });
export const withCallId = (call: ToolCall) => ({ id: toCallId(call.index), ...call });
