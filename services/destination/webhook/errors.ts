import { ArmatureError } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { isWebhookNameTaken } from '../../../infra/db/queries/destination.ts';
import { lockName } from '../../../infra/db/queries/locks.ts';
import { fieldError } from '../../context/errors.ts';

export const webhookNotFound = (): ArmatureError =>
  new ArmatureError(
    'destination_not_found',
    'Webhook not found in this workspace, or deleted.',
    'List the destinations to find the right id.',
  );

/** Holds until the transaction ends. @param of.webhookId the webhook that may have the name already. @throws ArmatureError `conflict` */
export async function requireFreeWebhookName(
  tx: Tx,
  { orgId, name, webhookId }: { orgId: string; name: string; webhookId?: string },
): Promise<void> {
  await lockName(tx, `webhooks/${orgId}`);
  if (await isWebhookNameTaken(tx, { orgId, name, webhookId }))
    throw fieldError('conflict', 'name', 'Another webhook has this name.', 'Choose another name.');
}
