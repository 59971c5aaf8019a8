import { z } from 'zod';
import type { IncidentCause } from '../../../domain/incident/incident.ts';
import { maxClockSkewMs } from '../../../domain/values/clock.ts';
import type { Db, Tx } from '../../../infra/db/index.ts';
import { findObservedRun, type ObservedRun } from '../../../infra/db/queries/incident.ts';
import { useCase } from '../../context/use-case.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { runNotFound } from '../../run/errors.ts';
import { notifyIn } from './notify.ts';
import { profileSubject } from './observe-profiles.ts';
import { recordObservationsIn } from './record.ts';
import { lockSubjects, saveSubjects, subjectId } from './subject.ts';
import { toCauseLine, toCauseLines } from './text.ts';

/**
 * Records a finished run in the incident of its workflow and model. Canceled runs don't count; manual runs only where a
 * rule includes them. When it passes and nothing is open this is one query. A second call changes nothing.
 * @returns the deliveries to start. @throws ArmatureError `run_not_found`
 */
export const observeRun = useCase({
  name: 'incident.observe_run',
  access: 'system',
  input: z.object({ runId: z.uuid() }),
  async run({ ctx, db, orgId }, { runId }): Promise<{ deliveries: DeliveryRef[] }> {
    const run = await findObservedRun(db, { orgId, runId });
    if (!run) throw runNotFound();
    const level = toLevel(run);
    if (level === null || (level === 'ok' && !run.isOpen)) return { deliveries: [] };
    const { workflowId, model, serverId, authProfileId } = run;
    const key = { kind: 'workflow' as const, key: `${workflowId}:${model}` };
    // The incident of the profile notifies for what only it makes fail.
    const profile = authProfileId === null ? null : profileSubject(authProfileId);
    const cause = level === 'ok' ? { outcome: 'pass', runId } : await findCause(db, orgId, runId, run);
    const deliveries = await db.$transaction(async (tx) => {
      const subjects = await lockSubjects(tx, orgId, profile ? [key, profile] : [key]);
      const subject = subjects.get(subjectId(key));
      const ofProfile = profile && subjects.get(subjectId(profile))?.state.open;
      // A pass with nothing open is not recorded on the subject, so a late failure is compared with the runs.
      if (level !== 'ok' && !subject?.state.open && (await isOvertaken(tx, { orgId, run, now: ctx.deps.now() })))
        return [];
      const observation = {
        at: run.at.getTime(),
        level,
        outcome: cause.outcome,
        ...(run.flagged && { flagged: true }),
        ...(run.trigger === 'manual' && { manual: true }),
      };
      const incidents = await recordObservationsIn(tx, {
        orgId,
        subjects,
        observations: [
          {
            ...key,
            observation,
            cause,
            serverId,
            workflowId,
            model,
            parentId: ofProfile?.level === 'bad' ? ofProfile.incidentId : null,
          },
        ],
        now: ctx.deps.now(),
      });
      const refs = await notifyIn(tx, ctx.deps, { orgId, subjects, incidents });
      await saveSubjects(tx, orgId, [...subjects.values()]);
      return refs;
    });
    return { deliveries };
  },
});

/** @returns null when the run is no observation */
function toLevel(run: ObservedRun): 'ok' | 'warn' | 'bad' | null {
  const { status, flagged, errorKind, trigger, workflowState, manualCounts } = run;
  if (status === 'pending' || status === 'running' || errorKind === 'canceled') return null;
  // The workflow was paused or deleted while the run was in progress, or people try it out meanwhile.
  if (workflowState !== 'active' || (trigger === 'manual' && !manualCounts)) return null;
  if (flagged || status === 'fail' || status === 'error') return 'bad';
  return status === 'partial' ? 'warn' : 'ok';
}

async function isOvertaken(
  db: Db | Tx,
  { orgId, run, now }: { orgId: string; run: ObservedRun; now: Date },
): Promise<boolean> {
  const { workflowId, model, at, manualCounts } = run;
  // Later times are a wrong clock's.
  const lte = new Date(now.getTime() + maxClockSkewMs);
  const later = await db.run.findFirst({
    where: {
      orgId,
      workflowId,
      model,
      createdAt: { gt: at, lte },
      ...(!manualCounts && { trigger: 'scheduled' }),
      status: { in: ['pass', 'partial', 'fail', 'error'] },
      AND: [
        { OR: [{ scheduledAt: null }, { scheduledAt: { gt: at, lte } }] },
        { OR: [{ errorKind: null }, { errorKind: { not: 'canceled' } }] },
      ],
    },
    select: { id: true },
  });
  return later !== null;
}

async function findCause(db: Db, orgId: string, runId: string, run: ObservedRun): Promise<IncidentCause> {
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
    ...(message && { message: toCauseLine(message) }),
    ...(missed.length > 0 && { failingCriteria: toCauseLines(missed.map(({ text }) => text)) }),
  };
}
