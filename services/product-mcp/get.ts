import { useCase } from '../context/use-case.ts';
import { productRef } from './schema.ts';
import { getProductView, type ProductView } from './view.ts';

/** One Product MCP with the state of its parts. @throws ArmatureError `product_mcp_not_found` */
export const getProduct = useCase({
  name: 'product_mcp.get',
  access: 'viewer',
  input: productRef,
  run: async ({ ctx, orgId }, { productMcpId }): Promise<{ productMcp: ProductView }> => ({
    productMcp: await getProductView(ctx.deps, { orgId, productMcpId }),
  }),
});
