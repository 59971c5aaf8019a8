import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { useCase } from '../../context/use-case.ts';
import { slackToken, spendTokenIn } from './token.ts';

/**
 * Links a Slack user to the calling member: from now on that user acts in Slack with the member's role, in this
 * organization. A link works once.
 * @throws ArmatureError `resource_not_found` (used, expired, or for another organization), `destination_not_found`
 *   (this organization is not connected to that Slack workspace), `permission_denied` (the caller is not a member)
 */
export const linkSlackUser = useCase({
  name: 'slack.link',
  access: 'viewer',
  input: z.object({ token: slackToken }),
  async run({ orgId, actor, write, now }, { token }): Promise<{ teamName: string; slackUserId: string }> {
    if (actor.kind !== 'member')
      throw new ArmatureError(
        'permission_denied',
        'Only a member can link a Slack account, and only their own.',
        'Sign in to the dashboard and open the link there.',
      );
    return write(
      async (tx) => {
        const { teamId, slackUserId } = await spendTokenIn(tx, token, { purpose: 'link', orgId }, now());
        if (!teamId || !slackUserId) throw new Error('a link token without a Slack user');
        const installation = await tx.slackInstallation.findFirst({
          where: { orgId, teamId, state: 'connected' },
          select: { teamName: true },
        });
        if (!installation)
          throw new ArmatureError(
            'destination_not_found',
            'This workspace is not connected to that Slack workspace.',
            'Ask an admin to connect it in the settings.',
          );
        const key = { orgId, teamId, slackUserId };
        const where = { orgId_teamId_slackUserId: key };
        const before = await tx.slackUserLink.findUnique({ where, select: { userId: true } });
        const data = { userId: actor.id, linkedAt: now() };
        await tx.slackUserLink.upsert({ where, create: { ...key, ...data }, update: data });
        return { teamId, slackUserId, teamName: installation.teamName, replaced: before?.userId ?? null };
      },
      ({ teamId, slackUserId, replaced }) => ({ subject: actor.id, data: { teamId, slackUserId, replaced } }),
    );
  },
});
