import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { lockName } from '../../../infra/db/queries/locks.ts';
import { type SlackGrant, SlackRefusal } from '../../../infra/slack/index.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { useCase } from '../../context/use-case.ts';
import { destroySecrets, withSecrets } from '../../server/secrets.ts';
import { toRedirectUrl } from './start-install.ts';
import { slackToken, spendTokenIn } from './token.ts';

/**
 * Connects the Slack workspace that an admin chose on Slack's page. A workspace that was connected before keeps its id,
 * so its rules continue.
 * @throws ArmatureError `resource_not_found` (the token is unknown, used, expired, or another admin's), `conflict`
 *   (Slack refused; `details.slack` has its error code)
 */
export const completeSlackInstall = useCase({
  name: 'slack.complete_install',
  access: 'admin',
  input: z.object({ token: slackToken, code: z.string().min(1).max(500) }),
  async run(
    { ctx, orgId, actor, db, config, slack, secrets, write, now },
    { token, code },
  ): Promise<{ installationId: string; teamName: string }> {
    await spendTokenIn(db, token, { purpose: 'install', orgId, userId: actor.id }, now());
    const grant = await exchange(slack, { code, redirectUrl: toRedirectUrl(config.url) });
    const { botToken, teamId, ...columns } = grant;
    const put = () => secrets.put(orgId, { botToken });
    const { installationId, before } = await withSecrets(ctx.deps, orgId, [put], ([secretRef = null]) =>
      write(
        async (tx) => {
          await lockName(tx, `slack/${orgId}/${teamId}`);
          const existing = await tx.slackInstallation.findUnique({ where: { orgId_teamId: { orgId, teamId } } });
          const data = {
            ...columns,
            secretRef,
            state: 'connected',
            installedBy: `${actor.kind}:${actor.id}`,
            installedAt: now(),
            revokedAt: null,
          };
          if (existing) await tx.slackInstallation.update({ where: { orgId_id: { orgId, id: existing.id } }, data });
          const installationId = existing?.id ?? newId();
          if (!existing) await tx.slackInstallation.create({ data: { id: installationId, orgId, teamId, ...data } });
          return { installationId, before: existing?.secretRef ?? null };
        },
        ({ installationId }) => ({
          subject: installationId,
          data: { teamId, teamName: grant.teamName, scopes: grant.scopes },
        }),
      ),
    );
    await destroySecrets(ctx.deps, orgId, [before]);
    return { installationId, teamName: grant.teamName };
  },
});

async function exchange(slack: Deps['slack'], grant: { code: string; redirectUrl: string }): Promise<SlackGrant> {
  try {
    return await slack.exchangeCode(grant);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    throw new ArmatureError(
      'conflict',
      `Slack did not connect the workspace. ${error.message}`,
      'Start again in the settings.',
      { slack: error.code },
    );
  }
}
