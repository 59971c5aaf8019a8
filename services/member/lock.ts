import { ArmatureError } from '../../domain/error/error.ts';
import type { Refusal } from '../../domain/role/membership.ts';
import { atLeast, type Role, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Tx } from '../../infra/db/index.ts';
import { findApiKey } from '../../infra/db/queries/api-key.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import type { Actor } from '../context/context.ts';

/** Holds until the transaction ends: members, roles and invitations of an organization change one after the other. */
export const lockMembers = (tx: Tx, orgId: string): Promise<void> => lockName(tx, `members ${orgId}`);

/**
 * Locks the members, and reads the caller's role again: another change may have lowered it since the request began.
 * @throws ArmatureError `permission_denied`
 */
export async function lockAsCaller(
  tx: Tx,
  { actor, orgId, needed }: { actor: Actor; orgId: string; needed: Role },
): Promise<Role> {
  await lockMembers(tx, orgId);
  const role = await readRole(tx, actor);
  if (role === null || !atLeast(role, needed))
    throw new ArmatureError(
      'permission_denied',
      'Your role in this workspace was changed a moment ago.',
      'Reload the page to see what you may do now.',
      { neededRole: needed },
    );
  return role;
}

async function readRole(tx: Tx, actor: Actor): Promise<Role | null> {
  if (actor.kind === 'system') return 'owner';
  if (actor.kind === 'visitor') return null;
  if (actor.kind === 'api_key') {
    const key = await findApiKey(tx, actor.id);
    const isValid =
      key?.orgId === actor.orgId && key.creatorRole !== null && atLeast(oneOf(roles, key.creatorRole), actor.role);
    return isValid ? actor.role : null;
  }
  const member = await tx.member.findUnique({ where: { orgId_userId: { orgId: actor.orgId, userId: actor.id } } });
  return member && oneOf(roles, member.role);
}

/** @throws ArmatureError `member_not_found` */
export async function findMember(
  tx: Tx,
  { orgId, userId }: { orgId: string; userId: string },
): Promise<{ role: Role; user: { name: string; email: string } }> {
  const member = await tx.member.findUnique({
    where: { orgId_userId: { orgId, userId } },
    select: { role: true, user: { select: { name: true, email: true } } },
  });
  if (member) return { ...member, role: oneOf(roles, member.role) };
  throw new ArmatureError(
    'member_not_found',
    'There is no such member in this workspace.',
    'They may have left. List the members to see who there is.',
  );
}

/** @throws ArmatureError `permission_denied`, if there is a refusal */
export function refuse(refusal: Refusal | null): void {
  if (refusal) throw new ArmatureError('permission_denied', refusal.message, refusal.remediation);
}
