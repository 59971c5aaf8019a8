import { z } from 'zod';
import type { Deps } from '../../context/context.ts';

/** An installation's entry in the secrets store. */
export const slackSecret = z.object({ botToken: z.string() });

/**
 * Reads the bot token of an installation, in clear: for memory only. Not a use case.
 * @returns null if the installation is revoked, of another organization, or without a secret. @throws SecretsKeyError
 */
export async function readBotToken(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  { orgId, installationId }: { orgId: string; installationId: string },
): Promise<{ botToken: string; teamId: string } | null> {
  const row = await db.slackInstallation.findFirst({
    where: { orgId, id: installationId, state: 'connected' },
    select: { teamId: true, secretRef: true },
  });
  if (!row || row.secretRef === null) return null;
  const secret = await secrets.get(orgId, row.secretRef);
  return secret && { botToken: slackSecret.parse(secret).botToken, teamId: row.teamId };
}
