import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { sweepProposals } from '../../proposal/sweep.ts';
import { sweepRequests } from '../../request/idempotent-request.ts';
import { sweepAccounts } from './accounts.ts';
import { sweepPartitions, sweepRollUps } from './checks.ts';
import { sweepProductUsage } from './product-usage.ts';
import { sweepRuns } from './runs.ts';

/** Organizations of one page. */
const pageSize = 100;

/**
 * Deletes what is past its retention, for a page of this installation's organizations; with the first page also what
 * belongs to all.
 * @returns where the next page begins; null at the end
 */
export async function sweepOrganizations(
  deps: Deps,
  { after, onProgress = () => {} }: { after: string | null; onProgress?: () => void },
): Promise<{ after: string | null; proposalsDeleted: number }> {
  if (after === null) {
    await sweepAccounts(deps);
    await sweepRequests(deps);
  }
  const organizations = await deps.db.organization.findMany({
    ...(after !== null && { where: { id: { gt: after } } }),
    orderBy: { id: 'asc' },
    take: pageSize,
    select: { id: true },
  });
  if (after === null) {
    const partitions = await sweepPartitions(deps);
    if (partitions.partitionsDropped > 0) deps.log.info(partitions, 'old checks were dropped');
    onProgress();
  }
  let proposalsDeleted = 0;
  let rollUpsDeleted = 0;
  let runsDeleted = 0;
  for (const { id: orgId } of organizations) {
    const ctx = { deps, actor: { kind: 'system' as const, id: 'housekeeping', orgId }, requestId: newId() };
    for (let more = true; more; onProgress()) {
      const swept = await sweepProposals(ctx, {});
      proposalsDeleted += swept.deleted;
      more = swept.more;
    }
    rollUpsDeleted += await sweepRollUps(deps, { orgId, onProgress });
    runsDeleted += await sweepRuns(deps, { orgId, onProgress });
    await sweepProductUsage(deps, { orgId });
  }
  if (proposalsDeleted + rollUpsDeleted + runsDeleted > 0)
    deps.log.info({ proposalsDeleted, rollUpsDeleted, runsDeleted }, 'old rows were deleted');
  return { after: organizations.length === pageSize ? (organizations.at(-1)?.id ?? null) : null, proposalsDeleted };
}
