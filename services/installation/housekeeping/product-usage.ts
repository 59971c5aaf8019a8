import { dayMs } from '../../../domain/values/time.ts';
import { deleteProductUsage } from '../../../infra/db/queries/product-mcp.ts';
import type { Deps } from '../../context/context.ts';

/** The page shows 90 days at most. */
const keptDays = 92;

/** Deletes the usage of Product MCPs that no page shows any more. @returns how many rows */
export const sweepProductUsage = (
  { db, now }: Pick<Deps, 'db' | 'now'>,
  { orgId }: { orgId: string },
): Promise<number> => deleteProductUsage(db, { orgId, before: new Date(now().getTime() - keptDays * dayMs) });
