import type { Tx } from '../../infra/db/index.ts';
import type { Context } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { carryOut, findLosses, type Losses } from './losses.ts';

/**
 * Ends a membership, with all that the member has in the workspace: API keys, invitations, Slack links (by their
 * foreign key), alert rules that notify them, incidents
 * that they look after. Not a use case: it runs under `lockMembers`.
 */
export async function endMembership(
  tx: Tx,
  ctx: Context,
  { orgId, userId }: { orgId: string; userId: string },
): Promise<Losses> {
  const now = ctx.deps.now();
  const losses = await findLosses(tx, { orgId, userId, to: null, now });
  await carryOut(tx, ctx, { ...losses, orgId, now });
  await unassign(tx, ctx, { orgId, userId, now });
  await tx.slackToken.deleteMany({ where: { orgId, userId } });
  await tx.member.delete({ where: { orgId_userId: { orgId, userId } } });
  return losses;
}

/** Nobody looks after their open incidents any longer, which the incidents say. */
async function unassign(tx: Tx, { actor }: Context, of: { orgId: string; userId: string; now: Date }): Promise<void> {
  const { orgId, userId, now } = of;
  const incidents = await tx.incident.updateManyAndReturn({
    where: { orgId, assigneeId: userId, closedAt: null },
    data: { assigneeId: null },
    select: { id: true },
  });
  await tx.incidentUpdate.createMany({
    data: incidents.map(({ id }) => ({
      id: newId(),
      orgId,
      incidentId: id,
      at: now,
      kind: 'assigned',
      createdBy: `${actor.kind}:${actor.id}`,
    })),
  });
}

/** For the audit log. */
export const toAuditData = ({ keys, invitationIds, rules }: Losses) => ({
  revokedKeys: keys.map(({ id }) => id),
  revokedInvitations: invitationIds,
  pausedRules: rules.map(({ id }) => id),
});
