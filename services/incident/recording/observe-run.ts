import { z } from 'zod';
import type { IncidentCause } from '../../../domain/incident/incident.ts';
import type { Db, Tx } from '../../../infra/db/index.ts';
import { findObservedRun, type ObservedRun } from '../../../infra/db/queries/incident.ts';
import { useCase } from '../../context/use-case.ts';
import type { DeliveryRef } from '../../delivery/ref.ts';
import { runNotFound } from '../../run/reading/view.ts';
import { tellIn } from './notify.ts';
import { takeIn } from './record.ts';
import { lockSubjects, saveSubjects } from './subject.ts';
import { kept, keptLines } from './text.ts';

/**
 * Takes a run that ended to the incident of its workflow with its model. A canceled run says nothing; one that somebody asked for counts
 * only where a rule includes those. Passing with nothing open costs one query. A second call changes nothing. @returns the deliveries to
 * start. @throws ArmatureError `run_not_found`
 */
export const observeRun = useCase({
  name: 'incident.observe_run',
  access: 'system',
  input: z.object({ runId: z.uuid() }),
  async run({ ctx, db, orgId }, { runId }): Promise<{ deliveries: DeliveryRef[] }> {
    const run = await findObservedRun(db, { orgId, runId });
    if (!run) throw runNotFound(runId);
    const level = levelOf(run);
    if (level === null || (level === 'ok' && !run.isOpen)) return { deliveries: [] };
    const { workflowId, model, serverId } = run;
    const key = { kind: 'workflow' as const, key: `${workflowId}:${model}` };
    const cause = level === 'ok' ? { outcome: 'pass', runId } : await causeOf(db, orgId, runId, run);
    const deliveries = await db.$transaction(async (tx) => {
      const subjects = await lockSubjects(tx, orgId, [key]);
      const [subject] = subjects.values();
      // What passes while nothing is open leaves no trace on the subject: a failure that comes late is held against the runs.
      if (level !== 'ok' && !subject?.state.open && (await isOvertaken(tx, orgId, run))) return [];
      const observation = {
        at: run.at.getTime(),
        level,
        outcome: cause.outcome,
        ...(run.flagged && { flagged: true }),
        ...(run.trigger === 'manual' && { manual: true }),
      };
      const incidents = await takeIn(tx, {
        orgId,
        subjects,
        seen: [{ ...key, observation, cause, serverId, workflowId, model }],
      });
      const made = await tellIn(tx, ctx.deps, { orgId, subjects, incidents });
      await saveSubjects(tx, orgId, [...subjects.values()]);
      return made;
    });
    return { deliveries };
  },
});

/** Null: no observation. */
function levelOf(run: ObservedRun): 'ok' | 'warn' | 'bad' | null {
  const { status, flagged, errorKind, trigger, workflowState, manualCounts } = run;
  if (status === 'pending' || status === 'running' || errorKind === 'canceled') return null;
  // What was under way when its workflow was paused or deleted, and what people try out meanwhile.
  if (workflowState !== 'active' || (trigger === 'manual' && !manualCounts)) return null;
  if (flagged || status === 'fail' || status === 'error') return 'bad';
  return status === 'partial' ? 'warn' : 'ok';
}

async function isOvertaken(
  db: Db | Tx,
  orgId: string,
  { workflowId, model, at, manualCounts }: ObservedRun,
): Promise<boolean> {
  const later = await db.run.findFirst({
    where: {
      orgId,
      workflowId,
      model,
      createdAt: { gt: at },
      ...(!manualCounts && { trigger: 'scheduled' }),
      status: { in: ['pass', 'partial', 'fail', 'error'] },
      AND: [
        { OR: [{ scheduledAt: null }, { scheduledAt: { gt: at } }] },
        { OR: [{ errorKind: null }, { errorKind: { not: 'canceled' } }] },
      ],
    },
    select: { id: true },
  });
  return later !== null;
}

async function causeOf(db: Db, orgId: string, runId: string, run: ObservedRun): Promise<IncidentCause> {
  const { status, flagged, errorKind, errorMessage, trigger } = run;
  const outcome = status === 'pass' && flagged ? 'flagged' : status;
  const missed = await db.criterionResult.findMany({
    where: { orgId, runId, isRequired: true, verdict: status === 'partial' ? 'partial' : 'fail' },
    orderBy: { position: 'asc' },
    select: { text: true },
  });
  const blocked = flagged
    ? await db.toolCall.findFirst({ where: { orgId, runId, outcome: 'blocked' }, orderBy: { index: 'asc' } })
    : null;
  const message = errorMessage ?? (blocked ? `it called ${blocked.tool}, which is blocked.` : null);
  return {
    outcome,
    runId,
    trigger: trigger === 'manual' ? 'manual' : 'scheduled',
    ...(errorKind && { errorKind }),
    ...(message && { message: kept(message) }),
    ...(missed.length > 0 && { failingCriteria: keptLines(missed.map(({ text }) => text)) }),
  };
}
