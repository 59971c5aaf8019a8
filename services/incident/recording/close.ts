import { resetState } from '../../../domain/incident/advance.ts';
import type { EndReason } from '../../../domain/incident/incident.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { closeIncidents } from '../../../infra/db/queries/incident.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { notifyIn } from './notify.ts';
import { toIncident } from './record.ts';
import { lockSubjects, type SubjectKey, saveSubjects, subjectId } from './subject.ts';

/**
 * Closes incidents without a recovery, and notifies those who were notified of them.
 * @returns the ids of those that were open, and the deliveries to start after the commit
 */
export async function closeIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: { orgId: string; incidents: readonly (SubjectKey & { id: string })[]; reason: EndReason; by?: string },
): Promise<{ closed: string[]; deliveries: DeliveryRef[] }> {
  const { orgId, incidents, reason, by } = of;
  if (incidents.length === 0) return { closed: [], deliveries: [] };
  const at = deps.now();
  const subjects = await lockSubjects(tx, orgId, incidents);
  // Some may have closed before the locks were taken.
  const open = incidents.filter(
    (incident) => subjects.get(subjectId(incident))?.state.open?.incidentId === incident.id,
  );
  const closed = open.map(({ id }) => id);
  await closeIncidents(tx, { orgId, ids: closed, at, reason, closedBy: by ?? null });
  await tx.incidentTelling.updateMany({ where: { orgId, incidentId: { in: closed } }, data: { dueAt: null } });
  for (const incident of open) {
    const subject = subjects.get(subjectId(incident));
    if (subject) subject.state = resetState(subject.state, at.getTime());
  }
  const rows = await tx.incident.findMany({ where: { orgId, id: { in: closed } } });
  const deliveries = await notifyIn(tx, deps, {
    orgId,
    subjects,
    incidents: rows.map((row) => toIncident(row)),
  });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return { closed, deliveries };
}
