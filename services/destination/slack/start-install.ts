import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { useCase } from '../../context/use-case.ts';
import { issueToken } from './token.ts';

/** Where Slack redirects the browser to. */
export const toRedirectUrl = (url: string): string => `${url}/slack/oauth_redirect`;

/**
 * Starts connecting a Slack workspace: `redirectUrl` is Slack's page on which to choose it. The same admin has to
 * return within ten minutes, in the same browser. Pages must show it as a link: the CSP keeps forms from going there.
 * @throws ArmatureError `conflict` when the installation has no Slack app
 */
export const startSlackInstall = useCase({
  name: 'slack.start_install',
  access: 'admin',
  input: z.object({}),
  async run({ ctx, orgId, actor, db, slack, config }): Promise<{ redirectUrl: string }> {
    if (!slack.configured)
      throw new ArmatureError(
        'conflict',
        'Slack is not configured on this installation.',
        'The operator creates a Slack app from slack-manifest.yaml and sets SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and SLACK_SIGNING_SECRET.',
      );
    const { slug } = await db.organization.findUniqueOrThrow({ where: { id: orgId }, select: { slug: true } });
    const token = await issueToken(ctx.deps, { purpose: 'install', orgId, userId: actor.id });
    return { redirectUrl: slack.authorizeUrl({ state: toState(slug, token), redirectUrl: toRedirectUrl(config.url) }) };
  },
});

/** The slug says where to return to. It isn't trusted: the token is bound to the organization. */
const toState = (slug: string, token: string): string => `${slug}.${token}`;

/** @returns null for a state that isn't ours */
export function parseState(state: string): { slug: string; token: string } | null {
  const [, slug, token] = /^([^.]+)\.([A-Za-z0-9_-]{43})$/.exec(state) ?? [];
  return slug === undefined || token === undefined ? null : { slug, token };
}
