import { z } from 'zod';
import { refuseChange } from '../../domain/role/membership.ts';
import type { Role } from '../../domain/role/role.ts';
import { useCase } from '../context/use-case.ts';
import { findMember, refuse } from './lock.ts';
import { findLosses } from './losses.ts';
import { givenRole, userIdInput } from './schema.ts';

export type ChangePreview = {
  member: { userId: string; name: string; email: string; role: Role };
  /** API keys of theirs that the change revokes. */
  keys: { id: string; name: string; role: Role }[];
  /** Pending invitations of theirs that it revokes. */
  invitationCount: number;
  /** Alert rules that notify them in person, which it pauses. */
  rules: { id: string; name: string }[];
};

/**
 * Says what a change of a member's role, or their removal (`role` null), would end.
 * @throws ArmatureError `member_not_found`, `permission_denied` (the caller may not do it)
 */
export const previewMemberChange = useCase({
  name: 'member.preview_change',
  access: 'admin',
  input: z.object({ userId: userIdInput, role: givenRole.nullable().default(null) }),
  async run({ actor, db, orgId, now }, { userId, role }): Promise<ChangePreview> {
    const member = await findMember(db, { orgId, userId });
    if ('role' in actor)
      refuse(refuseChange({ by: actor.role, isSelf: actor.id === userId, from: member.role, to: role }));
    const { keys, invitationIds, rules } = await findLosses(db, { orgId, userId, to: role, now: now() });
    return {
      member: { userId, ...member.user, role: member.role },
      keys,
      invitationCount: invitationIds.length,
      rules,
    };
  },
});
