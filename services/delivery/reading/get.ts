import { alertMessage } from '../../../domain/notification/message.ts';
import { renderEmail } from '../../channel/email/render.ts';
import { useCase } from '../../context/use-case.ts';
import { deliveryNotFound } from '../errors.ts';
import { deliveryRefInput } from '../schema.ts';
import type { DeliveryDetail } from './view.ts';
import { toDeliveryViews, withRule } from './view.ts';

/** One delivery with its message. @throws ArmatureError `delivery_not_found` */
export const getDelivery = useCase({
  name: 'delivery.get',
  access: 'viewer',
  input: deliveryRefInput,
  async run({ ctx, db, orgId, config }, { deliveryId }): Promise<{ delivery: DeliveryDetail }> {
    const row = await db.delivery.findFirst({ where: { orgId, id: deliveryId }, include: withRule });
    const [view] = row ? await toDeliveryViews(ctx.deps, { orgId, rows: [row] }) : [];
    if (!row || !view) throw deliveryNotFound();
    const message = alertMessage.parse(row.message);
    const to = view.destination.kind === 'email' ? view.destination.address : null;
    const email = to === null ? null : { to, ...(await renderEmail(message, { url: config.url })) };
    return { delivery: { ...view, message, providerId: row.providerId, email } };
  },
});
