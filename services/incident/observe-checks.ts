import type { CheckErrorKind, CheckOutcome } from '../../domain/monitor.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { DeliveryRef } from '../alert/delivery-ref.ts';
import type { Deps } from '../context.ts';

/** A check that was carried out, as incidents see it. Texts are redacted. */
export type ObservedCheck = {
  monitorId: string;
  /** The monitor's. */
  name: string;
  /** Nominal time. */
  at: Date;
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  /** Why it failed, for people. */
  message: string | null;
  latencyMs: number | null;
  degradedBy: readonly string[];
};

/**
 * Takes the checks of one batch of one server to the incidents of its monitors and its own, in the transaction that inserts them (those
 * that it inserted, none of another call). The deliveries are written with them and started after the commit. Checks that were not
 * reached are left out. All passing with nothing open costs one query.
 */
export async function observeChecksIn(
  _tx: Tx,
  _deps: Pick<Deps, 'now'>,
  _batch: { orgId: string; serverId: string; checks: readonly ObservedCheck[] },
): Promise<DeliveryRef[]> {
  return [];
}
