import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ArmatureError, isArmatureError, type Warning } from '../../../domain/error/error.ts';
import { isTerminal, runErrorKinds, runStatuses } from '../../../domain/run/run.ts';
import { validationError } from '../../context/errors.ts';
import { type UseCaseContext, useCase } from '../../context/use-case.ts';
import { workflowArchived, workflowNotFound } from '../../workflow/errors.ts';
import { parseDefinition } from '../../workflow/view.ts';
import { toRunStatus, toRunView } from '../reading/view.ts';
import { type DispatchedRun, dispatchRun } from './dispatch.ts';

export const runWorkflowNowInput = z.object({
  workflowId: z.uuid(),
  reason: z.string().trim().min(1).max(500).describe('Why, in a few words. The same reason again finds the same run.'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Your own key: it returns its runs for good. Left out: one made of workflow, active version and reason.'),
  modelId: z.string().min(1).max(200).optional().describe("One of the workflow's tester models; left out: all."),
  baselineRunId: z.uuid().optional().describe('The run that this one is to be compared with.'),
  forceNewRun: z.boolean().default(false).describe('A new run although the last one with this key has ended.'),
  wait: z.boolean().default(false).describe('Answer when the runs have ended.'),
  waitSeconds: z.int().min(1).max(300).default(45),
});

const input = runWorkflowNowInput.extend({
  /** Aborted when nobody waits any more. */
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal).optional(),
  /** Told when runs end, and every few seconds, so that a client's own time limit starts again. */
  progress: z
    .custom<(done: number, total: number, message: string) => Promise<void>>((value) => typeof value === 'function')
    .optional(),
});
type Wanted = z.output<typeof input>;

const ranSchema = z.object({
  runId: z.uuid(),
  model: z.string(),
  status: z.enum(runStatuses),
  reused: z.boolean().describe('True for a run that was there before this call.'),
  attempt: z.int(),
  flagged: z.boolean(),
  error: z.object({ kind: z.enum(runErrorKinds), message: z.string() }).nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  durationMs: z.int().nullable(),
});

export const runWorkflowNowOutput = z.object({
  workflowId: z.uuid(),
  versionId: z.uuid().describe('The active version when this was asked.'),
  runs: z.array(ranSchema),
  idempotencyKey: z.string(),
  reason: z.string().describe('As it is compared: trimmed, lower case, single spaces.'),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), field: z.string().optional() })),
});

/** How long a finished run is the answer to a derived key. */
const derivedKeyMs = 10 * 60_000;

/**
 * Runs a workflow now, once for the same wish: while the latest run of the key goes on, it is the answer; after that an explicit key
 * gives its finished runs for good and a derived one for ten minutes; `forceNewRun` makes the next attempt.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`, `run_not_found` (the baseline), `model_unavailable`,
 *   `validation_failed` (a model that is none of the workflow's), `idempotency_conflict`, `run_wait_timeout` (with `runIds`).
 */
export const runWorkflowNow = useCase({
  name: 'run.run_now',
  access: 'editor',
  input,
  async run(frame, wanted): Promise<z.infer<typeof runWorkflowNowOutput>> {
    const { db, orgId } = frame;
    const { workflowId } = wanted;
    const workflow = await db.workflow.findFirst({
      where: { orgId, id: workflowId },
      select: { state: true, activeVersionId: true },
    });
    if (!workflow) throw workflowNotFound();
    if (workflow.state === 'archived') throw workflowArchived();
    const versionId = workflow.activeVersionId;
    const version = await db.workflowVersion.findFirstOrThrow({ where: { orgId, id: versionId } });
    const testers = parseDefinition(version).testerModels;
    const reason = normalizedReason(wanted.reason);
    const derivedKey = wanted.idempotencyKey === undefined;
    const key = wanted.idempotencyKey ?? keyOf({ workflowId, versionId, reason });
    const asked: Asked = { ...wanted, key, reason, testers, unknownModel: () => checkModel(frame, wanted, testers) };
    const { runs, warnings } = derivedKey ? await dispatchDerived(frame, asked) : await dispatchExplicit(frame, asked);
    const shown = await describe(frame, runs);
    const ran = wanted.wait ? await waitFor(frame, wanted, shown) : shown;
    return { workflowId, versionId, runs: ran, idempotencyKey: key, reason, warnings };
  },
});

