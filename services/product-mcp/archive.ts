import { useCase } from '../context/use-case.ts';
import { productNotFound } from './errors.ts';
import { productRef } from './schema.ts';

/**
 * Archives a Product MCP: its address stops working and its slug is free again. One that is archived stays so.
 * @throws ArmatureError `product_mcp_not_found`
 */
export const archiveProduct = useCase({
  name: 'product_mcp.archive',
  access: 'editor',
  input: productRef,
  async run({ orgId, write, now }, { productMcpId }): Promise<void> {
    await write(
      async (tx) => {
        const row = await tx.productMcp.findFirst({ where: { orgId, id: productMcpId }, select: { name: true } });
        if (!row) throw productNotFound();
        const { count } = await tx.productMcp.updateMany({
          where: { orgId, id: productMcpId, archivedAt: null },
          data: { archivedAt: now(), revision: { increment: 1 } },
        });
        return count > 0 ? row.name : null;
      },
      (name) => (name === null ? null : { subject: productMcpId, data: { name } }),
    );
  },
});
