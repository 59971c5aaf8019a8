import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast } from '../../domain/role/role.ts';
import { hasNoOwnKey, ownKeyProblem } from '../../domain/secret/own-key.ts';
import { givenId } from '../../domain/values/id.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { ProposalModel } from '../../prisma/generated/models.ts';
import type { Actor } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import { alreadyApplied } from './errors.ts';
import { lockProposal } from './lock.ts';

export const rejectProposalOutput = z.object({ proposalId: z.uuid(), state: z.literal('rejected') });

/**
 * Rejects a proposal. Allowed for its proposer, the member whose API key proposed it, and editors. Rejecting it again
 * does nothing.
 * @throws ArmatureError `proposal_not_found`, `permission_denied`, `conflict` (it was applied)
 */
export const rejectProposal = useCase({
  name: 'proposal.reject',
  access: 'viewer',
  input: z.object({
    proposalId: givenId,
    reason: z.string().trim().max(2000).refine(hasNoOwnKey, ownKeyProblem).optional(),
  }),
  async run({ orgId, actor, now, write }, { proposalId, reason }): Promise<z.infer<typeof rejectProposalOutput>> {
    await write(
      async (tx) => {
        const row = await lockProposal(tx, { orgId, proposalId });
        await requireMayReject(tx, actor, row);
        if (row.state === 'applied') throw alreadyApplied();
        if (row.state === 'rejected') return false;
        await tx.proposal.updateMany({
          where: { orgId, id: proposalId },
          data: {
            state: 'rejected',
            decidedAt: now(),
            decidedByKind: actor.kind,
            decidedById: actor.id,
            decisionReason: reason || null,
          },
        });
        return true;
      },
      (isNew) => (isNew ? { subject: proposalId, data: { ...(reason && { reason }) } } : null),
    );
    return { proposalId, state: 'rejected' };
  },
});

/** @throws ArmatureError `permission_denied` */
export async function requireMayReject(tx: Tx, actor: Actor, row: ProposalModel): Promise<void> {
  if (await mayReject(tx, actor, row)) return;
  throw new ArmatureError(
    'permission_denied',
    "Rejecting someone else's proposal needs the editor role.",
    'Ask its proposer or an editor of the workspace to reject it.',
    { neededRole: 'editor' },
  );
}

async function mayReject(tx: Tx, actor: Actor, row: ProposalModel): Promise<boolean> {
  if (actor.kind === 'visitor') return false;
  if (actor.kind === 'system' || atLeast(actor.role, 'editor')) return true;
  if (row.proposedByKind === actor.kind && row.proposedById === actor.id) return true;
  if (actor.kind !== 'member' || row.proposedByKind !== 'api_key') return false;
  const ownKey = await tx.apiKey.findFirst({
    where: { orgId: row.orgId, id: row.proposedById, createdById: actor.id },
    select: { id: true },
  });
  return ownKey !== null;
}
