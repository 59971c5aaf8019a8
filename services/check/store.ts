import { createCheckPartitions } from '../../infra/db/queries/check.ts';
import { getSqlState } from '../../infra/db/sql-state.ts';
import type { Deps } from '../context/context.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { startDeliveries } from '../delivery/start.ts';
import { observeChecksIn } from '../incident/recording/observe-checks.ts';
import { watchOutage } from '../incident/recording/outage.ts';
import type { CheckRow } from './result.ts';
import { writeChecksIn } from './write.ts';

export type StoreDeps = Pick<Deps, 'db' | 'temporal' | 'now' | 'log'>;

/**
 * Writes checks of one nominal time and records the new ones in the incidents, in one short transaction, then starts
 * the deliveries, and looks whether most servers fail. Those of paused and deleted monitors are only written. A second
 * call writes, counts and notifies nothing.
 * @param batch.answered whether the server has answered an earlier check of the same batch
 * @param batch.notRefused auth profiles of which an earlier check of the same batch was not refused
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
    notRefused?: ReadonlySet<string>;
  },
): Promise<{ written: number; deliveries: DeliveryRef[] }> {
  const { orgId, serverId, scheduledAt, checks, answered = false, notRefused } = batch;
  const store = () =>
    deps.db.$transaction(async (tx) => {
      const written = await writeChecksIn(tx, { ...batch, now: deps.now() });
      const active = new Map(written.filter(({ isActive }) => isActive).map((check) => [check.monitorId, check]));
      const observed = checks.filter(
        ({ monitorId, errorKind }) => active.has(monitorId) && errorKind !== 'not_reached',
      );
      if (observed.length === 0) return { written: written.length, deliveries: [] };
      const deliveries = await observeChecksIn(tx, deps, {
        orgId,
        serverId,
        answered,
        ...(notRefused && { notRefused }),
        checks: observed.map((check) => ({
          monitorId: check.monitorId,
          name: check.name,
          at: scheduledAt,
          outcome: check.outcome,
          errorKind: check.errorKind,
          serverFailure: check.serverFailure,
          profile: { id: check.authProfileId, refusal: check.refusal },
          message: describeFailure(check),
          latencyMs: check.latencyMs,
          degradedBy: check.degradedBy,
          canOpenIncident: !check.maintenance && active.get(check.monitorId)?.hasPassed === true,
        })),
      });
      return { written: written.length, deliveries };
    });
  const stored = await store().catch(async (error: unknown) => {
    if (getSqlState(error) !== checkViolation) throw error;
    await createCheckPartitions(deps.db, { from: scheduledAt, until: scheduledAt });
    return store();
  });
  await startDeliveries(deps, stored.deliveries);
  if (stored.written > 0 && checks.some(({ serverFailure }) => serverFailure !== null))
    await watchOutage(deps, { orgId });
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
