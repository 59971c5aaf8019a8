import { z } from 'zod';
import type { Tx } from '../../../infra/db/index.ts';
import { insertPinnedNames } from '../../../infra/db/queries/product-mcp.ts';
import type { ProductRef } from '../store.ts';

const operationRows = z.array(z.object({ operation: z.string(), name: z.string() }));

/** Keeps the names of operations that have none yet: agents and tests know a tool by its name. */
export const pinNames = (tx: Tx, { operations, ...ref }: ProductRef & { operations: unknown }): Promise<void> =>
  insertPinnedNames(tx, { ...ref, rows: operationRows.parse(operations) });
