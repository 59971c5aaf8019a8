import { createHash } from 'node:crypto';
import { z } from 'zod';
import { toShownStatus } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import type { Context } from '../../context/context.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { getRunEvaluation, listToolCalls, listTraceEvents } from '../reading/entries.ts';
import { inspectRun } from '../reading/inspect.ts';
import { type Download, writeArray } from './download.ts';
import { toAttributes, toNanos, toText } from './otlp.ts';

type Run = Awaited<ReturnType<typeof inspectRun>>['run'];
type Event = Awaited<ReturnType<typeof listTraceEvents>>['rows'][number];
type Call = Awaited<ReturnType<typeof listToolCalls>>['rows'][number];
type Span = { [member: string]: unknown };
/** Of all spans of one file. `rootId`: of the run's span, which the others are within. */
type Trace = { traceId: string; rootId: string; run: Run };

/**
 * A run as a trace in OTLP JSON, for tools that read OpenTelemetry: a span of the run, one of each model turn, one of
 * each tool call; other events and the verdicts are events of the run's span. Long texts are cut. `traceId` is that of
 * Armature's own trace of the run, where there is one.
 * @throws ArmatureError `run_not_found`
 */
export const exportTrace = useCase({
  name: 'run.export_trace',
  access: 'viewer',
  input: z.object({ runId: givenId }),
  async run({ ctx, db, orgId }, { runId }): Promise<Download> {
    const row = await db.run.findFirst({ where: { orgId, id: runId }, select: { traceId: true } });
    if (!row) throw runNotFound();
    const { run } = await inspectRun(ctx, { runId });
    const trace = { traceId: row.traceId ?? runId.replaceAll('-', ''), rootId: toSpanId(runId, 'run'), run };
    return { name: `run-${runId}.otlp.json`, contentType: 'application/json', chunks: writeTrace(ctx, trace) };
  },
});

async function* writeTrace(ctx: Context, trace: Trace): AsyncGenerator<string> {
  const resource = { attributes: toAttributes({ 'service.name': 'armature' }) };
  const scope = { name: 'armature.run', version: '1' };
  yield `{"resourceSpans":[{"resource":${JSON.stringify(resource)},"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":`;
  yield* writeArray(listSpans(ctx, trace));
  yield '}]}]}';
}

/** The run's span comes last, since it holds what has no span. */
async function* listSpans(ctx: Context, trace: Trace): AsyncGenerator<Span> {
  const runId = trace.run.id;
  const others: Span[] = [];
  for await (const event of pages((cursor) => listTraceEvents(ctx, { runId, limit: 200, ...cursor }))) {
    if (event.type === 'model_turn') yield toTurnSpan(trace, event);
    // A call has a span of its own.
    else if (event.type !== 'tool_call' && event.type !== 'tool_result') others.push(toSpanEvent(event));
  }
  for await (const call of pages((cursor) => listToolCalls(ctx, { runId, limit: 200, ...cursor })))
    yield toCallSpan(trace, call);
  const end = trace.run.finishedAt ?? trace.run.startedAt ?? trace.run.createdAt;
  for await (const result of pages((cursor) => getRunEvaluation(ctx, { runId, limit: 200, ...cursor })))
    others.push({
      timeUnixNano: toNanos(end),
      name: 'armature.criterion',
      attributes: toAttributes({
        'armature.criterion.text': result.text,
        'armature.criterion.verdict': result.verdict,
        'armature.criterion.rationale': result.rationale,
        'armature.criterion.required': result.isRequired,
      }),
    });
  yield toRunSpan(trace, others);
}

async function* pages<Row>(
  read: (cursor: { cursor?: string }) => Promise<{ rows: Row[]; nextCursor: string | null }>,
): AsyncGenerator<Row> {
  for (let next: { cursor?: string } | null = {}; next; ) {
    const { rows, nextCursor }: { rows: Row[]; nextCursor: string | null } = await read(next);
    yield* rows;
    next = nextCursor === null ? null : { cursor: nextCursor };
  }
}

