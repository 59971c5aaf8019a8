import type { Tx } from '../../../infra/db/index.ts';
import { findIncidentsOfRemoved } from '../../../infra/db/queries/incident.ts';
import { closeIn } from './close.ts';

/**
 * Closes what is open of subjects that were paused or deleted, in the transaction that does that (after it has). Nobody is told:
 * nothing recovered. A server without active monitors has no server incident either; a deleted one (`serverIds`) takes everything of
 * it along.
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
