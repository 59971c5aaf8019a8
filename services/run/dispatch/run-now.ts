import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { ArmatureError, isArmatureError, type Warning } from '../../../domain/error/error.ts';
import { isTerminal } from '../../../domain/run/run.ts';
import { minuteMs } from '../../../domain/values/time.ts';
import { fieldError } from '../../context/errors.ts';
import { type UseCaseContext, useCase } from '../../context/use-case.ts';
import { toRunStatus, toRunView } from '../reading/view.ts';
import {
  type DispatchedRun,
  dispatchRun,
  findRunnable,
  findRunsByKey,
  type KeyedRun,
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
    const { workflowId, modelId, idempotencyKey, baselineRunId, forceNewRun } = request;
    const { versionId, definition } = await findRunnable(context.db, { orgId: context.orgId, workflowId });
    const reason = normalizeReason(request.reason);
    const key = idempotencyKey ?? deriveKey({ workflowId, versionId, reason });
    const dispatch: Dispatch = {
      workflowId,
      key,
      reason,
      baselineRunId,
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
      runs: request.wait ? await waitForRuns(started, request, read) : started,
      idempotencyKey: key,
      reason,
      warnings,
    };
  },
});

/** Trimmed, lower case, single spaces: differences in writing don't make another reason. */
const normalizeReason = (reason: string): string => reason.trim().toLowerCase().replace(/\s+/g, ' ');

const deriveKey = ({ workflowId, versionId, reason }: { workflowId: string; versionId: string; reason: string }) =>
  `derived/${createHash('sha256')
    .update(JSON.stringify([workflowId, versionId, reason]))
    .digest('hex')}`;

type Dispatch = {
  workflowId: string;
  key: string;
  reason: string;
  baselineRunId: string | undefined;
  forceNewRun: boolean;
  modelId: string | undefined;
  testerModels: readonly string[];
};
type Dispatched = { runs: DispatchedRun[]; warnings: Warning[] };

/** Only a new run needs its model. @throws ArmatureError `model_unavailable`, `validation_failed` */
function requireModel({ models }: UseCaseContext, { modelId, testerModels }: Dispatch): void {
  if (modelId === undefined) return;
  const model = models.list().find(({ id }) => id === modelId);
  if (!model?.keySet)
    throw fieldError(
      'model_unavailable',
      'modelId',
      model ? `The provider of the model "${modelId}" has no key.` : `There is no model "${modelId}".`,
      'Read armature://catalog/models for the models that can be used.',
    );
  requireTesterModel(testerModels, modelId, 'modelId');
}

const toArguments = ({ workflowId, key, reason, modelId, baselineRunId }: Dispatch) => ({
  workflowId,
  idempotencyKey: key,
  reason,
  ...(modelId !== undefined && { model: modelId }),
  ...(baselineRunId !== undefined && { baselineRunId }),
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
  requireModel(context, dispatch);
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
    requireModel(context, dispatch);
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
