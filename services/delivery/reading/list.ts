import { afterPosition, readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { listDeliveriesInput } from '../schema.ts';
import type { DeliveryView } from './view.ts';
import { toDeliveryViews, withRule } from './view.ts';

/** Deliveries, newest first, by keyset. */
export const listDeliveries = useCase({
  name: 'delivery.list',
  access: 'viewer',
  input: listDeliveriesInput,
  async run(
    { ctx, db, orgId },
    { ruleId, incidentId, state, kind, cursor, limit },
  ): Promise<{ deliveries: DeliveryView[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const rows = await db.delivery.findMany({
      where: {
        orgId,
        ...(ruleId !== undefined && { ruleId }),
        ...(incidentId !== undefined && { incidentId }),
        ...(state !== undefined && { state }),
        ...(kind !== undefined && { kind }),
        ...(after && afterPosition(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: withRule,
    });
    const { items, nextCursor } = toPage(rows, limit);
    return { deliveries: await toDeliveryViews(ctx.deps, { orgId, rows: items }), nextCursor };
  },
});
