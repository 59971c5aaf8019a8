import { z } from 'zod';
import { ArmatureError, type Warning } from '../../../domain/error/error.ts';
import { sameJson } from '../../../domain/json/json.ts';
import { runMetadata } from '../../../domain/run/metadata.ts';
import type { RunStatus } from '../../../domain/run/run.ts';
import { hasNoOwnKey, ownKeyProblem } from '../../../domain/secret/own-key.ts';
import { givenId } from '../../../domain/values/id.ts';
import type { Db, Tx } from '../../../infra/db/index.ts';
import { validationError } from '../../context/errors.ts';
import { toRunId } from '../../context/ids.ts';
import { type UseCaseContext, useCase } from '../../context/use-case.ts';
import { workflowArchived, workflowNotFound } from '../../workflow/errors.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { runNotFound } from '../errors.ts';
import { toRunStatus } from '../reading/view.ts';

const input = z.object({
  workflowId: givenId,
  /** One of the workflow's tester models. Absent: all of them. */
  model: z.string().min(1).max(200).optional(),
  idempotencyKey: z.string().min(1).max(200),
  reason: z.string().trim().max(500).refine(hasNoOwnKey, ownKeyProblem).optional(),
  /** Attempt number under the key, from 1. */
  attempt: z.int().min(1).max(1_000_000).default(1),
  baselineRunId: givenId.optional(),
  metadata: runMetadata.optional(),
  /** With `model`: the key is shared by all models, so only runs of this one belong to the same dispatch. */
  perModel: z.boolean().default(false),
});
type Dispatch = z.output<typeof input>;

export type DispatchedRun = { runId: string; model: string; status: RunStatus; created: boolean };

/**
 * Runs a workflow now: one run for each tester model, or for the named one. The same key and attempt return the same
 * runs, however often and concurrently they are sent. A definition that can't run is dispatched too and ends in
 * `error`. While Temporal is unreachable the runs are kept and start when it is back; `warnings` says so.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`, `run_not_found` (the baseline), `validation_failed`
 *   (the model),
 *   `idempotency_conflict`
 */
export const dispatchRun = useCase({
  name: 'run.dispatch',
  access: 'editor',
  input,
  async run(context, dispatch): Promise<{ runs: DispatchedRun[]; warnings: Warning[] }> {
    const { workflowId, idempotencyKey, attempt, reason } = dispatch;
    const { runs, created } = await context.write(
      (tx) => claimRuns(tx, context, dispatch),
      ({ created }) =>
        created.size === 0
          ? null
          : {
              subject: workflowId,
              data: { runs: [...created], idempotencyKey, attempt, ...(reason !== undefined && { reason }) },
            },
    );
    const warnings = await startPending(context, runs);
    return {
      runs: runs.map((row) => ({
        runId: row.id,
        model: row.model,
        status: toRunStatus(row),
        created: created.has(row.id),
      })),
      warnings,
    };
  },
});

/**
 * Starts the Temporal workflows. Existing runs too: an earlier call may have been cut off. A second start does nothing.
 */
async function startPending(
  { temporal, config, orgId, log }: UseCaseContext,
  runs: readonly KeyedRun[],
): Promise<Warning[]> {
  const { heartbeatSeconds } = config;
  try {
    await Promise.all(
      runs
        .filter(({ status }) => status === 'pending')
        .map(({ id, workflowId, serverId }) =>
          temporal.startRun({ runId: id, orgId, workflowId, serverId, trigger: 'manual', heartbeatSeconds }),
        ),
    );
    return [];
  } catch (error) {
    log.warn({ err: error, runs: runs.map(({ id }) => id) }, 'dispatched runs were not started; reconcile starts them');
    const message = 'Temporal is unreachable. The run is kept and starts by itself when it is back.';
    return [{ code: 'temporal_unavailable', message }];
  }
}

/**
 * A workflow that can be run, with its active version.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`
 */
export async function findRunnable(db: Db | Tx, { orgId, workflowId }: { orgId: string; workflowId: string }) {
  const workflow = await db.workflow.findFirst({
    where: { orgId, id: workflowId },
    select: { state: true, activeVersionId: true },
  });
  if (!workflow) throw workflowNotFound();
  if (workflow.state === 'archived') throw workflowArchived();
  const version = await db.workflowVersion.findFirstOrThrow({ where: { orgId, id: workflow.activeVersionId } });
  return { versionId: version.id, definition: parseDefinition(version) };
}

/** @param field the argument that names the model. @throws ArmatureError `validation_failed` */
export function requireTesterModel(testerModels: readonly string[], model: string, field: string): void {
  if (testerModels.includes(model)) return;
  const message = `"${model}" is not a tester model of this workflow. It has: ${testerModels.join(', ')}.`;
  throw validationError([{ field, message }], 'Name one of them, or add the model to the workflow.');
}

