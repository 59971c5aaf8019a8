import { ArmatureError } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';

export const webhookNotFound = (): ArmatureError =>
  new ArmatureError(
    'destination_not_found',
    'There is no such webhook in this workspace, or it was deleted.',
    'List the destinations to find the right id.',
  );

/**
 * Holds until the transaction ends. @param webhookId the one that may have the name already. @throws ArmatureError `conflict`
 */
export async function requireFreeWebhookName(
  tx: Tx,
  { orgId, name, webhookId }: { orgId: string; name: string; webhookId?: string },
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`webhooks/${orgId}`}, 0))`;
  const [other] = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Webhook" WHERE "orgId" = ${orgId}::uuid AND "archivedAt" IS NULL
      AND lower("name") = lower(${name}) AND "id" IS DISTINCT FROM ${webhookId ?? null}::uuid LIMIT 1`;
  if (!other) return;
  const message = 'Another webhook has this name.';
  throw new ArmatureError('conflict', message, 'Choose another name.', { fieldErrors: [{ field: 'name', message }] });
}
