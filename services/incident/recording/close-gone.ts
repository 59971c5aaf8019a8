import type { Tx } from '../../../infra/db/index.ts';
import { findIncidentsOfRemoved } from '../../../infra/db/queries/incident.ts';
import { closeIn } from './close.ts';

/**
 * Closes the open incidents of subjects that were paused or deleted, after that, in the same transaction, without
 * notifications. A server without active monitors has no server incident; a deleted one (`serverIds`) has no incident
 * at all.
 */
export async function closeGoneIn(
  tx: Tx,
  of: {
    orgId: string;
    at: Date;
    monitorIds?: readonly string[];
    workflowIds?: readonly string[];
    serverIds?: readonly string[];
  },
): Promise<void> {
  const { orgId, at, monitorIds = [], workflowIds = [], serverIds = [] } = of;
  const incidents = await findIncidentsOfRemoved(tx, { orgId, monitorIds, workflowIds, serverIds });
  await closeIn(tx, { orgId, at, incidents, reason: 'gone' });
}
