import { z } from 'zod';
import { type AgentEnd, rollUp } from '../../../domain/run/roll-up.ts';
import type { RunError, RunLimit, RunStatus, TokenUsage, TraceEvent } from '../../../domain/run/run.ts';
import { getFinalAnswer, listTurnUsage, sumUsage } from '../../../domain/run/transcript.ts';
import type { Context, Deps } from '../../context/context.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { toCriterionResult, toRunStatus } from '../reading/view.ts';
import { toTraceEvent } from './transcript.ts';

/**
 * Ends a run: rolls its verdicts up into a status, adds up what it used and writes the row for the last time; from here the
 * database refuses any change. Ending a run that has ended does nothing.
 *
 * `end`: `worked`, the agent did what it could, its trace says how far it came; `canceled`; `abandoned`, nobody could carry the
 * run out. A run that somebody asked to cancel ends as canceled however far it came.
 */
export const finishRun = useCase({
  name: 'run.finish',
  access: 'system',
  input: z.object({
    runId: z.uuid(),
    end: z.enum(['worked', 'canceled', 'abandoned']),
    /** Why, for `abandoned`. */
    message: z.string().optional(),
  }),
  run: async ({ ctx, orgId }, input) => settleRun(ctx, { ...input, orgId }),
});

export type RunEnd = 'worked' | 'canceled' | 'abandoned';

type Locked = { status: string; model: string; cancelRequestedBy: string | null; criteria: number };

/** What `finishRun` does, for the use cases that end a run on somebody's behalf. */
export async function settleRun(
  { deps }: Pick<Context, 'deps'>,
  { orgId, runId, end, message }: { orgId: string; runId: string; end: RunEnd; message?: string | undefined },
): Promise<{ status: RunStatus }> {
  const ended = await deps.db.$transaction(async (tx) => {
    // Holds the row until the end, so that what is read here is all there will be, and raises the fence: no attempt that still
    // lives writes after it, and who asks to cancel after it finds a run that has ended.
    const [run] = await tx.$queryRaw<Locked[]>`
      UPDATE "Run" r SET "fence" = r."fence" + 1 FROM "WorkflowVersion" v
      WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid AND r."status" IN ('pending', 'running')
        AND v."orgId" = r."orgId" AND v."id" = r."versionId"
      RETURNING r."status", r."model", r."cancelRequestedBy", jsonb_array_length(v."definition"->'criteria') AS "criteria"`;
    if (!run) return null;
    const trace = (await tx.traceEvent.findMany({ where: { orgId, runId }, orderBy: { seq: 'asc' } })).map(
      toTraceEvent,
    );
    const graded = (await tx.criterionResult.findMany({ where: { orgId, runId }, orderBy: { position: 'asc' } })).map(
      toCriterionResult,
    );
    const calls = await tx.$queryRaw<{ outcome: string; isSealed: boolean }[]>`
      SELECT "outcome", "sealedResult" IS NOT NULL AS "isSealed" FROM "ToolCall"
      WHERE "orgId" = ${orgId}::uuid AND "runId" = ${runId}::uuid`;

    const canceled =
      end === 'canceled' || run.cancelRequestedBy !== null || trace.some(({ type }) => type === 'canceled');
    const agent: AgentEnd = canceled
      ? { outcome: 'error', error: { kind: 'canceled', message: cancelMessage(run.cancelRequestedBy) } }
      : end === 'abandoned'
        ? { outcome: 'error', error: { kind: 'abandoned', message: message ?? abandonedMessage } }
        : endOf(trace);
    const whole = agent.outcome === 'error' || graded.length === run.criteria;
    const { status, error } = rollUp({ agent: whole ? agent : ungraded, results: graded });

    if (calls.some(({ outcome, isSealed }) => outcome === 'started' || isSealed))
      await tx.$executeRaw`
        UPDATE "ToolCall" SET "sealedResult" = NULL,
          "outcome" = CASE "outcome" WHEN 'started' THEN 'interrupted' ELSE "outcome" END
        WHERE "orgId" = ${orgId}::uuid AND "runId" = ${runId}::uuid AND ("outcome" = 'started' OR "sealedResult" IS NOT NULL)`;
    const now = deps.now();
    const by = run.cancelRequestedBy;
    const closing = closingEvent({ trace, canceled, by, error: status === 'error' ? error : undefined });
    if (closing) {
      const seq = (trace.at(-1)?.seq ?? -1) + 1;
      await tx.traceEvent.create({
        data: { orgId, runId, seq, at: now, type: closing.type, data: toJson(closing.data) },
      });
    }
    await tx.run.updateMany({
      where: { orgId, id: runId },
      data: {
        status,
        errorKind: error?.kind ?? null,
        errorMessage: error?.message.slice(0, 4000) ?? null,
        limitHit: limitOf(trace),
        flagged: calls.some(({ outcome }) => outcome === 'blocked'),
        callCount: calls.length,
        finalAnswer: getFinalAnswer(trace),
        finishedAt: now,
        ...usageOf(deps, run.model, trace, graded),
      },
    });
    return status;
  });
  if (ended !== null) return { status: ended };
  const run = await deps.db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
  if (!run) throw runNotFound(runId);
  return { status: toRunStatus(run) };
}

