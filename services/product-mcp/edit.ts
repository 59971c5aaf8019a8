import { useCase } from '../context/use-case.ts';
import { checkApiAddress } from './address.ts';
import { editProductInput } from './schema.ts';
import { lockProduct, requireFreeSlug } from './store.ts';
import { getProductView, type ProductView } from './view.ts';

/**
 * Changes name, slug or base URL. With another slug, the earlier address stops working.
 * @throws ArmatureError `product_mcp_not_found`, what `createProduct` throws
 */
export const editProduct = useCase({
  name: 'product_mcp.edit',
  access: 'editor',
  input: editProductInput,
  async run({ ctx, orgId, config, write }, { productMcpId, ...given }): Promise<{ productMcp: ProductView }> {
    if (given.baseUrl !== undefined) checkApiAddress(config, given.baseUrl, 'baseUrl');
    await write(
      async (tx) => {
        const { name, slug, baseUrl } = await lockProduct(tx, { orgId, productMcpId });
        const next = { name: given.name ?? name, slug: given.slug ?? slug, baseUrl: given.baseUrl ?? baseUrl };
        if (next.name === name && next.slug === slug && next.baseUrl === baseUrl) return false;
        if (next.slug !== slug) await requireFreeSlug(tx, { orgId, slug: next.slug, exceptId: productMcpId });
        await tx.productMcp.update({
          where: { orgId_id: { orgId, id: productMcpId } },
          data: { ...next, revision: { increment: 1 } },
        });
        return true;
      },
      (isChanged) => (isChanged ? { subject: productMcpId, data: given } : null),
    );
    return { productMcp: await getProductView(ctx.deps, { orgId, productMcpId }) };
  },
});
