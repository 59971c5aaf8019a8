import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { checkApiAddress } from '../address.ts';
import { documentNotFound } from '../errors.ts';
import { lockProduct } from '../store.ts';
import { pinNames } from '../tools/pin-names.ts';
import { getProductView, type ProductView } from '../view.ts';
import { activateDocumentInput } from './schema.ts';
import { readReport } from './view.ts';

/**
 * Makes a version the active one, also an earlier one: calls are served by it from the next second on. Names that tools
 * got before stay.
 * @throws ArmatureError `product_mcp_not_found`, `version_not_found`, `validation_failed` (an origin that the version
 * doesn't name)
 */
export const activateDocument = useCase({
  name: 'product_mcp.activate_document',
  access: 'editor',
  input: activateDocumentInput,
  async run(
    { ctx, orgId, config, write, now },
    { productMcpId, documentId, origins },
  ): Promise<{ productMcp: ProductView }> {
    for (const origin of origins) checkApiAddress(config, origin, 'origins');
    await write(
      async (tx) => {
        await lockProduct(tx, { orgId, productMcpId });
        const document = await tx.productMcpDocument.findFirst({
          where: { orgId, productMcpId, id: documentId },
          select: { number: true, report: true, operations: true },
        });
        if (!document) throw documentNotFound();
        const { operationOrigins } = readReport(document.report);
        const foreign = origins.find((origin) => !operationOrigins.includes(origin));
        if (foreign !== undefined)
          throw validationError([{ field: 'origins', message: `No operation of this version calls ${foreign}.` }]);
        await tx.productMcpDocument.updateMany({
          where: { orgId, productMcpId, isActive: true, id: { not: documentId } },
          data: { isActive: false },
        });
        await tx.productMcpDocument.update({
          where: { orgId_id: { orgId, id: documentId } },
          data: { isActive: true, activatedAt: now() },
          // Without it, the whole document would be read back.
          select: { id: true },
        });
        await pinNames(tx, { orgId, productMcpId, operations: document.operations });
        await tx.productMcp.update({
          where: { orgId_id: { orgId, id: productMcpId } },
          data: { revision: { increment: 1 }, pinnedOrigins: origins },
        });
        return document.number;
      },
      (number) => ({ subject: productMcpId, data: { documentId, number, origins } }),
      { timeout: 30_000 },
    );
    return { productMcp: await getProductView(ctx.deps, { orgId, productMcpId }) };
  },
});
