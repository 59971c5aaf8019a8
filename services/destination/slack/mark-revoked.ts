import { z } from 'zod';
import { lockSlackInstallation } from '../../../infra/db/queries/destination.ts';
import { useCase } from '../../context/use-case.ts';
import { destroySecrets } from '../../server/secrets.ts';

/**
 * Marks an installation that Slack ended as revoked and destroys its token. A second call changes nothing.
 * @param input.before ISO time: a later installation stays (Slack's events come late, and more than once)
 */
export const markSlackRevoked = useCase({
  name: 'slack.mark_revoked',
  access: 'system',
  input: z.object({
    installationId: z.uuid(),
    /** Slack's event or error code. */
    reason: z.string().max(100),
    before: z.iso.datetime().optional(),
  }),
  async run({ ctx, orgId, db, write, now }, { installationId, reason, before }): Promise<{ revoked: boolean }> {
    const ended = await write(
      async (tx) => {
        const row = await lockSlackInstallation(tx, { orgId, installationId });
        if (!row || (before !== undefined && row.installedAt > new Date(before))) return null;
        const isNew = row.state === 'connected';
        if (isNew)
          await tx.slackInstallation.updateMany({
            where: { orgId, id: installationId },
            data: { state: 'revoked', revokedAt: now() },
          });
        return { isNew, teamId: row.teamId, secretRef: row.secretRef };
      },
      (result) => (result?.isNew ? { subject: installationId, data: { teamId: result.teamId, reason } } : null),
    );
    if (!ended) return { revoked: false };
    // The reference stays until the secret is destroyed, so that the next event or attempt repeats what fails here.
    if (ended.secretRef !== null && (await destroySecrets(ctx.deps, orgId, [ended.secretRef])))
      await db.slackInstallation.updateMany({
        where: { orgId, id: installationId, secretRef: ended.secretRef },
        data: { secretRef: null },
      });
    return { revoked: ended.isNew };
  },
});
