import type { Deps } from '../../context/context.ts';
import { markSlackRevoked } from './mark-revoked.ts';

/**
 * Slack says that the app was removed from a workspace, or its bot's token revoked: every organization's installation there ends, those
 * made after it happened left out. Slack tells so more than once; the second time nothing is left to do. Not a use case: the workspace
 * belongs to no organization.
 * @param of.at when it happened. `botUserIds`: whose tokens were revoked; left out: everybody's.
 */
export async function endSlackTeam(
  deps: Deps,
  of: { teamId: string; reason: string; at: Date; botUserIds?: readonly string[]; requestId: string },
): Promise<void> {
  const rows = await deps.db.slackInstallation.findMany({
    where: {
      teamId: of.teamId,
      OR: [{ state: 'connected' }, { secretRef: { not: null } }],
      ...(of.botUserIds && { botUserId: { in: [...of.botUserIds] } }),
    },
    select: { id: true, orgId: true },
  });
  for (const { id, orgId } of rows)
    await markSlackRevoked(
      { deps, actor: { kind: 'system', id: 'slack', orgId }, requestId: of.requestId },
      { installationId: id, reason: of.reason, before: of.at.toISOString() },
    );
}
