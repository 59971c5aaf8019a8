import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { formatActor } from '../workflow/reading/view.ts';
import { readIncidentView, requireIncident, toUpdateRow } from './update.ts';
import type { IncidentView } from './view.ts';

/**
 * Says that somebody looks after an incident, or takes that back. While it is acknowledged no reminders of it are
 * sent; its end is still notified. What is so already stays as it is.
 * @throws ArmatureError `incident_not_found`
 */
export const acknowledgeIncident = useCase({
  name: 'incident.acknowledge',
  access: 'editor',
  input: z.object({
    incidentId: givenId,
    acknowledged: z.boolean().default(true).describe('False takes the acknowledgement back.'),
  }),
  async run(context, { incidentId, acknowledged }): Promise<{ incident: IncidentView }> {
    const { db, orgId, actor, write, now } = context;
    await write(
      async (tx) => {
        await requireIncident(tx, { orgId, incidentId });
        const { count } = await tx.incident.updateMany({
          where: { orgId, id: incidentId, acknowledgedAt: acknowledged ? null : { not: null } },
          data: acknowledged
            ? { acknowledgedAt: now(), acknowledgedBy: formatActor(actor) }
            : { acknowledgedAt: null, acknowledgedBy: null },
        });
        if (count === 0) return { changed: false };
        const kind = acknowledged ? 'acknowledged' : 'unacknowledged';
        await tx.incidentUpdate.create({ data: toUpdateRow(context, { incidentId, kind }) });
        // Its rules look again: without the acknowledgement, a reminder may be due.
        if (!acknowledged)
          await tx.incidentTelling.updateMany({
            where: { orgId, incidentId, incident: { closedAt: null } },
            data: { dueAt: now() },
          });
        return { changed: true };
      },
      ({ changed }) => (changed ? { subject: incidentId, data: { acknowledged } } : null),
    );
    return { incident: await readIncidentView(db, { orgId, incidentId }) };
  },
});
