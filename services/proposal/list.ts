import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { proposalStates } from '../../domain/workflow/proposal.ts';
import { afterPosition, readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { proposalInclude, proposalOutput, toProposalViews } from './view.ts';

export const listProposalsOutput = z.object({
  proposals: z.array(proposalOutput),
  nextCursor: z.string().nullable(),
});

/** Lists the workspace's proposals, newest first. `expired`: not decided within 24 hours. */
export const listProposals = useCase({
  name: 'proposal.list',
  access: 'viewer',
  input: z.object({
    state: z.enum(proposalStates).optional(),
    workflowId: givenId.optional(),
    serverId: givenId.optional(),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(200).default(20),
  }),
  async run(
    { db, orgId, now },
    { state, workflowId, serverId, cursor, limit },
  ): Promise<z.infer<typeof listProposalsOutput>> {
    const at = now();
    const after = readCursor(cursor);
    const rows = await db.proposal.findMany({
      where: {
        orgId,
        ...(workflowId !== undefined && { workflowId }),
        ...(serverId !== undefined && { serverId }),
        ...(state === 'expired'
          ? { state: 'open', expiresAt: { lte: at } }
          : state === 'open'
            ? { state, expiresAt: { gt: at } }
            : state && { state }),
        ...(after && afterPosition(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: proposalInclude,
    });
    const { items, nextCursor } = toPage(rows, limit);
    return { proposals: await toProposalViews(db, { orgId, rows: items, now: at }), nextCursor };
  },
});
