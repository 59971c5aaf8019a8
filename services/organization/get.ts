import { z } from 'zod';
import { type Role, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { useCase } from '../context/use-case.ts';

/** The workspace, and who calls. `userProfileId` and `email`: of the member, or of who created the API key. */
export const getOrganization = useCase({
  name: 'organization.get',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId, actor }): Promise<{
    organization: { id: string; slug: string; name: string };
    actor: {
      apiKeyId: string | null;
      apiKeyName: string | null;
      userProfileId: string | null;
      role: Role | null;
      email: string | null;
    };
  }> {
    const organization = await db.organization.findUniqueOrThrow({
      where: { id: orgId },
      select: { id: true, slug: true, name: true },
    });
    const key =
      actor.kind === 'api_key'
        ? await db.apiKey.findFirst({
            where: { orgId, id: actor.id },
            select: { id: true, name: true, createdById: true },
          })
        : null;
    const userId = actor.kind === 'member' ? actor.id : (key?.createdById ?? null);
    const member =
      userId === null
        ? null
        : await db.member.findFirst({
            where: { orgId, userId },
            select: { userId: true, user: { select: { email: true } } },
          });
    return {
      organization,
      actor: {
        apiKeyId: key?.id ?? null,
        apiKeyName: key?.name ?? null,
        userProfileId: member?.userId ?? null,
        role: 'role' in actor ? oneOf(roles, actor.role) : null,
        email: member?.user.email ?? null,
      },
    };
  },
});
