import { z } from 'zod';
import type { Deps } from '../../context/context.ts';

/** What the secrets store holds of an installation. */
export const slackSecret = z.object({ botToken: z.string() });

/**
 * The bot token of an installation, in clear: for memory only. Not a use case.
 * @returns null when the installation is not this organization's, was revoked, or its secret is gone. @throws SecretsKeyError
 */
export async function botTokenOf(
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
