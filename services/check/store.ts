import { createCheckPartitions } from '../../infra/db/queries/check.ts';
import type { Deps } from '../context/context.ts';
import type { DeliveryRef } from '../delivery/ref.ts';
import { startDeliveries } from '../delivery/start.ts';
import { observeChecksIn } from '../incident/recording/observe-checks.ts';
import type { CheckRow } from './result.ts';
import { writeChecksIn } from './write.ts';

export type Storing = Pick<Deps, 'db' | 'temporal' | 'now' | 'log'>;

/**
 * Writes checks of one nominal time and takes those that are new to the incidents, in one short transaction; what is to be told is on its
 * way when this returns. Done twice it writes, counts and tells once.
 * @param batch.answered the server has answered another check of the same sweep, which is written already
 */
export async function storeChecks(
  deps: Storing,
  batch: {
    orgId: string;
    serverId: string;
    scheduledAt: Date;
    key: string;
    checks: readonly CheckRow[];
    answered?: boolean;
  },
): Promise<{ written: number; deliveries: DeliveryRef[] }> {
  const { orgId, serverId, scheduledAt, checks, answered = false } = batch;
  const store = () =>
    deps.db.$transaction(async (tx) => {
      const fresh = await writeChecksIn(tx, batch);
      const observed = checks.filter(({ monitorId, errorKind }) => fresh.has(monitorId) && errorKind !== 'not_reached');
      if (observed.length === 0) return { written: fresh.size, deliveries: [] };
      const deliveries = await observeChecksIn(tx, deps, {
        orgId,
        serverId,
        answered,
        checks: observed.map((check) => ({
          monitorId: check.monitorId,
          name: check.name,
          at: scheduledAt,
          outcome: check.outcome,
          errorKind: check.errorKind,
          message: messageOf(check),
          latencyMs: check.latencyMs,
          degradedBy: check.degradedBy,
        })),
      });
      return { written: fresh.size, deliveries };
    });
  try {
    return await started(deps, await store());
  } catch (error) {
    if (!isMissingPartition(error)) throw error;
    await createCheckPartitions(deps.db, { from: scheduledAt, until: scheduledAt });
    return await started(deps, await store());
  }
}

async function started<T extends { deliveries: DeliveryRef[] }>(deps: Storing, stored: T): Promise<T> {
  if (stored.deliveries.length > 0) await startDeliveries(deps, stored.deliveries);
  return stored;
}

/** Why a check did not pass, for people. */
function messageOf({ outcome, excerpt, degradedBy }: CheckRow): string | null {
  if (outcome === 'pass') return null;
  if (outcome === 'degraded') return degradedBy.join('\n');
  return excerpt ?? 'The tool answered with an error; results of this monitor are not stored.';
}

/** Postgres' words for a row that belongs to no partition; Prisma passes them on. */
const isMissingPartition = (error: unknown): boolean =>
  error instanceof Error && /no partition of relation "Check" found/.test(error.message);
