import { z } from 'zod';
import { escapeLike } from '../../infra/db/queries/like.ts';
import { afterPosition, readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { type ServerView, toServerView } from './view.ts';

export type ListedServer = ServerView & { toolCount: number; workflowCount: number; authProfileCount: number };

/** The servers of the workspace, newest first, by keyset. Deleted ones only with `archived`. */
export const listServers = useCase({
  name: 'server.list',
  access: 'viewer',
  input: z.object({
    search: z.string().trim().max(200).optional(),
    archived: z.boolean().default(false),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(100).default(50),
  }),
  async run(
    { db, orgId },
    { search, archived, cursor, limit },
  ): Promise<{ servers: ListedServer[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const rows = await db.server.findMany({
      where: {
        orgId,
        archivedAt: archived ? { not: null } : null,
        ...(search && { OR: [contains('name', search), contains('url', search)] }),
        ...(after && { AND: [afterPosition(after)] }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: {
        _count: {
          select: {
            tools: { where: { active: true } },
            workflows: { where: { state: { not: 'archived' } } },
            authProfiles: { where: { archivedAt: null } },
          },
        },
      },
    });
    const { items, nextCursor } = toPage(rows, limit);
    return {
      servers: items.map((row) => ({
        ...toServerView(row),
        toolCount: row._count.tools,
        workflowCount: row._count.workflows,
        authProfileCount: row._count.authProfiles,
      })),
      nextCursor,
    };
  },
});

const contains = (field: 'name' | 'url', search: string) => ({
  [field]: { contains: escapeLike(search), mode: 'insensitive' as const },
});
