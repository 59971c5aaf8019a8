import { z } from 'zod';
import { type Role, roles } from '../../../domain/role/role.ts';
import type { Deps } from '../../context/context.ts';

const role = z.enum(roles);

/** What a Slack user is in one organization: the member that they linked, with the role of this moment. */
export type LinkedMember = {
  organization: { slug: string; name: string };
  memberName: string;
  actor: { kind: 'slack'; id: string; orgId: string; role: Role };
};

/**
 * Who a Slack user is, in every organization that they linked themselves to and that is connected to their Slack workspace; the oldest
 * link first. The actor's id is the member's, as in the audit log of what they do elsewhere. Not a use case: it says who acts.
 * @param of.orgId that organization alone.
 */
export async function linkedMembers(
  { db }: Pick<Deps, 'db'>,
  of: { teamId: string; slackUserId: string; orgId?: string },
): Promise<LinkedMember[]> {
  const { teamId, slackUserId, orgId } = of;
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
