import { z } from 'zod';
import { ArmatureError, type Warning } from '../../../domain/error/error.ts';
import type { RunStatus } from '../../../domain/run/run.ts';
import { workflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { validationError } from '../../context/errors.ts';
import { toRunId } from '../../context/ids.ts';
import { type UseCaseContext, useCase } from '../../context/use-case.ts';
import { toRunStatus } from '../reading/view.ts';

const input = z.object({
  workflowId: z.uuid(),
  /** One of the workflow's tester models; all of them when left out. */
  model: z.string().min(1).max(200).optional(),
  idempotencyKey: z.string().min(1).max(200),
  reason: z.string().trim().max(500).optional(),
  /** Attempt number under the key, from 1. */
  attempt: z.int().min(1).max(1_000_000).default(1),
  baselineRunId: z.uuid().optional(),
  /** With `model`: the key says nothing of models, so that only runs of this one are the same dispatch. */
  perModel: z.boolean().default(false),
});
type Dispatch = z.output<typeof input>;

export type DispatchedRun = { runId: string; model: string; status: RunStatus; created: boolean };

/**
 * Runs a workflow now: one run for each tester model, or the one named. The same key and attempt again give the same runs, however
 * often and at once they come. A definition that can't run is dispatched all the same and ends in `error`. When Temporal is away
 * the runs are kept and start when it is back; `warnings` says so.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`, `run_not_found` (the baseline), `validation_failed` (the model),
 *   `idempotency_conflict`.
 */
export const dispatchRun = useCase({
  name: 'run.dispatch',
  access: 'editor',
  input,
  async run(frame, wanted): Promise<{ runs: DispatchedRun[]; warnings: Warning[] }> {
    const { write, temporal, config, orgId, log } = frame;
    const { runs, created } = await write((tx) => claim(tx, frame, wanted), auditOf);
    const warnings: Warning[] = [];
    try {
      // Also for runs that were there before: an earlier caller may have been cut off in between. A second start does nothing.
      await Promise.all(
        runs
          .filter(({ status }) => status === 'pending')
          .map(({ id, workflowId, serverId }) =>
            temporal.startRun({ runId: id, orgId, workflowId, serverId, heartbeatSeconds: config.heartbeatSeconds }),
          ),
      );
    } catch (error) {
      log.warn(
        { err: error, workflowId: wanted.workflowId },
        'Temporal did not take a dispatched run; reconcile will start it',
      );
      warnings.push({
        code: 'temporal_unavailable',
        message: 'Temporal can not be reached right now. The run is kept and starts by itself when it is back.',
      });
    }
    return {
      runs: runs.map((row) => ({
        runId: row.id,
        model: row.model,
        status: toRunStatus(row),
        created: created.has(row.id),
      })),
      warnings,
    };

    function auditOf(result: Claim) {
      if (result.created.size === 0) return null;
      return {
        subject: wanted.workflowId,
        data: {
          runs: [...result.created],
          idempotencyKey: wanted.idempotencyKey,
          attempt: wanted.attempt,
          ...(wanted.reason !== undefined && { reason: wanted.reason }),
        },
      };
    }
  },
});

type Row = { id: string; model: string; status: string; workflowId: string; serverId: string };
type Claim = { runs: Row[]; created: Set<string> };

/** The rows of this dispatch: those that are there, or new ones. */
async function claim(tx: Tx, { orgId, actor }: UseCaseContext, wanted: Dispatch): Promise<Claim> {
  const { workflowId, idempotencyKey, attempt } = wanted;
  const before = await earlier(tx, orgId, wanted);
  if (before.length) return { runs: before, created: new Set() };

  const workflow = await tx.workflow.findFirst({
    where: { orgId, id: workflowId },
    select: { state: true, activeVersionId: true },
  });
  if (!workflow) throw workflowNotFound(workflowId);
  if (workflow.state === 'archived')
    throw new ArmatureError(
      'workflow_archived',
      'This workflow is archived: it does not run any more.',
      'Make a new workflow, or dispatch another one.',
    );
  const version = await tx.workflowVersion.findFirstOrThrow({
    where: { orgId, id: workflow.activeVersionId },
    select: { definition: true },
  });
  const definition = workflowDefinition.parse(version.definition);
  if (wanted.baselineRunId !== undefined) await requireRun(tx, orgId, wanted.baselineRunId);

  const rows = modelsOf(definition.testerModels, wanted.model).map((model) => ({
    id: toRunId(workflowId, { trigger: 'manual', key: idempotencyKey, model, attempt }),
    orgId,
    workflowId,
    versionId: workflow.activeVersionId,
    serverId: definition.serverId,
    model,
    trigger: 'manual',
    reason: wanted.reason ?? null,
    idempotencyKey,
    attempt,
    baselineRunId: wanted.baselineRunId ?? null,
    actorKind: actor.kind,
    actorId: actor.id,
  }));
  const inserted = await tx.run.createManyAndReturn({ data: rows, skipDuplicates: true, select: { id: true } });
  // Fewer: the same dispatch came at the same time and has committed since, so its rows are seen now.
  const runs = await earlier(tx, orgId, wanted);
  return { runs, created: new Set(inserted.map(({ id }) => id)) };
}

async function earlier(tx: Tx, orgId: string, wanted: Dispatch): Promise<Row[]> {
  const { workflowId, idempotencyKey, attempt, model, perModel } = wanted;
  const rows = await tx.run.findMany({
    where: { orgId, workflowId, idempotencyKey, attempt, ...(perModel && model !== undefined && { model }) },
    select: {
      id: true,
      model: true,
      status: true,
      workflowId: true,
      serverId: true,
      reason: true,
      baselineRunId: true,
      version: { select: { definition: true } },
    },
  });
  const [first] = rows;
  if (!first) return [];
  // What was asked for then: every tester model of its version, or one.
  const all = workflowDefinition.parse(first.version.definition).testerModels;
  const asked = wanted.model === undefined ? all : [wanted.model];
  const sameModels = asked.length === rows.length && rows.every(({ model }) => asked.includes(model));
  const same =
    sameModels && first.reason === (wanted.reason ?? null) && first.baselineRunId === (wanted.baselineRunId ?? null);
  if (!same)
    throw new ArmatureError(
      'idempotency_conflict',
      `The key "${idempotencyKey}" was used for another dispatch of this workflow (another model, reason or baseline).`,
      'Use a new key, or send exactly what was sent with this one.',
      { runIds: rows.map(({ id }) => id) },
    );
  return rows.sort((a, b) => all.indexOf(a.model) - all.indexOf(b.model));
}

function modelsOf(testers: readonly string[], named: string | undefined): readonly string[] {
  if (named === undefined) return testers;
  if (testers.includes(named)) return [named];
  const message = `"${named}" is none of this workflow's tester models (${testers.join(', ')}).`;
  throw validationError([{ field: 'model', message }], 'Name one of them, or add the model to the workflow.');
}

async function requireRun(tx: Tx, orgId: string, runId: string): Promise<void> {
  if (await tx.run.findFirst({ where: { orgId, id: runId }, select: { id: true } })) return;
  throw new ArmatureError(
    'run_not_found',
    `There is no run ${runId} to compare with.`,
    'Name a run of this workspace.',
  );
}

const workflowNotFound = (workflowId: string): ArmatureError =>
  new ArmatureError(
    'workflow_not_found',
    `There is no workflow ${workflowId} in this workspace.`,
    'List the workflows to find the right id.',
  );
