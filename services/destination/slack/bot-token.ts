import { z } from 'zod';
import { DeliveryFailure } from '../../../domain/notification/delivery-failure.ts';
import type { Deps } from '../../context/context.ts';
import { explainUnreadable } from '../../server/secrets.ts';

/** An installation's entry in the secrets store. */
export const slackSecret = z.object({ botToken: z.string() });

/**
 * Reads the bot token of an installation, in clear: for memory only. Not a use case.
 * @returns null if the installation is revoked, of another organization, or without a secret. @throws
 * DeliveryFailure when it can't be read
 */
export async function readBotToken(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  { orgId, installationId }: { orgId: string; installationId: string },
): Promise<{ botToken: string; teamId: string } | null> {
  const row = await db.slackInstallation.findFirst({
    where: { orgId, id: installationId, state: 'connected' },
    select: { teamId: true, teamName: true, secretRef: true },
  });
  if (!row || row.secretRef === null) return null;
  const secret = await explainUnreadable(secrets.get(orgId, row.secretRef), () => tokenUnreadable(row.teamName));
  return secret && { botToken: slackSecret.parse(secret).botToken, teamId: row.teamId };
}

export const tokenUnreadable = (teamName: string): DeliveryFailure =>
  new DeliveryFailure(
    'retry',
    `The token of the Slack workspace "${teamName}" can't be read: it was stored with another key, or is damaged. Connect the Slack workspace again, or ask the operator to set the earlier key as ARMATURE_SECRETS_PREVIOUS_KEYS.`,
  );
