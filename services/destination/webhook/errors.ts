import { ArmatureError } from '../../../domain/error/error.ts';
import { DeliveryFailure } from '../../../domain/notification/delivery-failure.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { isWebhookNameTaken } from '../../../infra/db/queries/destination.ts';
import { lockName } from '../../../infra/db/queries/locks.ts';
import { fieldError } from '../../context/errors.ts';

export const webhookNotFound = (): ArmatureError =>
  new ArmatureError(
    'destination_not_found',
    'This workspace has no webhook with this id, or it was deleted.',
    'List the destinations to find the right id.',
  );

export const webhookUnreadable = (name: string): DeliveryFailure =>
  new DeliveryFailure(
    'retry',
    `The secrets of the webhook "${name}" can't be read: they were stored with another key, or are damaged. Edit the webhook and create a new signing secret, or ask the operator to set the earlier key as ARMATURE_SECRETS_PREVIOUS_KEYS.`,
  );

/** Locks the names until the transaction ends. @param of.webhookId may have the name. @throws `conflict` */
export async function requireFreeWebhookName(
  tx: Tx,
  { orgId, name, webhookId }: { orgId: string; name: string; webhookId?: string },
): Promise<void> {
  await lockName(tx, `webhooks/${orgId}`);
  if (await isWebhookNameTaken(tx, { orgId, name, webhookId }))
    throw fieldError('conflict', 'name', 'Another webhook has this name.', 'Choose another name.');
}
