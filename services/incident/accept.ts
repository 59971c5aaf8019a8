import { z } from 'zod';
import { subjectKinds } from '../../domain/incident/incident.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { startDeliveries } from '../delivery/start.ts';
import { incidentNotFound } from './errors.ts';
import { closeIn } from './recording/close.ts';
import type { IncidentView } from './view.ts';
import { incidentViews } from './view.ts';

/**
 * Closes an incident manually, and notifies those who were notified of it; later observations count anew. For a
 * breaking change this accepts the tool's current shape. An incident that is closed already stays as it is.
 * @throws ArmatureError `incident_not_found`
 */
export const acceptIncident = useCase({
  name: 'incident.accept',
  access: 'editor',
  input: z.object({ incidentId: givenId }),
  async run({ ctx, db, orgId, actor, write }, { incidentId }): Promise<{ incident: IncidentView }> {
    const { deliveries } = await write(
      async (tx) => {
        const row = await tx.incident.findFirst({ where: { orgId, id: incidentId }, omit: { cause: true } });
        if (!row) throw incidentNotFound();
        if (row.closedAt !== null) return { row: null, deliveries: [] };
        const incidents = [{ id: row.id, kind: oneOf(subjectKinds, row.subjectKind), key: row.subjectKey }];
        const by = `${actor.kind}:${actor.id}`;
        const ended = await closeIn(tx, ctx.deps, { orgId, incidents, reason: 'accepted', by });
        return { row: ended.closed.length > 0 ? row : null, deliveries: ended.deliveries };
      },
      ({ row }) =>
        row
          ? {
              subject: incidentId,
              data: { subjectKind: row.subjectKind, subject: row.subjectKey, summary: row.summary },
            }
          : null,
    );
    await startDeliveries(ctx.deps, deliveries);
    const row = await db.incident.findFirstOrThrow({ where: { orgId, id: incidentId }, omit: { cause: true } });
    const [incident] = await incidentViews(db, orgId, [row]);
    if (!incident) throw incidentNotFound();
    return { incident };
  },
});