/** Trimmed, lower case, white space collapsed: the same words are the same reason. */
export const normalizedReason = (reason: string): string => reason.trim().toLowerCase().replace(/\s+/g, ' ');

const keyOf = (of: { workflowId: string; versionId: string; reason: string }): string =>
  `derived/${createHash('sha256')
    .update(JSON.stringify([of.workflowId, of.versionId, of.reason]))
    .digest('hex')}`;

type Asked = Omit<Wanted, 'reason'> & {
  key: string;
  reason: string;
  testers: readonly string[];
  unknownModel(): void;
};
type Dispatched = { runs: DispatchedRun[]; warnings: Warning[] };

/** @throws ArmatureError `model_unavailable`, `validation_failed`. Only a new run needs its model. */
function checkModel({ models }: UseCaseContext, { modelId }: Wanted, testers: readonly string[]): void {
  if (modelId === undefined) return;
  const model = models.list().find(({ id }) => id === modelId);
  if (!model?.keySet)
    throw new ArmatureError(
      'model_unavailable',
      model ? `The provider of the model "${modelId}" has no key.` : `There is no model "${modelId}".`,
      'Read armature://catalog/models for the models that can be used.',
      { fieldErrors: [{ field: 'modelId', message: 'No such model, or its provider has no key.' }] },
    );
  if (testers.includes(modelId)) return;
  const message = `"${modelId}" is none of this workflow's tester models (${testers.join(', ')}).`;
  throw validationError([{ field: 'modelId', message }], 'Name one of them, or propose the model for the workflow.');
}

const argumentsOf = ({ workflowId, key, reason, modelId, baselineRunId }: Asked) => ({
  workflowId,
  idempotencyKey: key,
  reason,
  ...(modelId !== undefined && { model: modelId }),
  ...(baselineRunId !== undefined && { baselineRunId }),
});

/** The key stands for one dispatch: other arguments under it are a conflict, which `dispatchRun` finds. */
async function dispatchExplicit(frame: UseCaseContext, asked: Asked): Promise<Dispatched> {
  const rows = await earlier(frame, asked);
  const latest = rows[0]?.attempt;
  if (latest === undefined) {
    asked.unknownModel();
    return dispatchRun(frame.ctx, { ...argumentsOf(asked), attempt: 1 });
  }
  const found = await dispatchRun(frame.ctx, { ...argumentsOf(asked), attempt: latest });
  if (!asked.forceNewRun || found.runs.some(({ status }) => !isTerminal(status))) return found;
  asked.unknownModel();
  return dispatchRun(frame.ctx, { ...argumentsOf(asked), attempt: latest + 1 });
}

/** Rounds in which others may come in between. */
const mostRounds = 20;

/**
 * A derived key says nothing of models or baseline, so each model is looked at on its own: its latest run is reused, or the attempt
 * after it dispatched. Two who find the same latest run dispatch the same run id, which makes one run.
 */
async function dispatchDerived(frame: UseCaseContext, asked: Asked): Promise<Dispatched> {
  const models = asked.modelId === undefined ? asked.testers : [asked.modelId];
  const runs: DispatchedRun[] = [];
  const warnings = new Map<string, Warning>();
  for (const model of models) {
    const found = await dispatchModel(frame, asked, model);
    runs.push(...found.runs);
    for (const warning of found.warnings) warnings.set(warning.code, warning);
  }
  return { runs, warnings: [...warnings.values()] };
}

