import { createCheckPartitions } from '../../infra/db/queries/check.ts';
import { getSqlState } from '../../infra/db/sql-state.ts';
import type { Deps } from '../context/context.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { startDeliveries } from '../delivery/start.ts';
import { observeChecksIn } from '../incident/recording/observe-checks.ts';
import type { CheckRow } from './result.ts';
import { writeChecksIn } from './write.ts';

export type StoreDeps = Pick<Deps, 'db' | 'temporal' | 'now' | 'log'>;

/**
 * Writes checks of one nominal time and records the new ones in the incidents, in one short transaction, then starts
 * the deliveries. A second call writes, counts and notifies nothing.
 * @param batch.answered whether the server has answered an earlier check of the same batch
 */
export async function storeChecks(
  deps: StoreDeps,
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
          message: describeFailure(check),
          latencyMs: check.latencyMs,
          degradedBy: check.degradedBy,
        })),
      });
      return { written: fresh.size, deliveries };
    });
  try {
    return await withDeliveriesStarted(deps, await store());
  } catch (error) {
    if (getSqlState(error) !== checkViolation) throw error;
    await createCheckPartitions(deps.db, { from: scheduledAt, until: scheduledAt });
    return await withDeliveriesStarted(deps, await store());
  }
}

async function withDeliveriesStarted<T extends { deliveries: DeliveryRef[] }>(deps: StoreDeps, stored: T): Promise<T> {
  if (stored.deliveries.length > 0) await startDeliveries(deps, stored.deliveries);
  return stored;
}

/** Why a check did not pass, for people. */
function describeFailure({ outcome, excerpt, degradedBy }: CheckRow): string | null {
  if (outcome === 'pass') return null;
  if (outcome === 'degraded') return degradedBy.join('\n');
  return excerpt ?? 'The tool returned an error. Results of this monitor are not stored.';
}

/**
 * SQLSTATE of a row that belongs to no partition, and of a violated CHECK constraint, which fails again after the
 * retry.
 */
const checkViolation = '23514';
