import type { Deps } from '../../context/context.ts';
import { issueToken } from './token.ts';

/**
 * A one-time address at which a member says that a Slack user is theirs. Whoever asks gets one: what it is good for is decided when a
 * member opens it. Not a use case: a Slack user that nobody knows belongs to no organization.
 * @param of.orgId the organization whose message was acted on; left out, the member chooses.
 */
export async function offerSlackLink(
  deps: Deps,
  { teamId, slackUserId, orgId = null }: { teamId: string; slackUserId: string; orgId?: string | null },
): Promise<string> {
  const token = await issueToken(deps, { purpose: 'link', orgId, teamId, slackUserId });
  // Not a part of the path: those are logged.
  return `${deps.config.url}/slack/link?token=${token}`;
}
