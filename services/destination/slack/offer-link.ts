import type { Deps } from '../../context/context.ts';
import { issueToken } from './token.ts';

/**
 * Creates a one-time address at which a member links a Slack user to themselves. Anybody may request one, since it is
 * checked when a member opens it. Not a use case: an unknown Slack user belongs to no organization.
 * @param of.orgId the organization whose message was acted on; when left out, the member chooses
 */
export async function offerSlackLink(
  deps: Deps,
  { teamId, slackUserId, orgId = null }: { teamId: string; slackUserId: string; orgId?: string | null },
): Promise<string> {
  const token = await issueToken(deps, { purpose: 'link', orgId, teamId, slackUserId });
  // In the query: paths are logged.
  return `${deps.config.url}/slack/link?token=${token}`;
}
