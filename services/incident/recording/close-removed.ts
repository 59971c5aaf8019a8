import type { EndReason } from '../../../domain/incident/incident.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { findIncidentsOfRemoved } from '../../../infra/db/queries/incident.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { closeIn } from './close.ts';

/**
 * Closes the open incidents of subjects that were paused or deleted, after that, in the same transaction. A server
 * without active monitors has no server incident; a deleted one (`serverIds`) has no incident at all.
 * @returns the deliveries to start after the commit
 */
export async function closeRemovedIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: {
    orgId: string;
    reason: EndReason;
    monitorIds?: readonly string[];
    workflowIds?: readonly string[];
    serverIds?: readonly string[];
  },
): Promise<DeliveryRef[]> {
  const { orgId, reason, monitorIds = [], workflowIds = [], serverIds = [] } = of;
  const incidents = await findIncidentsOfRemoved(tx, { orgId, monitorIds, workflowIds, serverIds });
  return (await closeIn(tx, deps, { orgId, incidents, reason })).deliveries;
}
