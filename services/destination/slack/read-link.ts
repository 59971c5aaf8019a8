import { z } from 'zod';
import { useCase } from '../../context/use-case.ts';
import { readLinkToken, slackToken } from './token.ts';

export type SlackLinkOffer = {
  teamName: string;
  slackUserId: string;
  /** Whom the Slack user acts as in this organization so far. */
  linkedTo: 'you' | 'another member' | null;
};

/**
 * Describes what confirming a link would do in this organization. Null if the link is for another organization, or this
 * one isn't connected to that Slack workspace.
 * @throws ArmatureError `resource_not_found` if the link was used or has expired
 */
export const readSlackLink = useCase({
  name: 'slack.read_link',
  access: 'viewer',
  input: z.object({ token: slackToken }),
  async run({ ctx, orgId, actor, db }, { token }): Promise<SlackLinkOffer | null> {
    const slackUser = await readLinkToken(ctx.deps, token, orgId);
    if (!slackUser) return null;
    const { teamId, slackUserId } = slackUser;
    const [installation, link] = await Promise.all([
      db.slackInstallation.findFirst({ where: { orgId, teamId, state: 'connected' }, select: { teamName: true } }),
      db.slackUserLink.findFirst({ where: { orgId, teamId, slackUserId }, select: { userId: true } }),
    ]);
    if (!installation) return null;
    const linkedTo = link === null ? null : link.userId === actor.id ? 'you' : 'another member';
    return { teamName: installation.teamName, slackUserId, linkedTo };
  },
});
