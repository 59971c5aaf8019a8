import { z } from 'zod';
import { refuseChange } from '../../domain/role/membership.ts';
import type { Role } from '../../domain/role/role.ts';
import { useCase } from '../context/use-case.ts';
import { toAuditData } from './end-membership.ts';
import { findMember, lockAsCaller, refuse } from './lock.ts';
import { carryOut, findLosses } from './losses.ts';
import { givenRole, userIdInput } from './schema.ts';

/**
 * Gives a member another role. A lower one revokes their API keys above it and, below admin, their invitations.
 * @returns `revokedKeys`: names of the keys
 * @throws ArmatureError `member_not_found`, `permission_denied`
 */
export const changeMemberRole = useCase({
  name: 'member.change_role',
  access: 'admin',
  input: z.object({ userId: userIdInput, role: givenRole }),
  async run(
    { actor, ctx, orgId, now, write },
    { userId, role: to },
  ): Promise<{ userId: string; name: string; role: Role; revokedKeys: string[] }> {
    const { member, losses } = await write(
      async (tx) => {
        const by = await lockAsCaller(tx, { actor, orgId, needed: 'admin' });
        const member = await findMember(tx, { orgId, userId });
        refuse(refuseChange({ by, isSelf: actor.id === userId, from: member.role, to }));
        const losses = await findLosses(tx, { orgId, userId, to, now: now() });
        await tx.member.update({ where: { orgId_userId: { orgId, userId } }, data: { role: to } });
        await carryOut(tx, ctx, { ...losses, orgId, now: now() });
        return { member, losses };
      },
      ({ member, losses }) =>
        member.role === to ? null : { subject: userId, data: { from: member.role, to, ...toAuditData(losses) } },
    );
    return { userId, name: member.user.name, role: to, revokedKeys: losses.keys.map(({ name }) => name) };
  },
});
