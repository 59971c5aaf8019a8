import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast, type Role, roles } from '../../../domain/role/role.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import { useCase } from '../../context/use-case.ts';
import { issueLink } from '../link/link.ts';
import { requirePerson } from '../person.ts';

/** It is passed on by hand. */
const lifetimeHours = 24;

/**
 * Creates a link with which a member chooses a new password. It is returned once.
 * @throws ArmatureError `member_not_found`, `permission_denied` (not below the caller's role, or in other workspaces)
 */
export const createResetLink = useCase({
  name: 'account.create_reset_link',
  access: 'admin',
  input: z.object({ userId: z.string().min(1).max(100) }),
  async run({ actor, ctx, orgId, write }, { userId }): Promise<{ url: string; expiresAt: string }> {
    requirePerson(actor);
    const { url, expiresAt } = await write(
      async (tx) => {
        const member = await tx.member.findUnique({
          where: { orgId_userId: { orgId, userId } },
          select: { role: true, user: { select: { email: true, members: { select: { orgId: true } } } } },
        });
        if (!member)
          throw new ArmatureError(
            'member_not_found',
            'There is no such member in this workspace.',
            'They may have left. List the members to see who there is.',
          );
        if (!('role' in actor) || !isBelow(oneOf(roles, member.role), actor.role))
          throw new ArmatureError(
            'permission_denied',
            `Only someone with a role above ${member.role} can create this link.`,
            'Ask them to request a new password on the sign-in page.',
          );
        // Whoever has the link can sign in as that person, in every workspace.
        if (member.user.members.some((other) => other.orgId !== orgId))
          throw new ArmatureError(
            'permission_denied',
            'This person belongs to other workspaces too, so only they can reset their password.',
            'Ask them to request a new password on the sign-in page.',
          );
        return issueLink(
          { ...ctx.deps, db: tx },
          { purpose: 'reset_password', userId, email: member.user.email, hours: lifetimeHours },
        );
      },
      { subject: userId },
    );
    return { url, expiresAt: expiresAt.toISOString() };
  },
});

const isBelow = (role: Role, other: Role): boolean => role !== other && atLeast(other, role);
