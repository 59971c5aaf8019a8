import { alertMessage } from '../../domain/alert-message.ts';
import { useCase } from '../use-case.ts';
import { deliveryViews, withRule } from './delivery-views.ts';
import { deliveryNotFound } from './errors.ts';
import { deliveryRefInput } from './input.ts';
import { renderEmail } from './render-email.ts';
import type { DeliveryDetail } from './view.ts';

/** One delivery with what it says. @throws ArmatureError `delivery_not_found` */
export const getDelivery = useCase({
  name: 'delivery.get',
  access: 'viewer',
  input: deliveryRefInput,
  async run({ ctx, db, orgId, config }, { deliveryId }): Promise<{ delivery: DeliveryDetail }> {
    const row = await db.delivery.findFirst({ where: { orgId, id: deliveryId }, include: withRule });
    const [view] = row ? await deliveryViews(ctx.deps, { orgId, rows: [row] }) : [];
    if (!row || !view) throw deliveryNotFound();
    const message = alertMessage.parse(row.message);
    const to = view.destination.kind === 'email' ? view.destination.address : null;
    const email = to === null ? null : { to, ...renderEmail(message, { url: config.url }) };
    return { delivery: { ...view, message, providerId: row.providerId, email } };
  },
});
