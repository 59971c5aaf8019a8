import { latencyBuckets, toBucket } from '../../domain/monitor/latency.ts';
import { dayMs, hourMs } from '../../domain/values/time.ts';
import type { Tx } from '../../infra/db/index.ts';
import { insertChecks } from '../../infra/db/queries/check.ts';
import type { CheckRow } from './result.ts';

const startOf = (time: Date, unitMs: number): Date => new Date(Math.floor(time.getTime() / unitMs) * unitMs);

/**
 * Writes checks of one nominal time, at most one of a monitor, with their roll-ups and their monitors' health. A check
 * that exists already stays as it is and counts once. @returns the monitors whose checks were written
 */
export async function writeChecksIn(
  tx: Tx,
  { orgId, scheduledAt, key, checks }: { orgId: string; scheduledAt: Date; key: string; checks: readonly CheckRow[] },
): Promise<Set<string>> {
  if (checks.length === 0) return new Set();
  return insertChecks(tx, {
    orgId,
    scheduledAt,
    key,
    hour: startOf(scheduledAt, hourMs),
    day: startOf(scheduledAt, dayMs),
    buckets: latencyBuckets.length,
    checks: checks.map(({ name: _, ...check }) => ({
      ...check,
      bucket: isAnswered(check) ? toBucket(check.latencyMs ?? 0) + 1 : null,
    })),
  });
}

const isAnswered = ({ outcome, latencyMs, maintenance }: Omit<CheckRow, 'name'>): boolean =>
  !maintenance && latencyMs !== null && outcome !== 'error';
