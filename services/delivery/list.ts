import { listDeliveriesInput } from '../alert-rule/schema.ts';
import type { DeliveryView } from '../alert-rule/view.ts';
import { following, pageOf, readCursor } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { deliveryViews, withRule } from './views.ts';

/** What was told, newest first, by keyset. */
export const listDeliveries = useCase({
  name: 'delivery.list',
  access: 'viewer',
  input: listDeliveriesInput,
  async run(
    { ctx, db, orgId },
    { ruleId, incidentId, state, cursor, limit },
  ): Promise<{ deliveries: DeliveryView[]; nextCursor: string | null }> {
    const after = cursor === undefined ? null : readCursor(cursor);
    const rows = await db.delivery.findMany({
      where: {
        orgId,
        ...(ruleId !== undefined && { ruleId }),
        ...(incidentId !== undefined && { incidentId }),
        ...(state !== undefined && { state }),
        ...(after && following(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: withRule,
    });
    const { shown, nextCursor } = pageOf(rows, limit);
    return { deliveries: await deliveryViews(ctx.deps, { orgId, rows: shown }), nextCursor };
  },
});
