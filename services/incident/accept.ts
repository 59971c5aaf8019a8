import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { incidentNotFound } from './errors.ts';
import { closeIn } from './recording/close.ts';
import type { SubjectKey } from './recording/subject.ts';
import type { IncidentView } from './view.ts';
import { incidentViews } from './view.ts';

/**
 * Closes an incident by hand: what is seen of its subject from now on counts anew. For a breaking change this makes the tool's present
 * shape the normal one. Nobody is told, since nothing recovered. One that is closed already stays as it is.
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
        // Held to its list by the database.
        const incidents = [{ id: row.id, kind: row.subjectKind as SubjectKey['kind'], key: row.subjectKey }];
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