/** A verdict on some of the criteria is none on the run. */
const ungraded: AgentEnd = {
  outcome: 'error',
  error: { kind: 'abandoned', message: 'The run ended before all of its criteria were graded.' },
};

const abandonedMessage = "Armature could not carry this run out; its worker's log says why.";
const cancelMessage = (by: string | null): string =>
  by === null ? 'The run was canceled in Temporal.' : 'The run was canceled.';

/** How the agent's part ended, from its trace. */
function endOf(trace: readonly TraceEvent[]): AgentEnd {
  const error = trace.findLast((event) => event.type === 'error');
  if (error?.type === 'error') return { outcome: 'error', error: { kind: error.kind, message: error.message } };
  return { outcome: limitOf(trace) === null ? 'completed' : 'limit' };
}

/** The last line of the trace, where the agent did not write one itself. */
function closingEvent(end: {
  trace: readonly TraceEvent[];
  canceled: boolean;
  by: string | null;
  error: RunError | undefined;
}): { type: 'canceled'; data: { by: string } } | { type: 'error'; data: RunError } | null {
  if (end.canceled)
    return end.trace.some(({ type }) => type === 'canceled')
      ? null
      : { type: 'canceled', data: { by: end.by ?? 'an operator in Temporal' } };
  if (!end.error || end.error.kind === 'judge' || end.trace.some(({ type }) => type === 'error')) return null;
  return { type: 'error', data: end.error };
}

function limitOf(trace: readonly TraceEvent[]): RunLimit | null {
  const hit = trace.findLast((event) => event.type === 'limit');
  return hit?.type === 'limit' ? hit.limit : null;
}

function usageOf(
  deps: Deps,
  model: string,
  trace: readonly TraceEvent[],
  results: readonly { judge?: { model: string; usage: TokenUsage } }[],
) {
  const turns = listTurnUsage(trace);
  const { input, output } = sumUsage(turns);
  const judged = results.flatMap(({ judge }) => (judge ? [judge] : []));
  const costs = [
    ...turns.map((usage) => costOf(deps, model, usage)),
    ...judged.map(({ model: judge, usage }) => costOf(deps, judge, usage)),
  ];
  return {
    turnCount: turns.length,
    inputTokens: input,
    outputTokens: output,
    judgeTokens: sumUsage(judged.map(({ usage }) => usage)).total,
    cost: costs.some((cost) => cost === null) ? null : sum(costs.map((cost) => cost ?? 0)),
  };
}

/** A model that is no longer configured has no price. */
function costOf(deps: Deps, model: string, usage: TokenUsage): number | null {
  const known = deps.models.list().some(({ id, keySet }) => id === model && keySet);
  return known ? deps.models.resolve(model).cost(usage) : null;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
