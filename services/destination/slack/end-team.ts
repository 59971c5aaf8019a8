import type { Deps } from '../../context/context.ts';
import { markSlackRevoked } from './mark-revoked.ts';

/**
 * Ends all organizations' installations in a Slack workspace that removed the app or revoked its token. Later
 * installations stay. Repeatable, as Slack repeats such events. Not a use case: it has no organization.
 * @param team.at when it happened. `botUserIds`: whose tokens were revoked; all when left out
 */
export async function endSlackTeam(
  deps: Deps,
  team: { teamId: string; reason: string; at: Date; botUserIds?: readonly string[]; requestId: string },
): Promise<void> {
  const rows = await deps.db.slackInstallation.findMany({
    where: {
      teamId: team.teamId,
      OR: [{ state: 'connected' }, { secretRef: { not: null } }],
      ...(team.botUserIds && { botUserId: { in: [...team.botUserIds] } }),
    },
    select: { id: true, orgId: true },
  });
  for (const { id, orgId } of rows)
    await markSlackRevoked(
      { deps, actor: { kind: 'system', id: 'slack', orgId }, requestId: team.requestId },
      { installationId: id, reason: team.reason, before: team.at.toISOString() },
    );
}
