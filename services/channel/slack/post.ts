import type { KnownBlock } from '@slack/types';
import { DeliveryFailure } from '../../../domain/notification/delivery-failure.ts';
import { isTokenRevoked } from '../../../infra/slack/index.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { botTokenOf } from '../../destination/slack/bot-token.ts';
import { markSlackRevoked } from '../../destination/slack/mark-revoked.ts';

/**
 * Posts a message by an installation's bot. When Slack says that its token is of no use any more, the installation is marked so. Not a
 * use case.
 * @throws DeliveryFailure `refused` also for an installation that was revoked.
 */
export async function postToSlack(
  deps: Deps,
  of: { orgId: string; installationId: string; channel: string; text: string; blocks: KnownBlock[] },
  { signal }: { signal: AbortSignal },
): Promise<{ channel: string; ts: string }> {
  const { orgId, installationId, ...message } = of;
  const before = deps.now().toISOString();
  const bot = await botTokenOf(deps, { orgId, installationId });
  if (!bot)
    throw new DeliveryFailure(
      'refused',
      'Slack is not connected any more: an admin has to connect the workspace again.',
    );
  try {
    return await deps.slack.post({ botToken: bot.botToken, ...message }, { signal });
  } catch (error) {
    if (isTokenRevoked(error))
      await markSlackRevoked(
        { deps, actor: { kind: 'system', id: 'slack', orgId }, requestId: newId() },
        { installationId, reason: 'token_refused', before },
      );
    throw error;
  }
}