const toSpanId = (runId: string, name: string): string =>
  createHash('sha256').update(`${runId} ${name}`).digest('hex').slice(0, 16);

/** Numbers of the kinds and states of spans in OTLP. */
const kinds = { internal: 1, client: 3 };
const codes = { ok: 1, error: 2 };

function toRunSpan({ traceId, rootId, run }: Trace, events: readonly Span[]): Span {
  const start = run.startedAt ?? run.createdAt;
  const isGood = run.status === 'pass' || run.status === 'partial';
  const isBad = run.status === 'fail' || run.status === 'error';
  return {
    traceId,
    spanId: rootId,
    name: `run ${run.workflowName}`,
    kind: kinds.internal,
    startTimeUnixNano: toNanos(start),
    endTimeUnixNano: toNanos(run.finishedAt ?? start),
    attributes: toAttributes({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': run.workflowName,
      'gen_ai.request.model': run.model,
      'gen_ai.usage.input_tokens': run.inputTokens,
      'gen_ai.usage.output_tokens': run.outputTokens,
      'armature.run.id': run.id,
      'armature.run.status': toShownStatus(run.status, run.error?.kind),
      'armature.run.trigger': run.trigger,
      'armature.run.flagged': run.flagged,
      'armature.run.cost_usd': run.cost,
      'armature.workflow.id': run.workflowId,
      'armature.workflow.version': run.versionNumber,
      'armature.server.name': run.serverName,
      'vcs.ref.head.revision': run.metadata?.commit,
      'vcs.ref.head.name': run.metadata?.branch,
      'cicd.pipeline.run.url.full': run.metadata?.url,
    }),
    events,
    status: isBad
      ? { code: codes.error, message: run.error?.message ?? 'A criterion was not met.' }
      : isGood
        ? { code: codes.ok }
        : {},
  };
}

function toTurnSpan({ traceId, rootId, run }: Trace, event: Event): Span {
  const endMs = Date.parse(event.at);
  return {
    traceId,
    spanId: toSpanId(run.id, event.id),
    parentSpanId: rootId,
    name: `chat ${run.model}`,
    kind: kinds.client,
    startTimeUnixNano: toNanos(endMs - (event.latencyMs ?? 0)),
    endTimeUnixNano: toNanos(endMs),
    attributes: toAttributes({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': run.model,
      'gen_ai.usage.input_tokens': event.usage?.input,
      'gen_ai.usage.output_tokens': event.usage?.output,
      'armature.event.id': event.id,
      'armature.turn': event.turn,
      'armature.turn.content': event.content ?? event.text,
    }),
    status: {},
  };
}

function toCallSpan({ traceId, rootId, run }: Trace, call: Call): Span {
  const startMs = Date.parse(call.startedAt);
  return {
    traceId,
    spanId: toSpanId(run.id, call.id),
    parentSpanId: rootId,
    name: `execute_tool ${call.tool}`,
    kind: kinds.client,
    startTimeUnixNano: toNanos(startMs),
    endTimeUnixNano: toNanos(startMs + (call.latencyMs ?? 0)),
    attributes: toAttributes({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': call.tool,
      'gen_ai.tool.call.id': call.id,
      'gen_ai.tool.call.arguments': toText(call.arguments),
      'gen_ai.tool.call.result': toText(call.result),
      'armature.turn': call.turn,
      'armature.call.outcome': call.outcome,
      'armature.call.attempts': call.attempts,
    }),
    status: call.outcome === 'ok' ? { code: codes.ok } : { code: codes.error, message: call.error ?? call.outcome },
  };
}

function toSpanEvent({ id, seq: _, at, type, ...body }: Event): Span {
  return {
    timeUnixNano: toNanos(at),
    name: `armature.${type}`,
    attributes: toAttributes({ 'armature.event.id': id, 'armature.event.body': toText(body) }),
  };
}
