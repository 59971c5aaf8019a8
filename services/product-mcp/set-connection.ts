import { toJson, useCase } from '../context/use-case.ts';
import { setConnectionInput } from './schema.ts';
import { lockProduct } from './store.ts';
import { getProductView, type ProductView } from './view.ts';

/**
 * Sets how callers send their credential and how the API gets it.
 * @throws ArmatureError `product_mcp_not_found`
 */
export const setConnection = useCase({
  name: 'product_mcp.set_connection',
  access: 'editor',
  input: setConnectionInput,
  async run({ ctx, orgId, write }, { productMcpId, connection }): Promise<{ productMcp: ProductView }> {
    await write(
      async (tx) => {
        await lockProduct(tx, { orgId, productMcpId });
        await tx.productMcp.update({
          where: { orgId_id: { orgId, id: productMcpId } },
          data: { connection: toJson(connection), revision: { increment: 1 } },
        });
      },
      { subject: productMcpId, data: { connection } },
    );
    return { productMcp: await getProductView(ctx.deps, { orgId, productMcpId }) };
  },
});
