import { z } from 'zod';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import { definitionDiff, fieldDiff, workflowChanges } from '../../domain/workflow/proposal.ts';
import { useCase } from '../context/use-case.ts';
import { parseDefinition } from '../workflow/view.ts';
import { proposalNotFound } from './errors.ts';
import { included, proposalOutput, toProposalViews } from './view.ts';

export const getProposalOutput = proposalOutput.extend({
  changes: workflowChanges.nullable().describe('As they were proposed; null for a new workflow.'),
  definition: workflowDefinition.describe('The whole definition that applying it makes.'),
  diff: z.array(fieldDiff).describe('Against its base version; for a new workflow everything it says.'),
});
export type ProposalDetail = z.infer<typeof getProposalOutput>;

/** One proposal with its diff. @throws ArmatureError `proposal_not_found` */
export const getProposal = useCase({
  name: 'proposal.get',
  access: 'viewer',
  input: z.object({ proposalId: z.uuid() }),
  async run({ db, orgId, now }, { proposalId }): Promise<ProposalDetail> {
    const row = await db.proposal.findFirst({
      where: { orgId, id: proposalId },
      include: { ...included, baseVersion: { select: { number: true, definition: true } } },
    });
    if (!row) throw proposalNotFound();
    const [view] = await toProposalViews(db, { orgId, rows: [row], now: now() });
    if (!view) throw proposalNotFound();
    const definition = parseDefinition(row);
    return {
      ...view,
      changes: row.changes === null ? null : workflowChanges.parse(row.changes),
      definition,
      diff: definitionDiff(row.baseVersion && parseDefinition(row.baseVersion), definition),
    };
  },
});
