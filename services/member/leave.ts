import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { requirePerson } from '../account/person.ts';
import { useCase } from '../context/use-case.ts';
import { endMembership, toAuditData } from './end-membership.ts';
import { lockAsCaller } from './lock.ts';

/**
 * Ends the caller's membership. The owner transfers the ownership first.
 * @throws ArmatureError `conflict` (the owner), `permission_denied` (not a signed-in person)
 */
export const leaveWorkspace = useCase({
  name: 'member.leave',
  access: 'viewer',
  input: z.object({}),
  async run({ actor, ctx, orgId, write }): Promise<{ left: true }> {
    const { userId } = requirePerson(actor);
    await write(
      async (tx) => {
        if ((await lockAsCaller(tx, { actor, orgId, needed: 'viewer' })) === 'owner')
          throw new ArmatureError(
            'conflict',
            "The owner can't leave the workspace.",
            'Transfer the ownership to another member first, or delete the workspace.',
          );
        return endMembership(tx, ctx, { orgId, userId });
      },
      (losses) => ({ subject: userId, data: toAuditData(losses) }),
    );
    return { left: true };
  },
});
