import { resetState } from '../../../domain/incident/advance.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { closeIncidents } from '../../../infra/db/queries/incident.ts';
import { lockSubjects, type SubjectKey, saveSubjects, subjectId } from './subject.ts';

/** Closes incidents without a recovery and without notifications. @returns the ids of those that were open. */
export async function closeIn(
  tx: Tx,
  of: {
    orgId: string;
    at: Date;
    incidents: readonly (SubjectKey & { id: string })[];
    reason: 'accepted' | 'gone';
    by?: string;
  },
): Promise<string[]> {
  const { orgId, at, incidents, reason, by } = of;
  if (incidents.length === 0) return [];
  const subjects = await lockSubjects(tx, orgId, incidents);
  // Some may have closed before the locks were taken.
  const open = incidents.filter(
    (incident) => subjects.get(subjectId(incident))?.state.open?.incidentId === incident.id,
  );
  const ids = open.map(({ id }) => id);
  await closeIncidents(tx, { orgId, ids, at, reason, closedBy: by ?? null });
  await tx.incidentTelling.updateMany({ where: { orgId, incidentId: { in: ids } }, data: { dueAt: null } });
  const resetSubjects = open.flatMap((incident) => {
    const subject = subjects.get(subjectId(incident));
    return subject ? [{ ...subject, state: resetState(subject.state, at.getTime()) }] : [];
  });
  await saveSubjects(tx, orgId, resetSubjects);
  return ids;
}
