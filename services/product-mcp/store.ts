import type { Tx } from '../../infra/db/index.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import type { ProductMcpModel } from '../../prisma/generated/models.ts';
import { fieldError } from '../context/errors.ts';
import { productNotFound } from './errors.ts';

export type ProductRef = { orgId: string; productMcpId: string };

/** Serializes changes of one Product MCP until the transaction ends. @throws ArmatureError `product_mcp_not_found` */
export async function lockProduct(tx: Tx, { orgId, productMcpId }: ProductRef): Promise<ProductMcpModel> {
  await lockName(tx, `product-mcp/${orgId}/${productMcpId}`);
  const row = await tx.productMcp.findFirst({ where: { orgId, id: productMcpId, archivedAt: null } });
  if (!row) throw productNotFound();
  return row;
}

/** @throws ArmatureError `conflict` at `slug`. Serializes with others that take a slug of the organization. */
export async function requireFreeSlug(
  tx: Tx,
  { orgId, slug, exceptId }: { orgId: string; slug: string; exceptId?: string },
): Promise<void> {
  await lockName(tx, `product-mcp-slugs/${orgId}`);
  const taken = await tx.productMcp.findFirst({
    where: { orgId, slug, archivedAt: null, ...(exceptId !== undefined && { id: { not: exceptId } }) },
    select: { name: true },
  });
  if (taken)
    throw fieldError(
      'conflict',
      'slug',
      `The Product MCP "${taken.name}" has this address.`,
      'Choose another last part of the address.',
    );
}
