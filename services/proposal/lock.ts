import type { Tx } from '../../infra/db/index.ts';
import { lockProposalRow } from '../../infra/db/queries/proposal.ts';
import type { ProposalModel } from '../../prisma/generated/models.ts';
import { proposalNotFound } from './errors.ts';

/** Takes the proposal's row lock, which serializes decisions on it. @throws ArmatureError `proposal_not_found` */
export async function lockProposal(
  tx: Tx,
  { orgId, proposalId }: { orgId: string; proposalId: string },
): Promise<ProposalModel> {
  await lockProposalRow(tx, { orgId, proposalId });
  const row = await tx.proposal.findFirst({ where: { orgId, id: proposalId } });
  if (!row) throw proposalNotFound();
  return row;
}
