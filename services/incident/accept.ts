import { z } from 'zod';
import { subjectKinds } from '../../domain/incident/incident.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { useCase } from '../context/use-case.ts';
import { incidentNotFound } from './errors.ts';
import { closeIn } from './recording/close.ts';
import type { IncidentView } from './view.ts';
import { incidentViews } from './view.ts';

/**
 * Closes an incident manually, without notifications; later observations count anew. For a breaking change this accepts
 * the tool's current shape. An incident that is closed already stays as it is.
 * @throws ArmatureError `resource_not_found`
 */
export const acceptIncident = useCase({
  name: 'incident.accept',
  access: 'editor',
  input: z.object({ incidentId: z.uuid() }),
  async run({ db, orgId, actor, write, now }, { incidentId }): Promise<{ incident: IncidentView }> {
    await write(
      async (tx) => {
        const row = await tx.incident.findFirst({ where: { orgId, id: incidentId }, omit: { cause: true } });
        if (!row) throw incidentNotFound();
        if (row.closedAt !== null) return null;
        const incidents = [{ id: row.id, kind: oneOf(subjectKinds, row.subjectKind), key: row.subjectKey }];
        const by = `${actor.kind}:${actor.id}`;
        const closed = await closeIn(tx, { orgId, at: now(), incidents, reason: 'accepted', by });
        return closed.length > 0 ? row : null;
      },
      (row) =>
        row
          ? {
              subject: incidentId,
              data: { subjectKind: row.subjectKind, subject: row.subjectKey, summary: row.summary },
            }
          : null,
    );
    const row = await db.incident.findFirstOrThrow({ where: { orgId, id: incidentId }, omit: { cause: true } });
    const [incident] = await incidentViews(db, orgId, [row]);
    if (!incident) throw incidentNotFound();
    return { incident };
  },
});
