import { atLeast, type Role } from './role.ts';

/** Roles that can be given. A workspace has one owner, and ownership is transferred. */
export const givenRoles = ['viewer', 'editor', 'admin'] as const;
export type GivenRole = (typeof givenRoles)[number];

/** Why a change of a member is refused: what is wrong, and what to do. */
export type Refusal = { message: string; remediation: string };

/**
 * Decides whether somebody may change the role of another member, or remove them.
 * @param change.to null: the member is removed
 * @returns null if they may
 */
export function refuseChange(change: { by: Role; isSelf: boolean; from: Role; to: GivenRole | null }): Refusal | null {
  const { by, isSelf, from, to } = change;
  if (isSelf)
    return to === null
      ? { message: "You can't remove yourself.", remediation: 'Leave the workspace instead.' }
      : { message: "You can't change your own role.", remediation: 'Ask the owner to change it.' };
  if (from === 'owner')
    return {
      message: "The owner can't be removed or given another role.",
      remediation: 'The owner can transfer the ownership to another member first.',
    };
  if (from === 'admin' && by !== 'owner')
    return {
      message: 'Only the owner can remove an admin or change their role.',
      remediation: 'Ask the owner of the workspace.',
    };
  return to === null || atLeast(by, to) ? null : refuseGiving(to, by);
}

/** Decides whether somebody may invite people with a role. @returns null if they may */
export const refuseInviting = (by: Role, role: GivenRole): Refusal | null =>
  atLeast(by, 'admin') && atLeast(by, role) ? null : refuseGiving(role, by);

const refuseGiving = (role: GivenRole, by: Role): Refusal => ({
  message: `You can't give the role ${role}: yours is ${by}.`,
  remediation: 'Choose your own role or a lower one.',
});
