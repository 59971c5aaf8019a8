import { toJson, useCase } from '../../context/use-case.ts';
import { chooseToolsInput } from '../schema.ts';
import { lockProduct } from '../store.ts';
import { getProductView, type ProductView } from '../view.ts';

/**
 * Chooses which operations are tools, and whether agents get a list of them or search.
 * @throws ArmatureError `product_mcp_not_found`
 */
export const chooseTools = useCase({
  name: 'product_mcp.choose_tools',
  access: 'editor',
  input: chooseToolsInput,
  async run({ ctx, orgId, write }, { productMcpId, selection, mode }): Promise<{ productMcp: ProductView }> {
    await write(
      async (tx) => {
        await lockProduct(tx, { orgId, productMcpId });
        await tx.productMcp.update({
          where: { orgId_id: { orgId, id: productMcpId } },
          data: {
            ...(selection && { selection: toJson(selection) }),
            ...(mode && { mode }),
            revision: { increment: 1 },
          },
        });
      },
      { subject: productMcpId, data: { selection, mode } },
    );
    return { productMcp: await getProductView(ctx.deps, { orgId, productMcpId }) };
  },
});
