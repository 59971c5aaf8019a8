import { latencyBuckets, toBucket } from '../../domain/monitor/latency.ts';
import { maxClockSkewMs } from '../../domain/values/clock.ts';
import { dayMs, hourMs } from '../../domain/values/time.ts';
import type { Tx } from '../../infra/db/index.ts';
import { insertChecks, type WrittenCheck } from '../../infra/db/queries/check.ts';
import type { CheckRow } from './result.ts';

const startOf = (time: Date, unitMs: number): Date => new Date(Math.floor(time.getTime() / unitMs) * unitMs);

/**
 * Writes checks of one nominal time, at most one of a monitor, with their roll-ups and their monitors' health. A check
 * that exists already stays as it is and counts once. That of a monitor that isn't active is only listed.
 * @returns the checks that were written
 */
export async function writeChecksIn(
  tx: Tx,
  {
    orgId,
    scheduledAt,
    key,
    checks,
    now,
  }: { orgId: string; scheduledAt: Date; key: string; checks: readonly CheckRow[]; now: Date },
): Promise<WrittenCheck[]> {
  if (checks.length === 0) return [];
  return insertChecks(tx, {
    orgId,
    scheduledAt,
    key,
    hour: startOf(scheduledAt, hourMs),
    day: startOf(scheduledAt, dayMs),
    buckets: latencyBuckets.length,
    credibleUntil: new Date(now.getTime() + maxClockSkewMs),
    checks: checks.map(({ name: _, authProfileId: __, refusal: ___, ...check }) => ({
      ...check,
      bucket: isAnswered(check) ? toBucket(check.latencyMs ?? 0) + 1 : null,
    })),
  });
}

const isAnswered = ({
  outcome,
  latencyMs,
  maintenance,
}: Pick<CheckRow, 'outcome' | 'latencyMs' | 'maintenance'>): boolean =>
  !maintenance && latencyMs !== null && outcome !== 'error';
