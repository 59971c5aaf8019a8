import type { Tx } from '../index.ts';

/** Locks a proposal's row until the transaction ends: decisions on it run one after the other. */
export async function lockProposalRow(
  tx: Tx,
  { orgId, proposalId }: { orgId: string; proposalId: string },
): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Proposal" WHERE "orgId" = ${orgId}::uuid AND "id" = ${proposalId}::uuid FOR UPDATE`;
}
