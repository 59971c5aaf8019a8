import { z } from 'zod';
import { requirePerson } from '../account/person.ts';
import { fieldError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { toAuditData } from './end-membership.ts';
import { findMember, lockAsCaller } from './lock.ts';
import { carryOut, findLosses } from './losses.ts';
import { userIdInput } from './schema.ts';

/**
 * Makes another member the owner, and the caller an admin, whose API keys with the role owner are revoked.
 * @throws ArmatureError `member_not_found`, `permission_denied` (not the owner in person), `validation_failed` (to
 *   themselves)
 */
export const transferOwnership = useCase({
  name: 'member.transfer_ownership',
  access: 'owner',
  input: z.object({ userId: userIdInput }),
  async run(
    { actor, ctx, orgId, now, write },
    { userId },
  ): Promise<{ userId: string; name: string; revokedKeys: string[] }> {
    const { userId: ownId } = requirePerson(actor);
    const { member, losses } = await write(
      async (tx) => {
        await lockAsCaller(tx, { actor, orgId, needed: 'owner' });
        const member = await findMember(tx, { orgId, userId });
        if (userId === ownId)
          throw fieldError('validation_failed', 'userId', 'You are the owner already.', 'Choose another member.');
        // The unique index on owners is checked at once, so the old one goes first.
        await tx.member.update({ where: { orgId_userId: { orgId, userId: ownId } }, data: { role: 'admin' } });
        await tx.member.update({ where: { orgId_userId: { orgId, userId } }, data: { role: 'owner' } });
        const losses = await findLosses(tx, { orgId, userId: ownId, to: 'admin', now: now() });
        await carryOut(tx, ctx, { ...losses, orgId, now: now() });
        return { member, losses };
      },
      ({ member, losses }) => ({ subject: userId, data: { from: member.role, ...toAuditData(losses) } }),
    );
    return { userId, name: member.user.name, revokedKeys: losses.keys.map(({ name }) => name) };
  },
});
