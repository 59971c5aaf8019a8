import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { readIncidentView, requireIncident, toUpdateRow } from './update.ts';
import type { IncidentView } from './view.ts';

/**
 * Names the member who looks after an incident, or nobody. What is so already stays as it is.
 * @throws ArmatureError `incident_not_found`, `member_not_found`
 */
export const assignIncident = useCase({
  name: 'incident.assign',
  access: 'editor',
  input: z.object({
    incidentId: givenId,
    userId: z.string().min(1).max(100).nullable().describe('Of a member of the workspace; null: nobody.'),
  }),
  async run(context, { incidentId, userId }): Promise<{ incident: IncidentView }> {
    const { db, orgId, write } = context;
    await write(
      async (tx) => {
        await requireIncident(tx, { orgId, incidentId });
        if (userId !== null && !(await tx.member.findFirst({ where: { orgId, userId }, select: { userId: true } })))
          throw new ArmatureError(
            'member_not_found',
            'There is no such member in this workspace.',
            'Choose a member of this workspace.',
          );
        const { count } = await tx.incident.updateMany({
          where: {
            orgId,
            id: incidentId,
            ...(userId === null
              ? { assigneeId: { not: null } }
              : { OR: [{ assigneeId: null }, { assigneeId: { not: userId } }] }),
          },
          data: { assigneeId: userId },
        });
        if (count === 0) return { changed: false };
        await tx.incidentUpdate.create({
          data: toUpdateRow(context, { incidentId, kind: 'assigned', assigneeId: userId }),
        });
        return { changed: true };
      },
      ({ changed }) => (changed ? { subject: incidentId, data: { assigneeId: userId } } : null),
    );
    return { incident: await readIncidentView(db, { orgId, incidentId }) };
  },
});
