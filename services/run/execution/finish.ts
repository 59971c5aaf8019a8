import { z } from 'zod';
import { type AgentEnd, rollUp } from '../../../domain/run/roll-up.ts';
import type { RunError, RunLimit, RunStatus, TokenUsage, TraceEvent } from '../../../domain/run/run.ts';
import { getFinalAnswer, listTurnUsage, sumUsage } from '../../../domain/run/transcript.ts';
import { closeOpenCalls, findCallOutcomes, lockEndingRun } from '../../../infra/db/queries/run.ts';
import type { Context, Deps } from '../../context/context.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { toCriterionResult, toRunStatus } from '../reading/view.ts';
import { toTraceEvent } from './transcript.ts';

/**
 * Ends a run: rolls its verdicts up into a status, adds up its usage and writes the row for the last time. From here
 * the database refuses any change. Ending a run that has ended does nothing. Triggers count the run in PassTally and
 * LastRun.
 *
 * `end`: `worked` (the agent did what it could; its trace says how far it came), `canceled`, `abandoned` (nobody could
 * execute it). A run with a cancel request ends as canceled in any case.
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

/** `finishRun` for other use cases that end a run. */
export async function settleRun(
  { deps }: Pick<Context, 'deps'>,
  { orgId, runId, end, message }: { orgId: string; runId: string; end: RunEnd; message?: string | undefined },
): Promise<{ status: RunStatus }> {
  const ended = await deps.db.$transaction(async (tx) => {
    const run = await lockEndingRun(tx, { orgId, runId });
    if (!run) return null;
    const trace = (await tx.traceEvent.findMany({ where: { orgId, runId }, orderBy: { seq: 'asc' } })).map(
      toTraceEvent,
    );
    const results = (await tx.criterionResult.findMany({ where: { orgId, runId }, orderBy: { position: 'asc' } })).map(
      toCriterionResult,
    );
    const calls = await findCallOutcomes(tx, { orgId, runId });
    const canceledBy = run.cancelRequestedBy;
    const isCanceled = end === 'canceled' || canceledBy !== null || trace.some(({ type }) => type === 'canceled');
    const agent: AgentEnd = isCanceled
      ? { outcome: 'error', error: { kind: 'canceled', message: toCancelMessage(canceledBy) } }
      : end === 'abandoned'
        ? { outcome: 'error', error: { kind: 'abandoned', message: message ?? abandonedMessage } }
        : findAgentEnd(trace);
    const isComplete = agent.outcome === 'error' || results.length === run.criteriaCount;
    const { status, error } = rollUp({ agent: isComplete ? agent : ungraded, results });

    if (calls.some(({ outcome, isSealed }) => outcome === 'started' || isSealed))
      await closeOpenCalls(tx, { orgId, runId });
    const now = deps.now();
    const closing = toClosingEvent({ trace, isCanceled, canceledBy, error: status === 'error' ? error : undefined });
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
        limitHit: findLimit(trace),
        flagged: calls.some(({ outcome }) => outcome === 'blocked'),
        callCount: calls.length,
        finalAnswer: getFinalAnswer(trace),
        finishedAt: now,
        ...sumUp(deps, run.model, trace, results),
      },
    });
    return status;
  });
  if (ended !== null) return { status: ended };
  const run = await deps.db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
  if (!run) throw runNotFound(runId);
  return { status: toRunStatus(run) };
}

/** Verdicts on some of the criteria are no verdict on the run. */
const ungraded: AgentEnd = {
  outcome: 'error',
  error: { kind: 'abandoned', message: 'The run ended before all of its criteria were graded.' },
};

const abandonedMessage = "Armature could not execute this run. The worker's log says why.";
const toCancelMessage = (by: string | null): string =>
  by === null ? 'The run was canceled in Temporal.' : 'The run was canceled.';

/** How the agent's part ended, from its trace. */
function findAgentEnd(trace: readonly TraceEvent[]): AgentEnd {
  const error = trace.findLast((event) => event.type === 'error');
  if (error?.type === 'error') return { outcome: 'error', error: { kind: error.kind, message: error.message } };
  return { outcome: findLimit(trace) === null ? 'completed' : 'limit' };
}

/** The last event of the trace, unless the agent wrote one itself. */
function toClosingEvent(end: {
  trace: readonly TraceEvent[];
  isCanceled: boolean;
  canceledBy: string | null;
  error: RunError | undefined;
}): { type: 'canceled'; data: { by: string } } | { type: 'error'; data: RunError } | null {
  if (end.isCanceled)
    return end.trace.some(({ type }) => type === 'canceled')
      ? null
      : { type: 'canceled', data: { by: end.canceledBy ?? 'an operator in Temporal' } };
  if (!end.error || end.error.kind === 'judge' || end.trace.some(({ type }) => type === 'error')) return null;
  return { type: 'error', data: end.error };
}

function findLimit(trace: readonly TraceEvent[]): RunLimit | null {
  const hit = trace.findLast((event) => event.type === 'limit');
  return hit?.type === 'limit' ? hit.limit : null;
}

/** Turns, tokens and cost of the agent and its judges. */
function sumUp(
  deps: Deps,
  model: string,
  trace: readonly TraceEvent[],
  results: readonly { judge?: { model: string; usage: TokenUsage } }[],
) {
  const turns = listTurnUsage(trace);
  const { input, output } = sumUsage(turns);
  const judged = results.flatMap(({ judge }) => (judge ? [judge] : []));
  const costs: (number | null)[] = [
    ...turns.map((usage) => getCost(deps, model, usage)),
    ...judged.map(({ model: judge, usage }) => getCost(deps, judge, usage)),
  ];
  return {
    turnCount: turns.length,
    inputTokens: input,
    outputTokens: output,
    judgeTokens: sumUsage(judged.map(({ usage }) => usage)).total,
    cost: costs.reduce((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0),
  };
}

/** Null for a model that is no longer configured. */
function getCost(deps: Deps, model: string, usage: TokenUsage): number | null {
  const known = deps.models.list().some(({ id, keySet }) => id === model && keySet);
  return known ? deps.models.resolve(model).cost(usage) : null;
}
