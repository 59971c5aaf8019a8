import { z } from 'zod';
import { toCallId, toEventId } from '../../../domain/run/ids.ts';
import { runMetadata } from '../../../domain/run/metadata.ts';
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
import { toolPolicyVerdicts } from '../../../domain/workflow/tool-policy.ts';

/** Schemas of what the use cases about runs answer, shared by them. */

export const callSchema = z.object({
  id: z.string().describe('Evidence id. call-1 is the first call of the run, which a later step refers to by $1.'),
  turn: z.int(),
  tool: z.string(),
  arguments: z.unknown(),
  outcome: z.enum(callOutcomes),
  error: z.string().optional(),
  failure: z
    .object({ kind: z.string(), status: z.int().optional() })
    .optional()
    .describe('What kind of failure of the server `error` describes, and the HTTP status if there was an answer.'),
  startedAt: z.iso.datetime(),
  latencyMs: z.int().optional(),
  attempts: z.int(),
});

const text = z.string().optional();
const count = z.int().optional();

/** What an event says beside its id and time: which members it has depends on its type. */
export const eventBody = z
  .object({
    server: z.object({ name: z.string(), version: z.string() }).optional(),
    protocolVersion: text,
    sessionId: text,
    offered: z.array(z.string()).optional().describe("Names of the agent's tools."),
    offeredCount: count.describe('How many tools there were, where not all are named.'),
    again: z.boolean().optional().describe('A new session in the middle of the run.'),
    turn: count,
    content: text,
    toolCalls: z
      .array(z.object({ callId: z.string(), id: z.string(), tool: z.string(), arguments: z.string() }))
      .optional(),
    usage: z.object({ input: z.int(), output: z.int(), cachedInput: count }).optional(),
    latencyMs: z.number().optional(),
    tool: text,
    outcome: z.enum(callOutcomes).optional(),
    verdict: z.enum(toolPolicyVerdicts).optional(),
    of: z.enum(['model', 'connect', 'tool_call']).optional(),
    attempt: count,
    reason: text,
    delayMs: z.number().optional(),
    limit: z.enum(runLimits).optional(),
    allowed: z.number().optional(),
    kind: z.enum(runErrorKinds).optional(),
    message: text,
    failure: z.object({ kind: z.string(), status: count }).optional(),
    by: text,
  })
  .strict();

export const eventSchema = eventBody.extend({
  id: z.string().describe('Evidence id: event-<seq>.'),
  seq: z.int(),
  at: z.iso.datetime(),
  type: z.string(),
  callId: text,
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
  metadata: runMetadata.nullable().describe('Commit, branch and URL of the CI run that started it.'),
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

/** An event with its evidence id, and those of its calls instead of their indexes. */
export function withEventId(event: TraceEvent) {
  const id = toEventId(event.seq);
  if (event.type === 'model_turn') {
    const toolCalls = event.toolCalls.map(({ index, ...call }) => ({ callId: toCallId(index), ...call }));
    return { id, ...event, toolCalls };
  }
  if (!('index' in event)) return { id, ...event };
  const { index, ...body } = event;
  return { id, callId: toCallId(index), ...body };
}

/** A call with its evidence id instead of its index. */
export const withCallId = ({ index, ...call }: ToolCall) => ({ id: toCallId(index), ...call });
