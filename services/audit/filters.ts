import { z } from 'zod';
import { findAuditedActions } from '../../infra/db/queries/audit.ts';
import { useCase } from '../context/use-case.ts';

/** Members and keys of each that are offered. */
const maxOffered = 200;

/** What the audit log can be filtered by: the actions in it, and the members and API keys of the workspace. */
export const getAuditFilters = useCase({
  name: 'audit.filters',
  access: 'admin',
  input: z.object({}),
  async run({
    db,
    orgId,
  }): Promise<{ actions: string[]; actors: { id: string; name: string; kind: 'member' | 'api_key' }[] }> {
    const members = await db.member.findMany({
      where: { orgId },
      select: { userId: true, user: { select: { name: true } } },
      orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }],
      take: maxOffered,
    });
    const keys = await db.apiKey.findMany({
      where: { orgId },
      select: { id: true, name: true },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: maxOffered,
    });
    return {
      actions: await findAuditedActions(db, orgId),
      actors: [
        ...members.map(({ userId, user }) => ({ id: userId, name: user.name, kind: 'member' as const })),
        ...keys.map(({ id, name }) => ({ id, name, kind: 'api_key' as const })),
      ],
    };
  },
});
