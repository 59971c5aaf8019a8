import { settle } from '../../../domain/incident/advance.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { closeIncidents } from '../../../infra/db/queries/incident.ts';
import { lockSubjects, nameOf, type SubjectKey, saveSubjects } from './subject.ts';

/** Closes incidents without a recovery; nobody is told. @returns the ids of those that were open. */
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
  // What was found before the locks may have closed since.
  const open = incidents.filter((incident) => subjects.get(nameOf(incident))?.state.open?.incidentId === incident.id);
  const ids = open.map(({ id }) => id);
  await closeIncidents(tx, { orgId, ids, at, reason, closedBy: by ?? null });
  await tx.incidentTelling.updateMany({ where: { orgId, incidentId: { in: ids } }, data: { dueAt: null } });
  const settled = open.flatMap((incident) => {
    const subject = subjects.get(nameOf(incident));
    return subject ? [{ ...subject, state: settle(subject.state, at.getTime()) }] : [];
  });
  await saveSubjects(tx, orgId, settled);
  return ids;
}
