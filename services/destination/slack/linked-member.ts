import { z } from 'zod';
import { type Role, roles } from '../../../domain/role/role.ts';
import type { Deps } from '../../context/context.ts';

const role = z.enum(roles);

/** A Slack user in one organization: the linked member with their current role. */
export type LinkedMember = {
  organization: { slug: string; name: string };
  memberName: string;
  actor: { kind: 'slack'; id: string; orgId: string; role: Role };
};

/**
 * Finds the members that a Slack user is linked to, in organizations connected to the Slack workspace, oldest link
 * first. The actor's id is the member's, as elsewhere in the audit log. Not a use case: it finds out who acts.
 * @param user.orgId only in this organization
 */
export async function findLinkedMembers(
  { db }: Pick<Deps, 'db'>,
  user: { teamId: string; slackUserId: string; orgId?: string },
): Promise<LinkedMember[]> {
  const { teamId, slackUserId, orgId } = user;
  const rows = await db.slackUserLink.findMany({
    where: {
      teamId,
      slackUserId,
      ...(orgId !== undefined && { orgId }),
      organization: { slackInstallations: { some: { teamId, state: 'connected' } } },
    },
    orderBy: [{ linkedAt: 'asc' }, { orgId: 'asc' }],
    select: {
      orgId: true,
      userId: true,
      organization: { select: { slug: true, name: true } },
      member: { select: { role: true, user: { select: { name: true } } } },
    },
  });
  return rows.map((row) => ({
    organization: row.organization,
    memberName: row.member.user.name,
    actor: { kind: 'slack', id: row.userId, orgId: row.orgId, role: role.parse(row.member.role) },
  }));
}
