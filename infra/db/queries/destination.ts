import type { SlackInstallationModel } from '../../../prisma/generated/models.ts';
import type { Tx } from '../index.ts';

/**
 * Locks a Slack installation's row until the transaction ends.
 * @returns null when the organization has no such installation
 */
export async function lockSlackInstallation(
  tx: Tx,
  { orgId, installationId }: { orgId: string; installationId: string },
): Promise<SlackInstallationModel | null> {
  const [row] = await tx.$queryRaw<SlackInstallationModel[]>`
    SELECT * FROM "SlackInstallation" WHERE "orgId" = ${orgId}::uuid AND "id" = ${installationId}::uuid FOR UPDATE`;
  return row ?? null;
}

/**
 * Whether another webhook that isn't deleted has this name, in any case.
 * @param of.webhookId the webhook that may have it
 */
export async function isWebhookNameTaken(
  tx: Tx,
  { orgId, name, webhookId }: { orgId: string; name: string; webhookId?: string | undefined },
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Webhook" WHERE "orgId" = ${orgId}::uuid AND "archivedAt" IS NULL
      AND lower("name") = lower(${name}) AND "id" IS DISTINCT FROM ${webhookId ?? null}::uuid LIMIT 1`;
  return rows.length > 0;
}
