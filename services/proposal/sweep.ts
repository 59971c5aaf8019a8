import { z } from 'zod';
import { keptMs } from '../../domain/workflow/proposal.ts';
import { useCase } from '../context/use-case.ts';

/** Deletes at most `limit` proposals that were not applied within seven days. `more`: whether any are left. */
export const sweepProposals = useCase({
  name: 'proposal.sweep',
  access: 'system',
  input: z.object({ limit: z.int().min(1).max(1000).default(500) }),
  async run({ orgId, now, write }, { limit }): Promise<{ deleted: number; more: boolean }> {
    const before = new Date(now().getTime() - keptMs);
    const old = { orgId, state: { not: 'applied' }, createdAt: { lte: before } };
    const ids = await write(
      async (tx) => {
        const rows = await tx.proposal.findMany({
          where: old,
          orderBy: { createdAt: 'asc' },
          take: limit,
          select: { id: true },
        });
        const ids = rows.map(({ id }) => id);
        // Checks the state again, since a proposal may have been applied in between.
        if (ids.length > 0) await tx.proposal.deleteMany({ where: { ...old, id: { in: ids } } });
        return ids;
      },
      (deleted) => (deleted.length > 0 ? { subject: null, data: { proposals: deleted } } : null),
    );
    return { deleted: ids.length, more: ids.length === limit };
  },
});
