import type { Context } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';
import { retryDelivery } from '../../../services/delivery/retry.ts';
import { text } from '../../shell/form.ts';
import type { Done } from './rule/intents.server.ts';

/** Handles “Send again”, on every page that has it. */
export async function deliveryIntent(ctx: Context, form: FormData): Promise<Done> {
  const { delivery } = await retryDelivery(ctx, { deliveryId: text(form, 'deliveryId') });
  return { done: `Sending again to ${delivery.destination.label}.`, key: newId(), deliveryId: delivery.id };
}
