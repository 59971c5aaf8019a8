import { dayMs } from '../../../domain/values/time.ts';
import { createCheckPartitions, deleteRollUps, dropCheckPartitions } from '../../../infra/db/queries/check.ts';
import type { Deps } from '../../context/context.ts';

/** Days whose partitions are made ahead. Housekeeping may be away for as long; then the writer of checks makes them. */
const daysAhead = 7;
const chunk = 5000;

/** Makes the partitions of the days to come and drops those whose time is over. */
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

/** Deletes an organization's roll-ups whose time is over, some thousand at a time. @returns how many */
export async function sweepRollUps(
  { db, config, now }: Pick<Deps, 'db' | 'config' | 'now'>,
  { orgId, onProgress }: { orgId: string; onProgress: () => void },
): Promise<number> {
  const time = now();
  // The same day of an earlier month, or the first of the next where that month is shorter.
  time.setUTCMonth(time.getUTCMonth() - config.rollUpRetentionMonths);
  let deleted = 0;
  for (let more = true; more; onProgress()) {
    const { hours, days } = await deleteRollUps(db, { orgId, before: time, limit: chunk });
    deleted += hours + days;
    more = hours === chunk || days === chunk;
  }
  return deleted;
}
