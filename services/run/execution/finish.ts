import { z } from 'zod';
import { endRun } from '../../../domain/run/ending.ts';
import type { RunStatus, TokenUsage } from '../../../domain/run/run.ts';
import { closeOpenCalls, findCallOutcomes, lockEndingRun } from '../../../infra/db/queries/run.ts';
import type { Models } from '../../../infra/models/index.ts';
import type { Context } from '../../context/context.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { loadModels } from '../../model/load.ts';
import { wakeWaitingRuns } from '../dispatch/wake.ts';
import { runNotFound } from '../errors.ts';
import { toCriterionResult, toRunStatus } from '../reading/view.ts';
import { loadEvents } from './transcript.ts';

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
  const models = await loadModels(deps, orgId);
  const ended = await deps.db.$transaction(async (tx) => {
    const run = await lockEndingRun(tx, { orgId, runId });
    if (!run) return null;
    const trace = await loadEvents(tx, { orgId, runId });
    const results = (await tx.criterionResult.findMany({ where: { orgId, runId }, orderBy: { position: 'asc' } })).map(
      toCriterionResult,
    );
    const calls = await findCallOutcomes(tx, { orgId, runId });
    const canceledBy = run.cancelRequestedBy;
    const isCanceled = end === 'canceled' || canceledBy !== null || trace.some(({ type }) => type === 'canceled');
    const { closing, error, ...ending } = endRun({
      model: run.model,
      criteriaCount: run.criteriaCount,
      events: trace,
      calls,
      results,
      overruled: isCanceled
        ? { kind: 'canceled', by: canceledBy ?? 'an operator in Temporal', message: toCancelMessage(canceledBy) }
        : end === 'abandoned'
          ? { kind: 'abandoned', message: message ?? abandonedMessage }
          : null,
      costOf: (model, usage) => getCost(models, model, usage),
    });
    if (calls.some(({ outcome, isSealed }) => outcome === 'started' || isSealed))
      await closeOpenCalls(tx, { orgId, runId });
    const now = deps.now();
    if (closing) {
      const seq = (trace.at(-1)?.seq ?? -1) + 1;
      const { type, ...data } = closing;
      await tx.traceEvent.create({ data: { orgId, runId, seq, at: now, type, data: toJson(data) } });
    }
    await tx.run.updateMany({
      where: { orgId, id: runId },
      data: {
        ...ending,
        errorKind: error?.kind ?? null,
        errorMessage: error?.message.slice(0, 4000) ?? null,
        finishedAt: now,
      },
    });
    return ending.status;
  });
  if (ended !== null) {
    if (deps.config.ceilings.concurrentRuns !== null) await wakeWaitingRuns(deps, orgId);
    return { status: ended };
  }
  const run = await deps.db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
  if (!run) throw runNotFound();
  return { status: toRunStatus(run) };
}

const abandonedMessage = "Armature could not execute this run. The worker's log says why.";
const toCancelMessage = (by: string | null): string =>
  by === null ? 'The run was canceled in Temporal.' : 'The run was canceled.';

/** Null for a model that is no longer configured. */
function getCost(models: Models, model: string, usage: TokenUsage): number | null {
  const known = models.list().some(({ id, keySet }) => id === model && keySet);
  return known ? models.resolve(model).cost(usage) : null;
}
