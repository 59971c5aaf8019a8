import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { useCase } from '../../context/use-case.ts';
import { issueToken } from './token.ts';

/** Where Slack sends the browser back to. */
export const redirectUrlOf = (url: string): string => `${url}/slack/oauth_redirect`;

/**
 * Begins to connect a Slack workspace: `redirectUrl` is Slack's page on which it is chosen. It has to come back within ten minutes, in
 * the browser of the same admin. A page shows it as a link: the policy of content security keeps forms from leading there.
 * @throws ArmatureError `conflict` when the installation has no Slack app.
 */
export const startSlackInstall = useCase({
  name: 'slack.start_install',
  access: 'admin',
  input: z.object({}),
  async run({ ctx, orgId, actor, db, slack, config }): Promise<{ redirectUrl: string }> {
    if (!slack.configured)
      throw new ArmatureError(
        'conflict',
        'Slack is not set up on this installation.',
        'The operator makes a Slack app from slack-manifest.yaml and sets SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and SLACK_SIGNING_SECRET.',
      );
    const { slug } = await db.organization.findUniqueOrThrow({ where: { id: orgId }, select: { slug: true } });
    const token = await issueToken(ctx.deps, { purpose: 'install', orgId, userId: actor.id });
    return { redirectUrl: slack.authorizeUrl({ state: stateOf(slug, token), redirectUrl: redirectUrlOf(config.url) }) };
  },
});

/** The slug says which of a person's workspaces the answer is for; what counts is that the token is bound to it. */
const stateOf = (slug: string, token: string): string => `${slug}.${token}`;

/** @returns null for what is no state of ours. */
export function readState(state: string): { slug: string; token: string } | null {
  const [, slug, token] = /^([^.]+)\.([A-Za-z0-9_-]{43})$/.exec(state) ?? [];
  return slug === undefined || token === undefined ? null : { slug, token };
}
