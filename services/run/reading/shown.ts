import { z } from 'zod';
import { toCallId, toEventId } from '../../../domain/run/ids.ts';
import { type Ends, joinEnds, type Truncated } from '../../../domain/values/cut.ts';
import type { CallEnds, CriterionEnds, EventEnds, RunPageRow } from '../../../infra/db/queries/run-page.ts';
import { callSchema, criterionResultSchema, eventBody, eventSchema, type runSchema } from './schema.ts';
import { getDurationMs, iso } from './view.ts';

/** Entries of a run as answers show them: long texts are cut in the middle, long JSON becomes cut text. */

export const truncated = z
  .object({
    shown: z.int(),
    total: z.int().describe('Of what was sent; the part of it that is stored can be read with detail "full".'),
    stored: z.int(),
  })
  .optional()
  .describe('Characters. Present if texts of the entry are cut.');

export const shownCall = callSchema.extend({
  arguments: z.unknown().describe('JSON, or its two ends as text.'),
  result: z
    .unknown()
    .optional()
    .describe('An MCP tool result, or the two ends of its JSON as text. Absent if nothing is stored.'),
  truncated,
});

export const shownEvent = eventSchema.extend({
  text: z.string().optional().describe('The two ends of its JSON, in place of its other members.'),
  truncated,
});

const usage = z.object({ input: z.int(), output: z.int(), cachedInput: z.int().optional() });
export const shownCriterion = criterionResultSchema.extend({
  judge: z
    .object({ model: z.string(), response: z.string(), usage })
    .nullable()
    .describe('Null for assertions. get_run_artifacts has what it was asked.'),
  truncated,
});

export const recordPart = z
  .object({
    id: z.string(),
    offset: z.int(),
    text: z.string().describe('A part of the JSON of the entry.'),
    nextOffset: z.int().nullable().describe('Pass it as offset for what follows; null at the end.'),
    stored: z.int().describe('Characters that are stored.'),
    total: z.int().describe('More than stored if the server sent more than Armature keeps.'),
  })
  .optional();

/** Collects how much of the texts of one entry is shown. */
export function createCutter() {
  const sum: Truncated = { shown: 0, total: 0 };
  let isCut = false;
  const cut = (ends: Ends): string => {
    const { text, truncated: part } = joinEnds(ends);
    sum.shown += part?.shown ?? ends.total;
    sum.total += ends.total;
    isCut ||= part !== undefined;
    return text;
  };
  return {
    text: cut,
    json(ends: Ends): unknown {
      const wasCut = isCut;
      isCut = false;
      const text = cut(ends);
      const value: unknown = isCut ? text : JSON.parse(text);
      isCut ||= wasCut;
      return value;
    },
    /** @param sentBytes of which only a part was kept */
    note: (sentBytes: number | null = null) =>
      isCut || sentBytes !== null
        ? { truncated: { shown: sum.shown, stored: sum.total, total: Math.max(sum.total, sentBytes ?? 0) } }
        : {},
  };
}

export function toShownCall(row: CallEnds): z.infer<typeof shownCall> {
  const cut = createCutter();
  return {
    id: toCallId(row.index),
    turn: row.turn,
    tool: row.tool,
    arguments: cut.json(row.arguments),
    outcome: row.outcome,
    ...(row.result && { result: cut.json(row.result) }),
    ...(row.error && { error: cut.text(row.error) }),
    ...(row.failure && { failure: row.failure }),
    startedAt: new Date(row.startedAt).toISOString(),
    ...(row.latencyMs !== null && { latencyMs: row.latencyMs }),
    attempts: row.attempts,
    ...cut.note(row.fullBytes),
  };
}

/** As it is stored: calls by their indexes. */
const storedBody = z.object({
  ...eventBody.shape,
  toolCalls: z
    .array(
      z
        .object({ index: z.int(), id: z.string(), tool: z.string(), arguments: z.string() })
        .transform(({ index, ...call }) => ({ callId: toCallId(index), ...call })),
    )
    .optional(),
});

export function toShownEvent({ seq, at, type, callIndex, data }: EventEnds): z.infer<typeof shownEvent> {
  const cut = createCutter();
  const read = cut.json(data);
  const head = {
    id: toEventId(seq),
    seq,
    at: new Date(at).toISOString(),
    type,
    ...(callIndex !== null && { callId: toCallId(callIndex) }),
  };
  if (typeof read === 'string') return { ...head, text: read, ...cut.note() };
  return { ...storedBody.parse(read), ...head };
}

export function toShownCriterion({ text, rationale, judge, ...row }: CriterionEnds): z.infer<typeof shownCriterion> {
  const cut = createCutter();
  return {
    ...row,
    text: cut.text(text),
    rationale: cut.text(rationale),
    judge: judge && { model: judge.model, response: cut.text(judge.response), usage: judge.usage },
    ...cut.note(),
  };
}

export function toShownRun(row: RunPageRow): z.infer<typeof runSchema> {
  const { prompt: _p, judgeModel: _j, finalAnswer: _f, criteria: _c, calls: _l, events: _e, ...run } = row;
  const { errorKind, errorMessage, ...rest } = run;
  const times = { startedAt: iso(run.startedAt), finishedAt: iso(run.finishedAt) };
  return {
    ...rest,
    ...times,
    scheduledAt: iso(run.scheduledAt),
    createdAt: run.createdAt.toISOString(),
    error: errorKind && { kind: errorKind, message: errorMessage ?? '' },
    durationMs: getDurationMs(times),
  };
}
