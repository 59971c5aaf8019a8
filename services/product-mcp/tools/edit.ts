import type { Tx } from '../../../infra/db/index.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import { fieldError, validationError } from '../../context/errors.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { readOperations } from '../document/view.ts';
import { editToolInput } from '../schema.ts';
import { lockProduct, type ProductRef } from '../store.ts';

/**
 * Renames, describes or hides the tool of one operation, or sets its annotations. It stays over new versions.
 * @throws ArmatureError `product_mcp_not_found`, `validation_failed` (no such operation), `conflict` (taken)
 */
export const editTool = useCase({
  name: 'product_mcp.edit_tool',
  access: 'editor',
  input: editToolInput,
  async run({ orgId, write }, { productMcpId, operation, name, description, isHidden, annotations }): Promise<void> {
    const ref = { orgId, productMcpId };
    await write(
      async (tx) => {
        await lockProduct(tx, ref);
        await requireOperation(tx, ref, operation);
        if (name) await requireFreeName(tx, ref, { name, operation });
        const data = {
          ...(name !== undefined && { name }),
          ...(description !== undefined && { description: description === '' ? null : description }),
          ...(isHidden !== undefined && { isHidden }),
          ...(annotations !== undefined && { annotations: annotations === null ? Prisma.DbNull : toJson(annotations) }),
        };
        await tx.productMcpTool.upsert({
          where: { orgId_productMcpId_operation: { ...ref, operation } },
          create: { ...ref, operation, ...data },
          update: data,
        });
        await tx.productMcp.update({
          where: { orgId_id: { orgId, id: productMcpId } },
          data: { revision: { increment: 1 } },
        });
      },
      { subject: productMcpId, data: { operation, name, isHidden, annotations } },
    );
  },
});

async function requireOperation(tx: Tx, { orgId, productMcpId }: ProductRef, operation: string): Promise<void> {
  const documents = await tx.productMcpDocument.findMany({
    where: { orgId, productMcpId, isActive: true },
    select: { operations: true },
  });
  if (documents.some(({ operations }) => readOperations(operations).some((each) => each.operation === operation)))
    return;
  throw validationError([{ field: 'operation', message: 'The active version has no such operation.' }]);
}

async function requireFreeName(
  tx: Tx,
  { orgId, productMcpId }: ProductRef,
  { name, operation }: { name: string; operation: string },
): Promise<void> {
  const taken = await tx.productMcpTool.findFirst({
    where: {
      orgId,
      productMcpId,
      operation: { not: operation },
      OR: [{ name }, { name: null, pinnedName: name }],
    },
    select: { operation: true },
  });
  if (taken)
    throw fieldError('conflict', 'name', `The tool of ${taken.operation} has this name.`, 'Choose another name.');
}
