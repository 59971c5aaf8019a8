import { z } from 'zod';
import { refuseChange } from '../../domain/role/membership.ts';
import { useCase } from '../context/use-case.ts';
import { endMembership, toAuditData } from './end-membership.ts';
import { findMember, lockAsCaller, refuse } from './lock.ts';
import { userIdInput } from './schema.ts';

/**
 * Removes a member, from their next request on. Their account stays, and other workspaces of theirs.
 * @returns `revokedKeys`: names of the keys
 * @throws ArmatureError `member_not_found`, `permission_denied`
 */
export const removeMember = useCase({
  name: 'member.remove',
  access: 'admin',
  input: z.object({ userId: userIdInput }),
  async run(
    { actor, ctx, orgId, write },
    { userId },
  ): Promise<{ userId: string; name: string; revokedKeys: string[] }> {
    const { member, losses } = await write(
      async (tx) => {
        const by = await lockAsCaller(tx, { actor, orgId, needed: 'admin' });
        const member = await findMember(tx, { orgId, userId });
        refuse(refuseChange({ by, isSelf: actor.id === userId, from: member.role, to: null }));
        return { member, losses: await endMembership(tx, ctx, { orgId, userId }) };
      },
      ({ member, losses }) => ({
        subject: userId,
        data: { name: member.user.name, role: member.role, ...toAuditData(losses) },
      }),
    );
    return { userId, name: member.user.name, revokedKeys: losses.keys.map(({ name }) => name) };
  },
});
