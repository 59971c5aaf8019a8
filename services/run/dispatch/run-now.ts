import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { ArmatureError, isArmatureError, type Warning } from '../../../domain/error/error.ts';
import type { RunMetadata } from '../../../domain/run/metadata.ts';
import { isTerminal } from '../../../domain/run/run.ts';
import { cutMiddle } from '../../../domain/values/cut.ts';
import { minuteMs } from '../../../domain/values/time.ts';
import { fieldError, validationError } from '../../context/errors.ts';
import { type UseCaseContext, useCase } from '../../context/use-case.ts';
import { loadModels } from '../../model/load.ts';
import { toCriterionResult, toRunStatus, toRunView } from '../reading/view.ts';
import {
  type DispatchedRun,
  dispatchRun,
  findRunnable,
  findRunsByKey,
  type KeyedRun,
  requireBaseline,
  requireTesterModel,
} from './dispatch.ts';
import { runWorkflowNowInput, type runWorkflowNowOutput, type StartedRun } from './schema.ts';
import { waitForRuns, waitOptions } from './wait.ts';

const input = runWorkflowNowInput.extend(waitOptions.shape);

/** How long a derived key returns its finished run. */
const derivedKeyMs = 10 * minuteMs;

/**
 * Runs a workflow now, once for the same key: the latest run of the key is returned while it goes on. After that an
 * explicit key returns its finished runs for good and a derived key for ten minutes. `forceNewRun` starts the next
 * attempt.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`, `run_not_found` (the baseline), `model_unavailable`,
 *   `validation_failed` (not a model of the workflow), `idempotency_conflict`, `run_wait_timeout` (with `runIds`)
 */
export const runWorkflowNow = useCase({
  name: 'run.run_now',
  access: 'editor',
  input,
  async run(context, request): Promise<z.infer<typeof runWorkflowNowOutput>> {
    const { workflowId, modelId, idempotencyKey, baselineRunId, metadata, forceNewRun } = request;
    const { versionId, definition } = await findRunnable(context.db, { orgId: context.orgId, workflowId });
    if (baselineRunId !== undefined)
      await requireBaseline(context.db, { orgId: context.orgId, workflowId, runId: baselineRunId });
    const reason = request.reason === undefined ? null : normalizeReason(request.reason);
    const key = idempotencyKey ?? deriveKey({ workflowId, versionId, reason: requireReason(reason), metadata });
    const dispatch: Dispatch = {
      workflowId,
      key,
      reason,
      baselineRunId,
      metadata,
      forceNewRun,
      modelId,
      testerModels: definition.testerModels,
    };
    const { runs, warnings } = await (idempotencyKey === undefined
      ? dispatchByModel(context, dispatch)
      : dispatchByKey(context, dispatch));
    const read = () => readRuns(context, runs);
    const started = await read();
    return {
      workflowId,
      versionId,
      runs: await withVerdicts(context, request.wait ? await waitForRuns(started, request, read) : started),
      idempotencyKey: key,
      reason,
      warnings,
    };
  },
});

/** Trimmed, lower case, single spaces: differences in writing don't make another reason. */
const normalizeReason = (reason: string): string => reason.trim().toLowerCase().replace(/\s+/g, ' ');

function requireReason(reason: string | null): string {
  if (reason !== null) return reason;
  throw validationError([{ field: 'reason', message: 'Say why in a few words, or give an idempotencyKey.' }]);
}

type DerivedFrom = { workflowId: string; versionId: string; reason: string; metadata: RunMetadata | undefined };

/** Runs for another commit are other runs. */
const deriveKey = ({ workflowId, versionId, reason, metadata }: DerivedFrom) =>
  `derived/${createHash('sha256')
    .update(
      JSON.stringify([
        workflowId,
        versionId,
        reason,
        ...(metadata ? [metadata.commit, metadata.branch, metadata.url] : []),
      ]),
    )
    .digest('hex')}`;

type Dispatch = {
  workflowId: string;
  key: string;
  reason: string | null;
  baselineRunId: string | undefined;
  metadata: RunMetadata | undefined;
  forceNewRun: boolean;
  modelId: string | undefined;
  testerModels: readonly string[];
};
type Dispatched = { runs: DispatchedRun[]; warnings: Warning[] };

/** Only a new run needs its model. @throws ArmatureError `model_unavailable`, `validation_failed` */
async function requireModel({ ctx, orgId }: UseCaseContext, { modelId, testerModels }: Dispatch): Promise<void> {
  if (modelId === undefined) return;
  const models = await loadModels(ctx.deps, orgId);
  const model = models.list().find(({ id }) => id === modelId);
  if (!model?.keySet)
    throw fieldError(
      'model_unavailable',
      'modelId',
      model ? `The provider of the model "${modelId}" has no key.` : `There is no model "${modelId}".`,
      'Choose a model whose provider has a key.',
    );
  requireTesterModel(testerModels, modelId, 'modelId');
}

