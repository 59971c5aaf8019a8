import { dayMs } from '../../../domain/values/time.ts';
import { createCheckPartitions, deleteRollUps, dropCheckPartitions } from '../../../infra/db/queries/check.ts';
import type { Deps } from '../../context/context.ts';

/**
 * Days whose partitions are created ahead. Housekeeping may be down for as long; then the writer of checks creates
 * them.
 */
const daysAhead = 7;
const chunkSize = 5000;

/** Creates the partitions of the coming days and drops those past their retention. */
export async function sweepPartitions(
  deps: Pick<Deps, 'db' | 'config' | 'now'>,
): Promise<{ partitionsMade: number; partitionsDropped: number }> {
  const today = deps.now();
  const day = (offset: number) => new Date(today.getTime() + offset * dayMs);
  return {
    partitionsMade: await createCheckPartitions(deps.db, { from: today, until: day(daysAhead) }),
    partitionsDropped: await dropCheckPartitions(deps.db, { before: day(-deps.config.checkRetentionDays) }),
  };
}

/** Deletes an organization's roll-ups past their retention, a few thousand at a time. @returns how many */
export async function sweepRollUps(
  { db, config, now }: Pick<Deps, 'db' | 'config' | 'now'>,
  { orgId, onProgress }: { orgId: string; onProgress: () => void },
): Promise<number> {
  const before = now();
  // The same day of an earlier month, or the first of the next where that month is shorter.
  before.setUTCMonth(before.getUTCMonth() - config.rollUpRetentionMonths);
  let deleted = 0;
  for (let hasMore = true; hasMore; onProgress()) {
    const { hours, days } = await deleteRollUps(db, { orgId, before, limit: chunkSize });
    deleted += hours + days;
    hasMore = hours === chunkSize || days === chunkSize;
  }
  return deleted;
}
