import { z } from 'zod';
import type { Tx } from '../../../infra/db/index.ts';
import type { ProductRef } from '../store.ts';

const rows = z.array(z.object({ operation: z.string(), name: z.string() }));

/** Keeps the names of operations that have none yet: agents and tests know a tool by its name. */
export async function pinNames(
  tx: Tx,
  { orgId, productMcpId, operations }: ProductRef & { operations: unknown },
): Promise<void> {
  const known = await tx.productMcpTool.findMany({
    where: { orgId, productMcpId },
    select: { operation: true, pinnedName: true },
  });
  const pinned = new Map(known.map(({ operation, pinnedName }) => [operation, pinnedName]));
  const missing = rows.parse(operations).filter(({ operation }) => !pinned.get(operation));
  await tx.productMcpTool.createMany({
    data: missing
      .filter(({ operation }) => !pinned.has(operation))
      .map(({ operation, name }) => ({ orgId, productMcpId, operation, pinnedName: name })),
  });
  for (const { operation, name } of missing.filter((each) => pinned.has(each.operation)))
    await tx.productMcpTool.update({
      where: { orgId_productMcpId_operation: { orgId, productMcpId, operation } },
      data: { pinnedName: name },
    });
}
