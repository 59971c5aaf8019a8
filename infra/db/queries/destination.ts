import type { SlackInstallationModel } from '../../../prisma/generated/models.ts';
import type { Db, Tx } from '../index.ts';

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

export type DestinationUse = {
  ruleId: string;
  ruleName: string;
  destination: unknown;
  /** Of the rule's latest delivery to this destination; null without any. */
  deliveryId: string | null;
  state: string | null;
  error: string | null;
  at: Date | null;
};

/** The rules with a destination, newest first, at most 500, each with its latest delivery there. */
export async function findDestinationUses(db: Db, orgId: string): Promise<DestinationUse[]> {
  return db.$queryRaw<DestinationUse[]>`
    SELECT r."id" AS "ruleId", r."name" AS "ruleName", r."destination", d."id" AS "deliveryId", d."state", d."error",
      d."createdAt" AS "at"
    FROM (SELECT * FROM "AlertRule" WHERE "orgId" = ${orgId}::uuid AND "archivedAt" IS NULL AND "destination" IS NOT NULL
      ORDER BY "createdAt" DESC, "id" DESC LIMIT 500) r
    LEFT JOIN LATERAL (SELECT * FROM "Delivery" d
      WHERE d."orgId" = r."orgId" AND d."ruleId" = r."id" AND d."destination" = r."destination"
      ORDER BY d."createdAt" DESC, d."id" DESC LIMIT 1) d ON true
    ORDER BY r."createdAt" DESC, r."id" DESC`;
}
