import { ArmatureError } from '../../domain/error/error.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { ProductMcpModel } from '../../prisma/generated/models.ts';
import { useCase } from '../context/use-case.ts';
import { setProductStateInput } from './schema.ts';
import { lockProduct } from './store.ts';
import { getProductView, type ProductView } from './view.ts';

/**
 * Activates, pauses or resumes a Product MCP. One in that state already stays as it is.
 * @throws ArmatureError `product_mcp_not_found`, `conflict` (a document or the connection is missing)
 */
export const setProductState = useCase({
  name: 'product_mcp.set_state',
  access: 'editor',
  input: setProductStateInput,
  async run({ ctx, orgId, write }, { productMcpId, state }): Promise<{ productMcp: ProductView }> {
    await write(
      async (tx) => {
        const product = await lockProduct(tx, { orgId, productMcpId });
        if (product.state === state) return false;
        await requireReady(tx, product);
        await tx.productMcp.update({
          where: { orgId_id: { orgId, id: productMcpId } },
          data: { state, revision: { increment: 1 } },
        });
        return true;
      },
      (isNew) => (isNew ? { subject: productMcpId, data: { state } } : null),
    );
    return { productMcp: await getProductView(ctx.deps, { orgId, productMcpId }) };
  },
});

async function requireReady(tx: Tx, { id, orgId, connection }: ProductMcpModel): Promise<void> {
  const active = await tx.productMcpDocument.findFirst({
    where: { orgId, productMcpId: id, isActive: true },
    select: { id: true },
  });
  const missing = [
    ...(active ? [] : ['Upload an OpenAPI document and make it active.']),
    ...(connection === null ? ['Say how callers send their credential.'] : []),
  ];
  if (missing.length > 0) throw new ArmatureError('conflict', 'This Product MCP is not set up yet.', missing.join(' '));
}
