import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { checkApiAddress } from './address.ts';
import { createProductInput } from './schema.ts';
import { requireFreeSlug } from './store.ts';
import { getProductView, type ProductView } from './view.ts';

/**
 * Creates a Product MCP, which still needs a document and a connection.
 * @throws ArmatureError `conflict` (its slug is taken), `target_blocked` (the API may not be called)
 */
export const createProduct = useCase({
  name: 'product_mcp.create',
  access: 'editor',
  input: createProductInput,
  async run({ ctx, orgId, actor, config, write }, { name, slug, baseUrl }): Promise<{ productMcp: ProductView }> {
    checkApiAddress(config, baseUrl, 'baseUrl');
    const id = newId();
    await write(
      async (tx) => {
        await requireFreeSlug(tx, { orgId, slug });
        const createdBy = `${actor.kind}:${actor.id}`;
        await tx.productMcp.create({ data: { id, orgId, name, slug, baseUrl, createdBy } });
      },
      { subject: id, data: { name, slug, baseUrl } },
    );
    return { productMcp: await getProductView(ctx.deps, { orgId, productMcpId: id }) };
  },
});
