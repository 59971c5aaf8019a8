import { z } from 'zod';
import { ArmatureError, type Warning } from '../../../domain/error/error.ts';
import { givenId } from '../../../domain/values/id.ts';
import type { Db } from '../../../infra/db/index.ts';
import { lockSlackInstallation } from '../../../infra/db/queries/destination.ts';
import { useCase } from '../../context/use-case.ts';
import { destroySecrets } from '../../server/secrets.ts';
import { slackSecret } from './bot-token.ts';

/**
 * Disconnects a Slack workspace and destroys its token. An app has one token per Slack workspace, so the token is
 * revoked at Slack only if no other organization uses it. Calling it again retries what failed.
 * @throws ArmatureError `destination_not_found`
 */
export const disconnectSlack = useCase({
  name: 'slack.disconnect',
  access: 'admin',
  input: z.object({ installationId: givenId }),
  async run({ ctx, orgId, db, secrets, slack, write, now }, { installationId }): Promise<{ warnings: Warning[] }> {
    const { teamId, secretRef } = await write(
      async (tx) => {
        const row = await lockSlackInstallation(tx, { orgId, installationId });
        if (!row)
          throw new ArmatureError(
            'destination_not_found',
            'This Slack workspace is not connected.',
            'Reload the page to see the connected ones.',
          );
        const isNew = row.state === 'connected';
        if (isNew)
          await tx.slackInstallation.update({
            where: { orgId_id: { orgId, id: installationId } },
            data: { state: 'revoked', revokedAt: now() },
          });
        return { ...row, isNew };
      },
      ({ isNew, teamId, teamName }) => (isNew ? { subject: installationId, data: { teamId, teamName } } : null),
    );
    if (secretRef === null) return { warnings: [] };

    const warnings: Warning[] = [];
    // After the commit: of two organizations that disconnect at the same time, the last one sees no other.
    if (!(await isUsedElsewhere(db, teamId))) {
      const readable = await secrets.getReadable(orgId, [secretRef]);
      const secret = slackSecret.safeParse(readable.get(secretRef));
      if (secret.success && !(await slack.revoke(secret.data.botToken)))
        warnings.push({
          code: 'slack_token_not_revoked',
          message: 'Slack did not confirm that the token is revoked. Remove the app in Slack as well.',
        });
    }
    if (await destroySecrets(ctx.deps, orgId, [secretRef]))
      await db.slackInstallation.updateMany({
        where: { orgId, id: installationId, secretRef },
        data: { secretRef: null },
      });
    else
      warnings.push({
        code: 'secrets_not_destroyed',
        message: 'The secrets store is not available. Disconnect again later to destroy the token.',
      });
    return { warnings };
  },
});

/** Looks across organizations, since they share the token. */
const isUsedElsewhere = async (db: Db, teamId: string): Promise<boolean> =>
  (await db.slackInstallation.findFirst({ where: { teamId, state: 'connected' }, select: { id: true } })) !== null;
