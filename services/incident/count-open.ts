import { z } from 'zod';
import { useCase } from '../context/use-case.ts';

/** Counts the workspace's open incidents, absorbed ones left out, up to a hundred. */
export const countOpenIncidents = useCase({
  name: 'incident.count_open',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId }): Promise<{ count: number }> {
    const open = await db.incident.findMany({
      where: { orgId, closedAt: null, parentId: null },
      select: { id: true },
      take: 100,
    });
    return { count: open.length };
  },
});
