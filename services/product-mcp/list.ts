import { z } from 'zod';
import { afterPosition, readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { type ProductView, productInclude, toProductViews } from './view.ts';

/** The workspace's Product MCPs, newest first, by keyset; archived ones are left out. */
export const listProducts = useCase({
  name: 'product_mcp.list',
  access: 'viewer',
  input: z.object({ cursor: z.string().optional(), limit: z.int().min(1).max(200).default(50) }),
  async run({ ctx, db, orgId }, { cursor, limit }): Promise<{ productMcps: ProductView[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const rows = await db.productMcp.findMany({
      where: { orgId, archivedAt: null, ...(after && afterPosition(after)) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      include: productInclude,
      take: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit);
    return { productMcps: toProductViews(ctx.deps, items), nextCursor };
  },
});