async function dispatchModel(frame: UseCaseContext, asked: Asked, model: string): Promise<Dispatched> {
  for (let round = 0; round < mostRounds; round++) {
    const row = (await earlier(frame, asked)).find((each) => each.model === model);
    if (row && isReusable(frame, row, asked.forceNewRun))
      return { runs: [{ runId: row.id, model, status: toRunStatus(row), created: false }], warnings: [] };
    asked.unknownModel();
    try {
      return await dispatchRun(frame.ctx, {
        ...argumentsOf({ ...asked, modelId: model }),
        attempt: (row?.attempt ?? 0) + 1,
        perModel: true,
      });
    } catch (error) {
      // Another one has dispatched the same attempt meanwhile, with another baseline: its run is the one to look at.
      if (!isArmatureError(error) || error.code !== 'idempotency_conflict') throw error;
    }
  }
  throw new ArmatureError(
    'conflict',
    'The same workflow is being started for the same reason by many others.',
    'Try again, or give an idempotencyKey of your own.',
  );
}

type Earlier = { id: string; model: string; status: string; attempt: number; finishedAt: Date | null };

/** Runs of the key, the latest attempt first. */
function earlier({ db, orgId }: UseCaseContext, { workflowId, key }: Asked): Promise<Earlier[]> {
  return db.run.findMany({
    where: { orgId, workflowId, idempotencyKey: key },
    select: { id: true, model: true, status: true, attempt: true, finishedAt: true },
    orderBy: { attempt: 'desc' },
    take: 100,
  });
}

function isReusable({ now }: UseCaseContext, row: Earlier, forceNewRun: boolean): boolean {
  if (!isTerminal(toRunStatus(row))) return true;
  return !forceNewRun && row.finishedAt !== null && now().getTime() - row.finishedAt.getTime() < derivedKeyMs;
}

type Ran = z.infer<typeof ranSchema>;

/** The runs as they stand now. */
async function describe(
  { db, orgId }: UseCaseContext,
  of: readonly { runId: string; created: boolean }[],
): Promise<Ran[]> {
  const rows = await db.run.findMany({ where: { orgId, id: { in: of.map(({ runId }) => runId) } } });
  const views = new Map(rows.map((row) => [row.id, toRunView(row)]));
  return of.flatMap(({ runId, created }) => {
    const view = views.get(runId);
    if (!view) return [];
    const { model, status, attempt, flagged, error, createdAt, finishedAt, durationMs } = view;
    return [{ runId, model, status, reused: !created, attempt, flagged, error, createdAt, finishedAt, durationMs }];
  });
}

const lookEveryMs = 300;
const tellEveryMs = 5_000;

/** @throws ArmatureError `run_wait_timeout` when the time is over; the runs go on. */
async function waitFor(frame: UseCaseContext, wanted: Wanted, started: readonly Ran[]): Promise<Ran[]> {
  const { waitSeconds, signal, progress } = wanted;
  const of = started.map(({ runId, reused }) => ({ runId, created: !reused }));
  const until = performance.now() + waitSeconds * 1000;
  let told = { done: -1, at: 0 };
  for (let runs = [...started]; ; runs = await describe(frame, of)) {
    const done = runs.filter(({ status }) => isTerminal(status)).length;
    const at = performance.now();
    if (progress && (done !== told.done || at - told.at >= tellEveryMs)) {
      told = { done, at };
      await progress(done, runs.length, `${done} of ${runs.length} runs have ended.`);
    }
    // With nobody left to answer, what there is so far will do.
    if (done === runs.length || signal?.aborted) return runs;
    if (at >= until) {
      const runIds = runs.map(({ runId }) => runId);
      throw new ArmatureError(
        'run_wait_timeout',
        `After ${waitSeconds} s ${runs.length - done} of ${runs.length} runs have not ended: ${runIds.join(', ')}.`,
        'They go on: look at them with inspect_run, or call this again with wait to go on waiting.',
        { runIds, runId: runIds[0], runs: runs.map(({ runId, model, status }) => ({ runId, model, status })) },
      );
    }
    await sleep(Math.min(lookEveryMs, Math.max(1, until - at)));
  }
}
