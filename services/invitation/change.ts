import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenRoles, refuseInviting } from '../../domain/role/membership.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { givenId } from '../../domain/values/id.ts';
import type { Tx } from '../../infra/db/index.ts';
import { countAttempt, invitationLimit } from '../account/throttle.ts';
import { useCase } from '../context/use-case.ts';
import { lockAsCaller, refuse } from '../member/lock.ts';
import { newInvitationToken, sendInvitation } from './send.ts';
import { type InvitationView, toState, toView } from './view.ts';

/** Ends an invitation that was not used up. @throws ArmatureError `invitation_not_found` */
export const revokeInvitation = useCase({
  name: 'invitation.revoke',
  access: 'admin',
  input: z.object({ invitationId: givenId }),
  async run({ actor, orgId, now, write }, { invitationId }): Promise<{ id: string }> {
    await write(
      async (tx) => {
        await lockAsCaller(tx, { actor, orgId, needed: 'admin' });
        const row = await findInvitation(tx, { orgId, invitationId });
        const { count } = await tx.invitation.updateMany({
          where: { orgId, id: invitationId, revokedAt: null },
          data: { revokedAt: now() },
        });
        return { row, isNew: count > 0 };
      },
      ({ row, isNew }) => (isNew ? { subject: invitationId, data: { role: row.role, email: row.email } } : null),
    );
    return { id: invitationId };
  },
});

/**
 * Replaces the link of an invitation and lets it last seven more days; the earlier link no longer works.
 * @returns `url`: the link, which can't be read again; null if it was sent by e-mail
 * @throws ArmatureError `invitation_not_found`, `conflict` (used up or revoked), `permission_denied`, `rate_limited`
 */
export const resendInvitation = useCase({
  name: 'invitation.resend',
  access: 'admin',
  input: z.object({ invitationId: givenId }),
  async run(
    { actor, ctx, db, orgId, now, write },
    { invitationId },
  ): Promise<{ invitation: InvitationView; url: string | null }> {
    const { token, stored } = newInvitationToken(now());
    const { row, organization, creator } = await write(
      async (tx) => {
        const role = await lockAsCaller(tx, { actor, orgId, needed: 'admin' });
        const before = await findInvitation(tx, { orgId, invitationId });
        refuse(refuseInviting(role, oneOf(givenRoles, before.role)));
        const state = toState(before, now());
        if (state === 'used' || state === 'revoked')
          throw new ArmatureError('conflict', `The invitation was ${state}.`, 'Create another one.');
        const row = await tx.invitation.update({
          where: { orgId_id: { orgId, id: invitationId } },
          data: { ...stored, isSentByEmail: false },
        });
        const creator = await tx.user.findUnique({ where: { id: row.createdById }, select: { name: true } });
        return { row, creator, organization: await tx.organization.findUniqueOrThrow({ where: { id: orgId } }) };
      },
      ({ row }) => ({ subject: invitationId, data: { role: row.role, email: row.email } }),
    );
    if (row.email !== null) await countAttempt(db, invitationLimit, orgId, now());
    const { url } = await sendInvitation(ctx.deps, {
      ...row,
      token,
      invitedBy: creator?.name ?? 'Somebody',
      organization: organization.name,
    });
    return { invitation: toView(row, creator?.name ?? null, now()), url };
  },
});

async function findInvitation(tx: Tx, { orgId, invitationId }: { orgId: string; invitationId: string }) {
  const row = await tx.invitation.findFirst({ where: { orgId, id: invitationId } });
  if (row) return row;
  throw new ArmatureError(
    'invitation_not_found',
    'There is no such invitation in this workspace.',
    'List the invitations to see which there are.',
  );
}
