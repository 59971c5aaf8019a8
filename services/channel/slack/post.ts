import type { KnownBlock } from '@slack/types';
import { DeliveryFailure } from '../../../domain/notification/delivery-failure.ts';
import { isTokenRevoked } from '../../../infra/slack/index.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { readBotToken } from '../../destination/slack/bot-token.ts';
import { markSlackRevoked } from '../../destination/slack/mark-revoked.ts';

/**
 * Posts a message with an installation's bot. Marks the installation as revoked if Slack no longer accepts its token.
 * Not a use case.
 * @throws DeliveryFailure `refused` also for a revoked installation
 */
export async function postToSlack(
  deps: Deps,
  {
    orgId,
    installationId,
    ...message
  }: { orgId: string; installationId: string; channel: string; text: string; blocks: KnownBlock[] },
  { signal }: { signal: AbortSignal },
): Promise<{ channel: string; ts: string }> {
  const before = deps.now().toISOString();
  const bot = await readBotToken(deps, { orgId, installationId });
  if (!bot) throw new DeliveryFailure('refused', 'The Slack workspace is disconnected. An admin can connect it again.');
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
