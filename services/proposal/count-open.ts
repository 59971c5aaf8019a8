import { z } from 'zod';
import { useCase } from '../context/use-case.ts';

/** Counts the workspace's proposals that can be applied or rejected, up to a hundred. */
export const countOpenProposals = useCase({
  name: 'proposal.count_open',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId, now }): Promise<{ count: number }> {
    const open = await db.proposal.findMany({
      where: { orgId, state: 'open', expiresAt: { gt: now() } },
      select: { id: true },
      take: 100,
    });
    return { count: open.length };
  },
});
