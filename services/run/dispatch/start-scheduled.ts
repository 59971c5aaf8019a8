import { z } from 'zod';
import { temporalNames } from '../../../domain/run/ids.ts';
import { catchUpMs, missedReason } from '../../../domain/schedule/catch-up.ts';
import { workflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { lockWorkflowToSchedule } from '../../../infra/db/queries/workflow.ts';
import { toRunId } from '../../context/ids.ts';
import { useCase } from '../../context/use-case.ts';

/** Seconds between the starts of several tester models at one fire time. */
export const gapSeconds = 5;

export type ScheduledStart = {
  runs: { runId: string; attributes: { [name: string]: string } }[];
  /** Prefix of a run's workflow id, before the run id. */
  idPrefix: string;
  gapSeconds: number;
};

/**
 * Creates the runs of one fire time: one for each tester model whose previous scheduled run has ended, and a skipped
 * run for the others. A fire time that no worker got to within the catch-up window is skipped. Idempotent. A workflow
 * that isn't active gets none: its Schedule is about to be removed.
 */
export const startScheduledRuns = useCase({
  name: 'run.schedule',
  access: 'system',
  input: z.object({
    workflowId: z.uuid(),
    at: z.iso.datetime().transform((text) => new Date(text)),
    /** Milliseconds from when Temporal started it until a worker took it. */
    waitedMs: z.number().default(0),
  }),
  async run({ orgId, write, config }, { workflowId, at, waitedMs }): Promise<ScheduledStart> {
    const isMissed = waitedMs > catchUpMs;
    const { due } = await write(
      (tx) => plan(tx, { orgId, workflowId, at, isMissed }),
      ({ created, skipped }) =>
        created.length + skipped.length > 0
          ? { subject: workflowId, data: { at: at.toISOString(), runs: created, skipped } }
          : null,
    );
    return {
      runs: due.map(({ id, serverId }) => ({
        runId: id,
        attributes: {
          ArmatureOrg: orgId,
          ArmatureWorkflow: workflowId,
          ArmatureServer: serverId,
          ArmatureStatus: 'pending',
        },
      })),
      idPrefix: temporalNames(config.installation).run(''),
      gapSeconds,
    };
  },
});

type Plan = { due: { id: string; serverId: string }[]; created: string[]; skipped: string[] };

async function plan(tx: Tx, of: { orgId: string; workflowId: string; at: Date; isMissed: boolean }): Promise<Plan> {
  const { orgId, workflowId, at, isMissed } = of;
  const workflow = await lockWorkflowToSchedule(tx, { orgId, workflowId });
  if (workflow?.state !== 'active') return { due: [], created: [], skipped: [] };

  const before = await tx.run.findMany({
    where: { orgId, workflowId, trigger: 'scheduled', scheduledAt: at },
    select: { id: true, model: true, serverId: true, status: true },
  });
  const skippedBefore = await tx.skippedRun.findMany({
    where: { orgId, workflowId, scheduledAt: at },
    select: { model: true },
  });
  const open = await tx.run.findMany({
    where: {
      orgId,
      workflowId,
      trigger: 'scheduled',
      status: { in: ['pending', 'running'] },
      NOT: { scheduledAt: at },
    },
    select: { id: true, model: true },
  });
  const version = await tx.workflowVersion.findFirstOrThrow({
    where: { orgId, id: workflow.activeVersionId },
    select: { definition: true },
  });
  const definition = workflowDefinition.parse(version.definition);

  const known = new Set([...before, ...skippedBefore].map(({ model }) => model));
  const fresh = definition.testerModels.filter((model) => !known.has(model));
  const busy = new Map(open.map(({ id, model }) => [model, id]));
  const rows = fresh
    .filter((model) => !isMissed && !busy.has(model))
    .map((model) => ({
      id: toRunId(workflowId, { trigger: 'scheduled', model, at }),
      orgId,
      workflowId,
      versionId: workflow.activeVersionId,
      serverId: definition.serverId,
      model,
      trigger: 'scheduled',
      scheduledAt: at,
      actorKind: 'system',
      actorId: 'schedule',
    }));
  const skips = fresh.filter((model) => isMissed || busy.has(model));
  await tx.run.createMany({ data: rows, skipDuplicates: true });
  await tx.skippedRun.createMany({
    data: skips.map((model) => ({
      orgId,
      workflowId,
      model,
      scheduledAt: at,
      reason: isMissed
        ? missedReason
        : `The previous scheduled run of this model (${busy.get(model)}) was still going.`,
    })),
    skipDuplicates: true,
  });
  const order = (model: string) => definition.testerModels.indexOf(model);
  const due = [...before.filter(({ status }) => status === 'pending'), ...rows];
  return {
    due: due.sort((a, b) => order(a.model) - order(b.model)),
    created: rows.map(({ id }) => id),
    skipped: skips,
  };
}
