import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { alreadyApplied, proposalExpired } from './errors.ts';
import { lockProposal } from './lock.ts';
import { requireMayReject } from './reject.ts';

export const reopenProposalOutput = z.object({ proposalId: z.uuid(), state: z.literal('open') });

/**
 * Takes back that a proposal was rejected, as long as it could be applied. Allowed for those who may reject it.
 * Reopening an open one does nothing.
 * @throws ArmatureError `proposal_not_found`, `permission_denied`, `proposal_expired`, `conflict` (it was applied)
 */
export const reopenProposal = useCase({
  name: 'proposal.reopen',
  access: 'viewer',
  input: z.object({ proposalId: givenId }),
  async run({ orgId, actor, now, write }, { proposalId }): Promise<z.infer<typeof reopenProposalOutput>> {
    await write(
      async (tx) => {
        const row = await lockProposal(tx, { orgId, proposalId });
        await requireMayReject(tx, actor, row);
        if (row.state === 'applied') throw alreadyApplied();
        if (row.expiresAt <= now()) throw proposalExpired(row.expiresAt);
        if (row.state === 'open') return false;
        await tx.proposal.updateMany({
          where: { orgId, id: proposalId },
          data: { state: 'open', decidedAt: null, decidedByKind: null, decidedById: null, decisionReason: null },
        });
        return true;
      },
      (isNew) => (isNew ? { subject: proposalId, data: {} } : null),
    );
    return { proposalId, state: 'open' };
  },
});
