import { z } from 'zod';
import { requirePerson } from '../account/person.ts';
import { fieldError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { lockAsCaller } from '../member/lock.ts';

/**
 * Deletes the workspace with everything in it. All access ends at once, and nothing runs any more; `eraseOrganizations`
 * then destroys its secrets, Schedules and rows, whatever process dies meanwhile.
 * @throws ArmatureError `permission_denied` (not the owner in person), `validation_failed` (another name)
 */
export const deleteOrganization = useCase({
  name: 'organization.delete',
  access: 'owner',
  input: z.object({
    /** The workspace's name, typed by the owner. */
    name: z.string().max(200),
  }),
  async run({ actor, ctx, orgId, now, write }, { name }): Promise<{ deleted: true }> {
    const { userId } = requirePerson(actor);
    await write(
      async (tx) => {
        await lockAsCaller(tx, { actor, orgId, needed: 'owner' });
        const organization = await tx.organization.findUniqueOrThrow({ where: { id: orgId } });
        if (name.trim() !== organization.name)
          throw fieldError(
            'validation_failed',
            'name',
            'This is not the name of the workspace.',
            `Type ${organization.name}.`,
          );
        const of = { where: { orgId } };
        await tx.erasure.create({
          data: { orgId, slug: organization.slug, requestedById: userId, requestedAt: now() },
        });
        await tx.apiKey.deleteMany(of);
        await tx.invitation.deleteMany(of);
        await tx.slackToken.deleteMany(of);
        await tx.statusPage.deleteMany(of);
        await tx.alertRule.updateMany({ where: { orgId }, data: { state: 'paused' } });
        await tx.delivery.updateMany({
          where: { orgId, state: 'pending' },
          data: { state: 'superseded', error: null, endedAt: now() },
        });
        await tx.incidentTelling.deleteMany(of);
        await tx.workflow.updateMany({
          where: { orgId, state: { not: 'archived' } },
          data: { state: 'archived', scheduleRevision: { increment: 1 } },
        });
        await tx.monitor.updateMany({
          where: { orgId, state: { not: 'archived' } },
          data: { state: 'archived', archivedAt: now() },
        });
        await tx.run.updateMany({
          where: { orgId, status: { in: ['pending', 'running'] } },
          data: { cancelRequestedBy: `member:${userId}` },
        });
        await tx.member.deleteMany(of);
      },
      { subject: orgId },
      { timeout: 60_000 },
    );
    ctx.deps.log.warn({ orgId, requestedBy: userId }, 'a workspace is deleted');
    return { deleted: true };
  },
});
