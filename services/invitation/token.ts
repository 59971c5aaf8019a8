import { ArmatureError } from '../../domain/error/error.ts';
import { type GivenRole, givenRoles, refuseInviting } from '../../domain/role/membership.ts';
import { roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Tx } from '../../infra/db/index.ts';
import { toHash } from '../account/link/link.ts';
import { lockMembers } from '../member/lock.ts';
import { toState } from './view.ts';

export type OpenInvitation = {
  id: string;
  orgId: string;
  role: GivenRole;
  email: string | null;
  isSentByEmail: boolean;
  expiresAt: Date;
  invitedBy: string;
  organization: { name: string; slug: string };
};

/**
 * Finds a pending invitation by its token. It ends with its creator's right to give its role.
 * @throws ArmatureError `invitation_invalid`
 */
export async function readInvitation(tx: Tx, token: string, now: Date): Promise<OpenInvitation> {
  const row = await tx.invitation.findUnique({
    where: { tokenHash: toHash(token) },
    include: { organization: { select: { name: true, slug: true } } },
  });
  if (!row || toState(row, now) !== 'pending') throw invalidInvitation();
  const { orgId, createdById: userId } = row;
  const creator = await tx.member.findUnique({
    where: { orgId_userId: { orgId, userId } },
    select: { role: true, user: { select: { name: true } } },
  });
  const role = oneOf(givenRoles, row.role);
  if (!creator || refuseInviting(oneOf(roles, creator.role), role)) throw invalidInvitation();
  return { ...row, role, invitedBy: creator.user.name };
}

/**
 * Makes a person a member by an invitation, which may be used once less then. A member stays as they are.
 * @returns whether the person is a new member
 * @throws ArmatureError `invitation_invalid`
 */
export async function spendInvitation(
  tx: Tx,
  { token, userId, now }: { token: string; userId: string; now: Date },
): Promise<{ invitation: OpenInvitation; isNew: boolean }> {
  const { orgId } = await readInvitation(tx, token, now);
  await lockMembers(tx, orgId);
  // Again, under the lock.
  const invitation = await readInvitation(tx, token, now);
  if (await tx.member.findUnique({ where: { orgId_userId: { orgId, userId } }, select: { userId: true } }))
    return { invitation, isNew: false };
  await tx.invitation.update({
    where: { orgId_id: { orgId, id: invitation.id } },
    data: { useCount: { increment: 1 } },
  });
  await tx.member.create({ data: { orgId, userId, role: invitation.role } });
  return { invitation, isNew: true };
}

const invalidInvitation = () =>
  new ArmatureError(
    'invitation_invalid',
    'This invitation was used, revoked, or has expired.',
    'Ask the person who invited you for another one.',
  );