/** The runs of this dispatch: existing ones, or new ones. */
async function claimRuns(
  tx: Tx,
  { orgId, actor }: UseCaseContext,
  dispatch: Dispatch,
): Promise<{ runs: KeyedRun[]; created: Set<string> }> {
  const { workflowId, idempotencyKey, attempt, model, baselineRunId, metadata } = dispatch;
  const existing = await findDispatched(tx, orgId, dispatch);
  if (existing.length > 0) return { runs: existing, created: new Set() };

  const { versionId, definition } = await findRunnable(tx, { orgId, workflowId });
  if (baselineRunId !== undefined) await requireBaseline(tx, { orgId, workflowId, runId: baselineRunId });
  if (model !== undefined) requireTesterModel(definition.testerModels, model, 'model');
  const models = model === undefined ? definition.testerModels : [model];
  const inserted = await tx.run.createManyAndReturn({
    data: models.map((model) => ({
      id: toRunId(workflowId, { trigger: 'manual', key: idempotencyKey, model, attempt }),
      orgId,
      workflowId,
      versionId,
      serverId: definition.serverId,
      model,
      trigger: 'manual',
      reason: dispatch.reason ?? null,
      idempotencyKey,
      attempt,
      baselineRunId: baselineRunId ?? null,
      ...(metadata && { metadata }),
      actorKind: actor.kind,
      actorId: actor.id,
    })),
    skipDuplicates: true,
    select: { id: true },
  });
  // Fewer were inserted when a concurrent call committed the same dispatch. Its rows are visible now.
  const runs = await findDispatched(tx, orgId, dispatch);
  return { runs, created: new Set(inserted.map(({ id }) => id)) };
}

/**
 * The runs of the same dispatch, in the order of the tester models.
 * @throws ArmatureError `idempotency_conflict` when the key was used with another model, reason, baseline or metadata
 */
async function findDispatched(tx: Tx, orgId: string, dispatch: Dispatch): Promise<KeyedRun[]> {
  const { workflowId, idempotencyKey, attempt, model, perModel, reason = null, baselineRunId = null } = dispatch;
  const runs = await findRunsByKey(tx, {
    orgId,
    workflowId,
    idempotencyKey,
    attempt,
    ...(perModel && model !== undefined && { model }),
  });
  const [first] = runs;
  if (!first) return [];
  const version = await tx.workflowVersion.findFirstOrThrow({ where: { orgId, id: first.versionId } });
  const { testerModels } = parseDefinition(version);
  const models = model === undefined ? testerModels : [model];
  const isSame =
    models.length === runs.length &&
    runs.every((run) => models.includes(run.model)) &&
    first.reason === reason &&
    first.baselineRunId === baselineRunId &&
    sameJson(first.metadata, dispatch.metadata ?? null);
  if (!isSame)
    throw new ArmatureError(
      'idempotency_conflict',
      `The key "${idempotencyKey}" was used for another dispatch of this workflow (another model, reason, baseline or metadata).`,
      'Use a new key, or send exactly what was sent with this one.',
      { runIds: runs.map(({ id }) => id) },
    );
  return runs.sort((a, b) => testerModels.indexOf(a.model) - testerModels.indexOf(b.model));
}

export type KeyedRun = Awaited<ReturnType<typeof findRunsByKey>>[number];

/** Runs of a workflow under an idempotency key, the latest attempt first. */
export const findRunsByKey = (
  db: Db | Tx,
  key: { orgId: string; workflowId: string; idempotencyKey: string; attempt?: number; model?: string },
) =>
  db.run.findMany({
    where: key,
    select: {
      id: true,
      model: true,
      status: true,
      attempt: true,
      workflowId: true,
      serverId: true,
      versionId: true,
      reason: true,
      baselineRunId: true,
      metadata: true,
      finishedAt: true,
    },
    orderBy: { attempt: 'desc' },
    take: 100,
  });

/** @throws ArmatureError `run_not_found`, `validation_failed` for a run of another workflow */
export async function requireBaseline(
  db: Db | Tx,
  { orgId, workflowId, runId }: { orgId: string; workflowId: string; runId: string },
): Promise<void> {
  const run = await db.run.findFirst({ where: { orgId, id: runId }, select: { workflowId: true } });
  if (!run) throw runNotFound('baselineRunId');
  if (run.workflowId === workflowId) return;
  const message = 'This run is of another workflow, so the new run could not be compared with it.';
  throw validationError([{ field: 'baselineRunId', message }], 'Name a run of the same workflow, or leave it out.');
}