const toArguments = ({ workflowId, key, reason, modelId, baselineRunId, metadata }: Dispatch) => ({
  workflowId,
  idempotencyKey: key,
  ...(reason !== null && { reason }),
  ...(modelId !== undefined && { model: modelId }),
  ...(baselineRunId !== undefined && { baselineRunId }),
  ...(metadata !== undefined && { metadata }),
});

const findRuns = ({ db, orgId }: UseCaseContext, { workflowId, key }: Dispatch): Promise<KeyedRun[]> =>
  findRunsByKey(db, { orgId, workflowId, idempotencyKey: key });

/** An explicit key stands for one dispatch. `dispatchRun` refuses other arguments under it. */
async function dispatchByKey(context: UseCaseContext, dispatch: Dispatch): Promise<Dispatched> {
  const [latest] = await findRuns(context, dispatch);
  if (latest) {
    const existing = await dispatchRun(context.ctx, { ...toArguments(dispatch), attempt: latest.attempt });
    if (!dispatch.forceNewRun || existing.runs.some(({ status }) => !isTerminal(status))) return existing;
  }
  await requireModel(context, dispatch);
  return dispatchRun(context.ctx, { ...toArguments(dispatch), attempt: (latest?.attempt ?? 0) + 1 });
}

/** Tries of a dispatch that concurrent calls get ahead of. */
const maxTries = 20;

/** A derived key is shared by all models and baselines, so each model is dispatched on its own. */
async function dispatchByModel(context: UseCaseContext, dispatch: Dispatch): Promise<Dispatched> {
  const models = dispatch.modelId === undefined ? dispatch.testerModels : [dispatch.modelId];
  const runs: DispatchedRun[] = [];
  const warnings = new Map<string, Warning>();
  for (const model of models) {
    const dispatched = await dispatchModel(context, dispatch, model);
    runs.push(...dispatched.runs);
    for (const warning of dispatched.warnings) warnings.set(warning.code, warning);
  }
  return { runs, warnings: [...warnings.values()] };
}

/**
 * Returns the latest run of the model, or dispatches the next attempt. Concurrent calls derive the same run id, so one
 * run.
 */
async function dispatchModel(context: UseCaseContext, dispatch: Dispatch, model: string): Promise<Dispatched> {
  for (let tries = 0; tries < maxTries; tries++) {
    const latest = (await findRuns(context, dispatch)).find((run) => run.model === model);
    if (latest && isReusable(context, latest, dispatch.forceNewRun))
      return { runs: [{ runId: latest.id, model, status: toRunStatus(latest), created: false }], warnings: [] };
    await requireModel(context, dispatch);
    try {
      return await dispatchRun(context.ctx, {
        ...toArguments({ ...dispatch, modelId: model }),
        attempt: (latest?.attempt ?? 0) + 1,
        perModel: true,
      });
    } catch (error) {
      // A concurrent call dispatched the same attempt with another baseline: look at its run.
      if (!isArmatureError(error) || error.code !== 'idempotency_conflict') throw error;
    }
  }
  throw new ArmatureError(
    'conflict',
    'Too many concurrent calls run this workflow for the same reason.',
    'Try again, or give an idempotencyKey of your own.',
  );
}

function isReusable({ now }: UseCaseContext, run: KeyedRun, forceNewRun: boolean): boolean {
  if (!isTerminal(toRunStatus(run))) return true;
  return !forceNewRun && run.finishedAt !== null && now().getTime() - run.finishedAt.getTime() < derivedKeyMs;
}

const maxTextLength = 600;
const maxRationaleLength = 1500;

/** The runs, finished ones with how each criterion was graded. */
async function withVerdicts({ db, orgId }: UseCaseContext, runs: readonly StartedRun[]): Promise<StartedRun[]> {
  const ended = runs.filter(({ status }) => isTerminal(status)).map(({ runId }) => runId);
  const rows = await db.criterionResult.findMany({
    where: { orgId, runId: { in: ended } },
    orderBy: { position: 'asc' },
    omit: { judge: true },
  });
  const byRun = Map.groupBy(rows, ({ runId }) => runId);
  return runs.map((run) =>
    ended.includes(run.runId)
      ? {
          ...run,
          criteria: (byRun.get(run.runId) ?? []).map((row) => {
            const { gradedBy: _, ...result } = toCriterionResult({ ...row, judge: null });
            return {
              ...result,
              text: cutMiddle(result.text, maxTextLength).text,
              rationale: cutMiddle(result.rationale, maxRationaleLength).text,
            };
          }),
        }
      : run,
  );
}

/** The dispatched runs as they are now. */
async function readRuns({ db, orgId }: UseCaseContext, dispatched: readonly DispatchedRun[]): Promise<StartedRun[]> {
  const rows = await db.run.findMany({ where: { orgId, id: { in: dispatched.map(({ runId }) => runId) } } });
  const views = new Map(rows.map((row) => [row.id, toRunView(row)]));
  return dispatched.flatMap(({ runId, created }) => {
    const view = views.get(runId);
    if (!view) return [];
    const { model, status, attempt, flagged, error, createdAt, finishedAt, durationMs } = view;
    return [{ runId, reused: !created, model, status, attempt, flagged, error, createdAt, finishedAt, durationMs }];
  });
}
