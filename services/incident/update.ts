import type { Db, Tx } from '../../infra/db/index.ts';
import { newId } from '../context/ids.ts';
import type { UseCaseContext } from '../context/use-case.ts';
import { formatActor } from '../workflow/reading/view.ts';
import { incidentNotFound } from './errors.ts';
import { type IncidentView, incidentViews } from './view.ts';

/** What people did with an incident. */
export const updateKinds = ['acknowledged', 'unacknowledged', 'assigned', 'note'] as const;

/** @throws ArmatureError `incident_not_found` */
export async function requireIncident(tx: Tx, { orgId, incidentId }: IncidentRef): Promise<void> {
  if (!(await tx.incident.findFirst({ where: { orgId, id: incidentId }, select: { id: true } })))
    throw incidentNotFound();
}

type IncidentRef = { orgId: string; incidentId: string };

/** A row of IncidentUpdate by who acts, now. */
export const toUpdateRow = (
  { orgId, actor, now }: UseCaseContext,
  update: {
    incidentId: string;
    kind: (typeof updateKinds)[number];
    id?: string;
    text?: string;
    assigneeId?: string | null;
  },
) => ({ id: newId(), ...update, orgId, at: now(), createdBy: formatActor(actor) });

/** @throws ArmatureError `incident_not_found` */
export async function readIncidentView(db: Db, { orgId, incidentId }: IncidentRef): Promise<IncidentView> {
  const row = await db.incident.findFirst({ where: { orgId, id: incidentId }, omit: { cause: true } });
  const [incident] = row ? await incidentViews(db, orgId, [row]) : [];
  if (!incident) throw incidentNotFound();
  return incident;
}
